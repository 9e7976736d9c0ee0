"""The path of a text: one decode, and almost always nothing more than a comparison or a sum.

Everything that a connection sends goes through `TextPath.on_text`, and each text is decoded
once. Ticks come first: two comparisons of texts (`ticks`), and a tick that cannot matter is
done with. Changes of levels come next, most of what a subscription to order books sends:
the number of the message is checked (`feeds`), and the change goes straight into its book,
with one look-up each for subscription, market, price and count. It does what `decode_frame`
and `Book.apply_delta` do together, which a property test holds it to. Whatever else comes,
or is spelled in another way, takes the slower way of `decode`.
"""

from collections.abc import Callable
from typing import Final, NoReturn, TypeAlias

import msgspec

from karb.adapters.kalshi.feeds import Feeds
from karb.adapters.kalshi.frames import BROKEN, Ignored, read_frame
from karb.adapters.kalshi.prices import COUNTS, PRICES
from karb.adapters.kalshi.ticks import PricesBody, PricesFrame, Slot, quote_in
from karb.adapters.kalshi.wire import (
    ErrorFrame,
    FillFrame,
    Frame,
    LifecycleFrame,
    OkFrame,
    OrderFrame,
    SnapshotFrame,
    SubscribedFrame,
    TradeFrame,
    UnsubscribedFrame,
)
from karb.domain.edge.bounds import Thresholds
from karb.domain.market.book import Book
from karb.domain.market.messages import Quote
from karb.domain.units import DOLLAR, Nanos, Price
from karb.errors import DecodeError


class ChangeBody(msgspec.Struct, gc=False):
    """What changes a level, and nothing else; empty when the text does not say so."""

    market_ticker: str
    price_dollars: str = ""
    delta_fp: str = ""
    side: str = ""


class ChangeFrame(msgspec.Struct, tag_field="type", tag="orderbook_delta", gc=False):
    """An `orderbook_delta` frame, read only as far as it is applied."""

    sid: int
    seq: int
    msg: ChangeBody


class _NameBody(msgspec.Struct, gc=False):
    market_ticker: str


class _About(msgspec.Struct, gc=False):
    """What a text that cannot be read is about."""

    type: str
    msg: _NameBody


OtherFrame: TypeAlias = (
    SnapshotFrame
    | TradeFrame
    | LifecycleFrame
    | FillFrame
    | OrderFrame
    | SubscribedFrame
    | OkFrame
    | UnsubscribedFrame
    | ErrorFrame
)

_decode: Final = msgspec.json.Decoder(PricesFrame | ChangeFrame | OtherFrame).decode
_ABOUT: Final = msgspec.json.Decoder(_About)
# The usual spellings of a price at which an order can rest, as YES prices of either side.
_AS_TOLD: Final[dict[str, Price]] = {t: p for t, p in PRICES.items() if 0 < p < DOLLAR}
_MIRRORED: Final[dict[str, Price]] = {t: DOLLAR - p for t, p in _AS_TOLD.items()}


def _not_a_side(side: str) -> NoReturn:
    raise KeyError(side)


class TextPath:
    """Takes every text of a connection; keeps ticks and books, and hands on what matters.

    `on_quote` gets a tick within its bounds, `on_gone` the ticker of an alert market whose
    tick is not, and of any market whose newest tick cannot be read. `on_book` gets a book
    after each text about it, also when that broke it (`needs_snapshot`); `on_gap` a
    subscription whose books are all lost, because a message was missed or because it ended.
    `on_frame` gets every frame that is neither a tick, a change nor a snapshot.

    `books` are all books by ticker, to be read and never written; `unknown` counts the ticks
    of markets that were not announced, which are dropped. `tape` gets the text of every other
    tick, for whoever reads the rest of it later.
    """

    def __init__(
        self,
        *,
        on_quote: Callable[[Quote], object],
        on_gone: Callable[[str], object],
        on_book: Callable[[Book], object],
        on_gap: Callable[[int], object],
        on_frame: Callable[[Frame | Ignored], object],
        now: Callable[[], Nanos],
        tape: Callable[[bytes], object],
        use_yes_price: bool = False,
    ) -> None:
        self._slots: dict[str, Slot] = {}
        self._feeds = Feeds(on_book=on_book, on_gap=on_gap, use_yes_price=use_yes_price)
        self._on_quote = on_quote
        self._on_gone = on_gone
        self._on_frame = on_frame
        self._now = now
        self.books = self._feeds.books
        self.unknown = 0
        self.on_text = self._path(on_book, tape, _AS_TOLD if use_yes_price else _MIRRORED)

    def announce(self, ticker: str, limits: Thresholds, alert: bool) -> None:
        """Take the detector's bounds for one market; an alert market lets every tick pass."""
        slot = self._slots.get(ticker)
        if slot is None:
            slot = self._slots[ticker] = Slot()
        slot.set(limits, alert=alert)

    def forget(self, ticker: str) -> None:
        """Take no more ticks of this market; its book, where there is one, stays."""
        self._slots.pop(ticker, None)

    def drop_book(self, ticker: str) -> None:
        """Keep no book of this market any longer; a new snapshot begins it again."""
        self._feeds.drop(ticker)

    def changed_at(self, ticker: str) -> Nanos | None:
        """When the newest change of a book was made, as the exchange says; None if unsaid."""
        return self._feeds.changed_at(ticker)

    def heard(self, sid: int) -> int | None:
        """A number that grows with each message of a subscription; None before the first."""
        return self._feeds.heard(sid)

    def lose(self) -> None:
        """The connection ended: nothing that it sent may be decided on any more."""
        self._feeds.lose()

    def _path(
        self,
        on_book: Callable[[Book], object],
        tape: Callable[[bytes], object],
        ask_prices: dict[str, Price],
    ) -> Callable[[bytes], None]:
        """The closure that runs for every text: locals only, nothing made on the common way.

        It raises `DecodeError` for a text that is not a message or cannot be true. A book or
        a tick that such a text names is given up; where it names none, the next number of
        its subscription shows the gap.
        """
        # Every name that a closure takes from around it is copied at each call, so only what
        # the common way needs is one; constants are global.
        slots, feeds = self._slots, self._feeds.by_sid

        def on_text(raw: bytes) -> None:
            try:
                frame = _decode(raw)
            except BROKEN:
                return self._unread(raw)
            kind = frame.__class__
            if kind is PricesFrame:
                tick: PricesBody = frame.msg
                try:
                    slot = slots[tick.market_ticker]
                except KeyError:
                    self.unknown += 1
                    return None
                tape(raw)
                if tick.yes_ask_dollars > slot.ask and tick.yes_bid_dollars < slot.bid:
                    return None
                return self._passed(slot, tick, raw)
            if kind is not ChangeFrame:
                return self._other(frame)
            seq, body = frame.seq, frame.msg
            try:
                feed = feeds[frame.sid]
            except KeyError:
                return self._unusual(raw, frame)
            if seq - feed.last != 1:
                return self._unusual(raw, frame)
            try:
                line = feed.lines[body.market_ticker]
                book = line.book
                if body.side == "yes":
                    book.change_bid(_AS_TOLD[body.price_dollars], COUNTS[body.delta_fp])
                elif body.side == "no":
                    book.change_ask(ask_prices[body.price_dollars], COUNTS[body.delta_fp])
                else:
                    _not_a_side(body.side)
            except (KeyError, DecodeError):
                return self._unusual(raw, frame)
            feed.last = seq
            line.raw = raw
            on_book(book)
            return None

        return on_text

    def _passed(self, slot: Slot, tick: PricesBody, raw: bytes) -> None:
        if slot.alert and slot.is_beyond(tick):
            self._on_gone(tick.market_ticker)
            return
        try:
            quote = quote_in(raw, self._now())
        except DecodeError:
            self._give_up(tick.market_ticker)
            raise
        self._on_quote(quote)

    def _unusual(self, raw: bytes, frame: ChangeFrame) -> None:
        """A change out of turn, of a market without a book, or in another spelling."""
        if self._feeds.takes(frame.sid, frame.seq):
            self._feeds.change(raw, frame.sid, frame.msg.market_ticker)

    def _other(self, frame: Frame | Ignored) -> None:
        if isinstance(frame, SnapshotFrame):
            self._feeds.stand(frame, self._now())
        else:
            self._feeds.count(frame)
            self._on_frame(frame)

    def _unread(self, raw: bytes) -> None:
        """A kind nobody knows, or not a message: the strict reader tells which."""
        try:
            frame = read_frame(raw)
        except DecodeError:
            self._give_up_what_it_names(raw)
            raise
        self._other(frame)

    def _give_up_what_it_names(self, raw: bytes) -> None:
        try:
            about = _ABOUT.decode(raw)
        except BROKEN:
            return
        if about.type == "ticker":
            self._give_up(about.msg.market_ticker)
        elif about.type in ("orderbook_delta", "orderbook_snapshot"):
            self._feeds.break_book(about.msg.market_ticker)

    def _give_up(self, ticker: str) -> None:
        """The newest tick of a market cannot be read: what was known before is old."""
        if ticker in self._slots:
            self._on_gone(ticker)
