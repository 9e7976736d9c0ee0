"""What both readers say about a record, or a file, that cannot be used."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from karb.adapters.files.paths import Source
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


@contextmanager
def bad_file_left_out(source: Source, bad: list[BadRecord]) -> Iterator[None]:
    """Read one file; when it is bad, stop if the person named it, else note it and go on.

    A folder of captures may hold one that was cut off: it must not take the others with it.
    """
    try:
        yield
    except DataError as error:
        if source.named:
            raise
        what = error.what.removeprefix(f"{source.path}:").lstrip()
        problem = "; ".join(part for part in (what, error.do) if part)
        bad.append(BadRecord(str(source.path), None, problem))
