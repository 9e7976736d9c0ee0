"""The books of a connection, and the numbers that say whether a message was missed.

The exchange numbers the messages of a subscription (`sid`), all its markets together. A
number left out, or one that runs back, means that something was missed and nobody can tell
of which market: every book of that subscription is lost, and stands again with its own next
snapshot. The same message twice is dropped. The first message of a subscription sets where
its numbers begin. Messages of every kind count, also those that karb does not read; whether
an answer to a command takes a number of its own is not documented, so it may or may not; and
one that was overtaken by newer messages says nothing about them.

A book belongs to the subscription of its newest snapshot: changes that another one still
sends for that market are not applied a second time.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from karb.adapters.kalshi.decode import message_of
from karb.adapters.kalshi.frames import BROKEN, Ignored, not_a_message, read_frame
from karb.adapters.kalshi.prices import time_told
from karb.adapters.kalshi.subscription import GONE
from karb.adapters.kalshi.wire import (
    ErrorFrame,
    Frame,
    LifecycleFrame,
    OkFrame,
    SnapshotFrame,
    SubscribedFrame,
    TradeFrame,
    UnsubscribedFrame,
)
from karb.domain.market.book import Book
from karb.domain.market.messages import BookDelta, BookSnapshot
from karb.domain.units import Nanos
from karb.errors import DecodeError


class _WhenBody(msgspec.Struct, gc=False):
    """When a change was made, and nothing else of it: this is asked for at every flush."""

    ts_ms: int = 0
    ts: int | str = 0


class _When(msgspec.Struct, gc=False):
    msg: _WhenBody


_WHEN: Final = msgspec.json.Decoder(_When)


class Line:
    """One market's book, and the text of its newest change; None since its snapshot."""

    __slots__ = ("book", "raw")

    def __init__(self, book: Book) -> None:
        self.book = book
        self.raw: bytes | None = None


class Feed:
    """One subscription: the number of its newest message, and its books by ticker."""

    __slots__ = ("last", "lines")

    def __init__(self, last: int) -> None:
        self.last = last
        self.lines: dict[str, Line] = {}

    def lose(self) -> None:
        """No book of this subscription stands any more."""
        for line in self.lines.values():
            line.book.lose()


class Feeds:
    """Every subscription of one connection, `by_sid`, and all their `books` by ticker.

    `on_book` gets a book after each text about it, also when that broke it; `on_gap` the
    subscription whose books were all lost, because a message was missed or because it ended;
    it must leave the subscriptions as they are.
    """

    def __init__(
        self,
        *,
        on_book: Callable[[Book], object],
        on_gap: Callable[[int], object],
        use_yes_price: bool,
    ) -> None:
        self.by_sid: dict[int, Feed] = {}
        self.books: dict[str, Book] = {}
        self._stood = 0
        self._on_book = on_book
        self._on_gap = on_gap
        self._use_yes_price = use_yes_price

    def changed_at(self, ticker: str) -> Nanos | None:
        """When the newest change of a book was made, by the exchange's clock.

        None before the first since its snapshot, for a change that does not say when, and
        for a market without a book. `DecodeError` for a time that cannot be one.
        """
        lines = (feed.lines.get(ticker) for feed in self.by_sid.values())
        raw = next((line.raw for line in lines if line is not None), None)
        if raw is None:
            return None
        try:
            body = _WHEN.decode(raw).msg
        except BROKEN as error:
            raise not_a_message(error) from error
        return time_told(body.ts_ms, body.ts)

    def heard(self, sid: int) -> int | None:
        """A number that grows with each message of a subscription; None before the first.

        Whether the answer to `get_snapshot` takes a number of its own is not documented, so
        snapshots count by themselves.
        """
        feed = self.by_sid.get(sid)
        return None if feed is None else feed.last + self._stood

    def lose(self) -> None:
        """The connection ended: no book stands, and every subscription begins anew."""
        for feed in self.by_sid.values():
            feed.lose()
        self.by_sid.clear()

    def drop(self, ticker: str) -> None:
        """Keep no book of this market any longer."""
        self.books.pop(ticker, None)
        self._disown(ticker)

    def break_book(self, ticker: str) -> None:
        """A text about this book could not be read: it does not stand any more."""
        if (book := self.books.get(ticker)) is not None:
            book.lose()
            self._on_book(book)

    def takes(self, sid: int, seq: int) -> bool:
        """Take a message's number, deal with a gap; False for the same message twice."""
        feed = self.by_sid.get(sid)
        if feed is None:
            feed = self.by_sid[sid] = Feed(seq - 1)
        if seq == feed.last:
            return False
        gap = seq != feed.last + 1
        feed.last = seq
        if gap:
            feed.lose()
            self._on_gap(sid)
        return True

    def change(self, raw: bytes, sid: int, ticker: str) -> None:
        """Apply a change in whatever spelling; its number has been taken."""
        line = self.by_sid[sid].lines.get(ticker)
        if line is None:
            return
        try:
            message = message_of(read_frame(raw), ts_recv=0, use_yes_price=self._use_yes_price)
        except DecodeError:
            self.break_book(ticker)
            raise
        if isinstance(message, BookDelta):
            line.raw = raw
            line.book.apply_delta(message)
            self._on_book(line.book)

    def stand(self, frame: SnapshotFrame, now: Nanos) -> None:
        """Apply a snapshot; its market has a book of this subscription from now on."""
        ticker = frame.msg.market_ticker
        self.takes(frame.sid, frame.seq)
        try:
            message = message_of(frame, ts_recv=now, use_yes_price=self._use_yes_price)
        except DecodeError:
            self.break_book(ticker)
            raise
        if isinstance(message, BookSnapshot):
            book = self.books.setdefault(ticker, Book(ticker))
            book.apply_snapshot(message)
            self._disown(ticker)
            self.by_sid[frame.sid].lines[ticker] = Line(book)
            self._stood += 1
            self._on_book(book)

    def count(self, frame: Frame | Ignored) -> None:
        """Take the number of a message about something else, and see subscriptions end."""
        match frame:
            case TradeFrame() | LifecycleFrame() | Ignored() if frame.sid and frame.seq:
                self.takes(frame.sid, frame.seq)
            case OkFrame() | UnsubscribedFrame() | ErrorFrame():
                feed = self.by_sid.get(frame.sid)
                if feed is not None and frame.seq > feed.last:
                    self.takes(frame.sid, frame.seq)
                failed = isinstance(frame, ErrorFrame) and frame.msg.code in GONE
                if failed or isinstance(frame, UnsubscribedFrame):
                    self._end(frame.sid)
            case SubscribedFrame():
                self._end(frame.msg.sid)
            case _:
                pass

    def _disown(self, ticker: str) -> None:
        for feed in self.by_sid.values():
            feed.lines.pop(ticker, None)

    def _end(self, sid: int) -> None:
        """A subscription ended, or begins under a number that was used before."""
        if (feed := self.by_sid.pop(sid, None)) is not None and feed.lines:
            feed.lose()
            self._on_gap(sid)
            for line in feed.lines.values():
                self._on_book(line.book)
