"""Which order books need a snapshot from the exchange, and when to ask for one again.

There is one rule for everything that can happen to a book: a market that is followed and
whose book does not stand is asked for, again and again, later each time. It makes no
difference whether a message was missed, a level fell below nothing, a text could not be
read or a snapshot never came. A crossed book may be half of a trade in two messages, so it
is given a moment to part.
"""

from collections.abc import Iterable, Mapping

from karb.domain.market.book import Book
from karb.domain.units import MILLISECOND, SECOND, Nanos

CROSSED: Nanos = 500 * MILLISECOND
"""How long a book may stay crossed before it is asked for."""
EXPECTED: Nanos = SECOND
"""How long the first snapshot of a market that begins to be followed may take."""
FIRST: Nanos = 500 * MILLISECOND
LONGEST: Nanos = 30 * SECOND
HURRY: Nanos = 50 * MILLISECOND
"""After a gap a book is asked for again at once, if it was not asked for just now."""


class _Broken:
    """A book that does not stand: when to ask for it (again), and how often it was asked for."""

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
        self._crossed: dict[str, Nanos] = {}

    def expect(self, tickers: Iterable[str], now: Nanos) -> None:
        """The snapshots of these are on their way, because they are followed from now on."""
        self._broken.update((ticker, _Broken(now + EXPECTED)) for ticker in tickers)

    def forget(self, tickers: Iterable[str]) -> None:
        """These are not followed any longer."""
        for ticker in tickers:
            self._stands(ticker)

    def hurry(self) -> None:
        """All books were lost just now: what was asked before that is worth nothing."""
        for broken in self._broken.values():
            if broken.asked is not None:
                broken.times = 0
                broken.again = min(broken.again, broken.asked + HURRY)

    def due(self, held: Iterable[str], now: Nanos) -> list[str]:
        """Of the markets that are followed, those to ask for now; they count as asked."""
        return [ticker for ticker in held if self._is_due(ticker, now)]

    def _is_due(self, ticker: str, now: Nanos) -> bool:
        book = self._books.get(ticker)
        if book is not None and book.live:
            self._stands(ticker)
            return False
        crossed = book is not None and not book.needs_snapshot
        if crossed and now - self._crossed.setdefault(ticker, now) < CROSSED:
            return False
        broken = self._broken.setdefault(ticker, _Broken(now))
        if now < broken.again:
            return False
        broken.again = now + min(LONGEST, FIRST * 2**broken.times)
        broken.asked, broken.times = now, broken.times + 1
        return True

    def _stands(self, ticker: str) -> None:
        self._broken.pop(ticker, None)
        self._crossed.pop(ticker, None)
