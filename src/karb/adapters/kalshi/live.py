"""What may be decided on: the newest prices of each market that stand on a LIVE book.

Ticks and books tell the same prices by two ways. A tick has the volume and no number that
would show a missing one; a book is sequenced and knows when it is broken. So the book
decides: a tick that passes its bounds is a reason to look, and what is judged is the book
with the tick's volume. A market whose book is not live offers nothing, whatever its ticks
say.

What others want of every text (cache, bus, history) is only marked here, by an append and
by a set; `take_ticks` and `take_changed` hand it over a few milliseconds later.
"""

from collections import deque
from collections.abc import Callable, Iterable

from karb.adapters.kalshi.frames import Ignored
from karb.adapters.kalshi.texts import TextPath
from karb.adapters.kalshi.ticks import tick_in
from karb.adapters.kalshi.wire import Frame
from karb.domain.edge.bounds import CLOSED, Thresholds
from karb.domain.market.book import Book
from karb.domain.market.messages import Quote
from karb.domain.units import Count, Nanos, Price
from karb.errors import DecodeError
from karb.ports import Quoted, Taken, Tick

MOST_TICKS = 50_000
"""Ticks kept for whoever records them, some 20 MB: many seconds of the busiest evening."""


class Followed:
    """One market: where a price matters, and what its newest read tick told."""

    __slots__ = ("alert", "last_price", "limits", "volume")

    def __init__(self) -> None:
        self.limits = CLOSED
        self.alert = False
        self.volume: Count | None = None
        self.last_price: Price | None = None


class LivePrices:
    """Everything a connection says about prices. Texts go into `on_text`; implements `Prices`.

    `on_quote` and `on_gone` are the detector's; `on_gap` and `on_frame` as in `TextPath`.
    `unreadable` counts ticks that cannot be true, `lost` those that waited in vain to be taken.
    """

    def __init__(
        self,
        *,
        on_quote: Callable[[Quote], object],
        on_gone: Callable[[str], object],
        on_gap: Callable[[int], object],
        on_frame: Callable[[Frame | Ignored], object],
        now: Callable[[], Nanos],
        use_yes_price: bool = False,
    ) -> None:
        self._on_quote, self._on_gone, self._now = on_quote, on_gone, now
        self._on_gap = on_gap
        self._followed: dict[str, Followed] = {}
        self._ticks: deque[bytes] = deque()
        self._changed: set[str] = set()
        self.unreadable = self.lost = 0
        self.path = TextPath(
            on_quote=self._tick_passed,
            on_gone=on_gone,
            on_book=self._book_moved,
            on_gap=self._gap,
            on_frame=on_frame,
            now=now,
            tape=self._ticks.append,
            use_yes_price=use_yes_price,
        )
        self.on_text = self.path.on_text
        self.books = self.path.books

    def follow(self, tickers: Iterable[str]) -> None:
        """Take news of these markets; until bounds are announced none of it matters."""
        for ticker in tickers:
            if ticker not in self._followed:
                self._followed[ticker] = Followed()
                self.path.announce(ticker, CLOSED, alert=False)

    def unfollow(self, tickers: Iterable[str]) -> None:
        """Take no more news of these, and keep none."""
        for ticker in tickers:
            if self._followed.pop(ticker, None) is not None:
                self.path.forget(ticker)
                self.path.drop_book(ticker)
                self._changed.discard(ticker)

    def announce(self, ticker: str, limits: Thresholds | None, alert: bool) -> None:
        """Take the detector's bounds for a market; None: nothing of it matters any more."""
        followed = self._followed.get(ticker)
        if followed is None:
            if limits is None:
                return
            followed = self._followed[ticker] = Followed()
        followed.limits, followed.alert = limits or CLOSED, alert
        self.path.announce(ticker, limits or CLOSED, alert)

    def newest(self, ticker: str) -> Quote | None:
        """What may be decided on now; None without a live book.

        It is as old as its newest change, or older; that the feed has been alive since, so
        that it still stands, is for the detector to know.
        """
        book = self.books.get(ticker)
        if book is None or not book.live:
            return None
        changed = self._changed_at(ticker)
        return self._of_book(book, changed, ts_recv=changed or 0)

    def quoted(self, ticker: str) -> Quoted | None:
        """The newest prices of a market for others, and whether they may be decided on."""
        followed, book = self._followed.get(ticker), self.books.get(ticker)
        if followed is None or book is None:
            return None
        return Quoted(self._seen(book), book.live, followed.last_price)

    def lose(self) -> None:
        """The connection ended: nothing that it sent may be decided on any more."""
        self._changed.update(self.books)
        self.path.lose()

    def take_changed(self) -> set[str]:
        """The markets whose prices, volume or standing changed since the last call."""
        changed = self._changed.copy()
        self._changed.clear()
        return changed

    def take_ticks(self, most: int) -> Taken:
        """The oldest ticks not taken yet, at most so many, read in full.

        Their time of receipt is now: to within the time between two calls. One that cannot
        be read is counted in `unreadable`; of those past `MOST_TICKS` the oldest are given up.
        """
        # Not when they come: a bound there would cost every tick, and calls are moments apart.
        while len(self._ticks) > MOST_TICKS:
            self._ticks.popleft()
            self.lost += 1
        now, raws = self._now(), [self._ticks.popleft() for _ in range(min(most, len(self._ticks)))]
        ticks = [tick for raw in raws if (tick := self._read(raw, now)) is not None]
        return Taken(ticks, left=len(self._ticks))

    def _read(self, raw: bytes, now: Nanos) -> Tick | None:
        try:
            tick = tick_in(raw, now)
        except DecodeError:
            self.unreadable += 1
            return None
        ticker = tick.quote.ticker
        followed = self._followed.get(ticker)
        if followed is not None:
            followed.volume, followed.last_price = tick.quote.volume, tick.last_price
            self._changed.add(ticker)
        return tick

    def _tick_passed(self, tick: Quote) -> None:
        followed, book = self._followed.get(tick.ticker), self.books.get(tick.ticker)
        if followed is not None:
            followed.volume = tick.volume
        if book is not None and book.live:
            self._on_quote(self._seen(book))
        else:
            self._on_gone(tick.ticker)

    def _book_moved(self, book: Book) -> None:
        ticker = book.ticker
        self._changed.add(ticker)
        followed = self._followed.get(ticker)
        if followed is None:
            return
        if not book.live or followed.limits.excludes(book.best_bid, book.best_ask):
            if followed.alert:
                self._on_gone(ticker)
        else:
            self._on_quote(self._seen(book))

    def _gap(self, sid: int) -> None:
        """Every book of a subscription is lost."""
        for ticker, book in self.books.items():
            if not book.live:
                self._changed.add(ticker)
                if (followed := self._followed.get(ticker)) is not None and followed.alert:
                    self._on_gone(ticker)
        self._on_gap(sid)

    def _seen(self, book: Book) -> Quote:
        """A book's best prices at the moment at which news of the market came."""
        return self._of_book(book, self._changed_at(book.ticker), ts_recv=self._now())

    def _of_book(self, book: Book, ts_event: Nanos | None, ts_recv: Nanos) -> Quote:
        followed = self._followed.get(book.ticker)
        volume = None if followed is None else followed.volume
        return book.quote(ts_event=ts_event, ts_recv=ts_recv, volume=volume)

    def _changed_at(self, ticker: str) -> Nanos | None:
        try:
            return self.path.changed_at(ticker)
        except DecodeError:
            self.unreadable += 1
            return None
