"""Which order books need a snapshot from the exchange, and when to ask for one again.

There is one rule for everything that can happen to a book: a market that is followed and
whose book does not stand is asked for, again and again, later each time. It makes no
difference whether a message was missed, a level fell below nothing, a text could not be
read or a snapshot never came. A crossed book may be half of a trade in two messages, so it
is given a moment to part.
"""

from collections.abc import Collection, Iterable, Mapping

from karb.domain.market.book import Book
from karb.domain.units import MILLISECOND, SECOND, Nanos

CROSSED: Nanos = 500 * MILLISECOND
"""How long a book may stay crossed before it is asked for."""
FIRST: Nanos = 500 * MILLISECOND
LONGEST: Nanos = 30 * SECOND
HURRY: Nanos = 50 * MILLISECOND
"""After a gap a book is asked for again at once, if it was not asked for just now."""


class _Broken:
    """A book that does not stand: since when, and when to ask for it again."""

    __slots__ = ("again", "asked", "times")

    def __init__(self, again: Nanos) -> None:
        self.again = again
        self.asked: Nanos | None = None
        self.times = 0


class Mending:
    """Looks at the books of one connection; `books` is read and never written."""

    def __init__(self, books: Mapping[str, Book]) -> None:
        self._books = books
        self._broken: dict[str, _Broken] = {}

    def expect(self, tickers: Collection[str], now: Nanos) -> None:
        """The snapshots of these are on their way, because they are followed from now on."""
        self._broken.update((ticker, _Broken(now + FIRST)) for ticker in tickers)

    def hurry(self) -> None:
        """All books were lost just now: what was asked before that is worth nothing."""
        for broken in self._broken.values():
            if broken.asked is not None:
                broken.times = 0
                broken.again = min(broken.again, broken.asked + HURRY)

    def again(self, tickers: Iterable[str], now: Nanos) -> None:
        """These were asked for together and refused: ask at once, in other company."""
        for ticker in tickers:
            if (broken := self._broken.get(ticker)) is not None:
                broken.again = now

    def due(self, held: Collection[str], now: Nanos) -> list[str]:
        """The markets to ask a snapshot for now; they count as asked."""
        due: list[str] = []
        for ticker in held:
            book = self._books.get(ticker)
            if book is not None and book.live:
                self._broken.pop(ticker, None)
                continue
            broken = self._broken.get(ticker)
            if broken is None:
                crossed = book is not None and not book.needs_snapshot
                broken = self._broken[ticker] = _Broken(now + CROSSED if crossed else now)
            if now >= broken.again:
                broken.again = now + min(LONGEST, FIRST * 2**broken.times)
                broken.asked, broken.times = now, broken.times + 1
                due.append(ticker)
        return due

    @property
    def broken(self) -> int:
        """How many of the markets that were looked at last do not stand."""
        return len(self._broken)
