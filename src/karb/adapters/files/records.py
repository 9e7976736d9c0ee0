"""What both readers say about a record that cannot be used."""

from collections.abc import Sequence

import msgspec

from karb.errors import DataError


class BadRecord(msgspec.Struct, frozen=True):
    """One record that was left out: where it stands (`FILE:LINE`), and what is wrong with it.

    `ticker` is the market's, where it could be read; odds have none.
    """

    origin: str
    ticker: str | None
    problem: str


def none_usable(bad: Sequence[BadRecord], what: str) -> DataError:
    """The error for input of which nothing could be used; it tells the first reason."""
    first, more = bad[0], len(bad) - 1
    others = f" (and {more} more)" if more else ""
    return DataError(
        f"{first.origin}: {first.problem}{others}",
        means=f"there is no usable {what} in the input",
        do="mend the record named, or give the exchange's or source's answers unchanged",
    )
