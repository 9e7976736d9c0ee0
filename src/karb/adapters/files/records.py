"""What both readers say about a record, or a file, that cannot be used."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from karb.adapters.files.paths import Source
from karb.errors import DataError


class BadRecord(msgspec.Struct, frozen=True):
    """One record that was left out: where it stands (`FILE:LINE`), and what is wrong with it.

    `ticker` is the market's, where it could be read; odds have none. Build it with
    `bad_record`, so that nothing in it can act on a terminal.
    """

    origin: str
    ticker: str | None
    problem: str


def bad_record(origin: str, ticker: str | None, problem: str) -> BadRecord:
    """A record that was left out, with what it says made printable.

    Files come from other people, and their names and texts are shown: an escape sequence in
    one must not clear the screen or write a line that karb never said.
    """
    return BadRecord(printable(origin), ticker and printable(ticker), printable(problem))


def printable(text: str) -> str:
    """The text on one line, with whatever a terminal would act on spelled out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


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
        bad.append(bad_record(str(source.path), None, problem))
