"""The path of a text: one decode, two string comparisons, and almost always nothing more.

The detector announces for each market the YES ask at or below which, and the YES bid at or
above which, a tick can matter. Here both are written once as the exchange writes prices, so
that a tick is compared as text and converted only when it passes. Of a tick only the ticker
and the two prices are read; the text itself is kept, and whoever needs the rest (a passing
tick, the cache, history) reads it then, off this path.

Decimal fractions with the same whole part order as text the way they order as numbers,
except for trailing zeros; so the ask's bound is padded ("0.4850~" lies above every spelling
of 0.485) and the bid's is stripped ("0.52" lies below every spelling of 0.52). A price
spelled in a way that breaks this, or missing, or told in cents, passes and is read by the
strict decoder, which converts it or refuses it. A property test holds both ways of
comparing against each other.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import msgspec

from karb.adapters.kalshi.decode import quote_of
from karb.adapters.kalshi.frames import Ignored, read_frame
from karb.adapters.kalshi.wire import (
    DeltaFrame,
    ErrorFrame,
    FillFrame,
    Frame,
    LifecycleFrame,
    OkFrame,
    OrderFrame,
    SnapshotFrame,
    SubscribedFrame,
    TickerFrame,
    TradeFrame,
    UnsubscribedFrame,
)
from karb.domain.edge.bounds import CLOSED, Thresholds
from karb.domain.market.messages import Quote
from karb.domain.units import DOLLAR, Nanos, Price, price_wire
from karb.errors import DecodeError

NO_ASK: Final = ""
NO_BID: Final = "9"
EVERY_ASK: Final = "~"
EVERY_BID: Final = ""


class PricesBody(msgspec.Struct, gc=False):
    """What is compared, and nothing else; empty when the text has no such price."""

    market_ticker: str
    yes_bid_dollars: str = ""
    yes_ask_dollars: str = ""


class PricesFrame(msgspec.Struct, tag_field="type", tag="ticker", gc=False):
    """A `ticker` frame, read only as far as it is compared."""

    msg: PricesBody


OtherFrame: TypeAlias = (
    DeltaFrame
    | SnapshotFrame
    | TradeFrame
    | LifecycleFrame
    | FillFrame
    | OrderFrame
    | SubscribedFrame
    | OkFrame
    | UnsubscribedFrame
    | ErrorFrame
)

_DECODER: Final = msgspec.json.Decoder(PricesFrame | OtherFrame)
_ASKS: Final = tuple(f"{price_wire(price)}~" for price in range(DOLLAR + 1))
_BIDS: Final = tuple(price_wire(p).rstrip("0").rstrip(".") for p in range(DOLLAR + 1))


class Slot:
    """One market: its newest text, the bounds of a tick that matters, and what to let pass."""

    __slots__ = ("alert", "ask", "ask_bound", "bid", "bid_bound", "limits", "raw")

    def __init__(self) -> None:
        self.raw: bytes | None = None
        self.limits = CLOSED
        self.ask_bound = self.ask = NO_ASK
        self.bid_bound = self.bid = NO_BID
        self.alert = False


class TickPath:
    """Takes texts, keeps every market's newest tick, and hands on the ticks that matter.

    `on_quote` gets a tick within its bounds, `on_gone` the ticker of an alert market whose
    tick is not, `on_frame` every other frame. `on_text` raises `DecodeError`, and keeps
    nothing, for a text that is not a message.
    """

    def __init__(
        self,
        *,
        on_quote: Callable[[Quote], None],
        on_gone: Callable[[str], None],
        on_frame: Callable[[Frame | Ignored], object],
        now: Callable[[], Nanos],
    ) -> None:
        self._slots: dict[str, Slot] = {}
        self._on_quote = on_quote
        self._on_gone = on_gone
        self._on_frame = on_frame
        self._now = now
        self.on_text = _path(self._slots, self._passed, self._other, self._unread)

    def announce(self, ticker: str, limits: Thresholds, alert: bool) -> None:
        """Take the detector's bounds for one market; an alert market lets every tick pass."""
        slot = self._slots.get(ticker)
        if slot is None:
            slot = self._slots[ticker] = Slot()
        # A market turns alert and back with every signal, its bounds stay as they are.
        if slot.limits is not limits:
            slot.limits = limits
            slot.ask_bound, slot.bid_bound = ask_bound(limits.ask), bid_bound(limits.bid)
        slot.alert = alert
        slot.ask = EVERY_ASK if alert else slot.ask_bound
        slot.bid = EVERY_BID if alert else slot.bid_bound

    def forget(self, ticker: str) -> None:
        """The market closed."""
        self._slots.pop(ticker, None)

    def newest(self, ticker: str) -> Quote | None:
        """The newest tick of a market, read in full; None before the first.

        When it came is not kept. The exchange's own time stands for it, which is earlier, so
        that a quote never looks fresher than it is.
        """
        slot = self._slots.get(ticker)
        if slot is None or slot.raw is None:
            return None
        quote = _quote(slot.raw, 0)
        return msgspec.structs.replace(quote, ts_recv=quote.ts_event)

    def _passed(self, slot: Slot, body: PricesBody, raw: bytes) -> None:
        ask, bid = body.yes_ask_dollars, body.yes_bid_dollars
        if slot.alert and ask > slot.ask_bound and bid < slot.bid_bound:
            self._on_gone(body.market_ticker)
        else:
            self._on_quote(_quote(raw, self._now()))

    def _other(self, frame: OtherFrame) -> None:
        self._on_frame(frame)

    def _unread(self, raw: bytes) -> None:
        """A kind nobody knows, or not a message: the strict reader tells which."""
        self._on_frame(read_frame(raw))


def ask_bound(price: Price) -> str:
    """A text that no spelling of a price at or below `price` sorts after."""
    return _ASKS[price] if price >= 0 else NO_ASK


def bid_bound(price: Price) -> str:
    """A text that no spelling of a price at or above `price` sorts before."""
    return _BIDS[price] if price <= DOLLAR else NO_BID


def _quote(raw: bytes, ts_recv: Nanos) -> Quote:
    frame = read_frame(raw)
    if not isinstance(frame, TickerFrame):
        raise DecodeError("a ticker message that a second look does not find to be one")
    return quote_of(frame.msg, ts_recv)


def _path(
    slots: dict[str, Slot],
    passed: Callable[[Slot, PricesBody, bytes], None],
    other: Callable[[OtherFrame], None],
    unread: Callable[[bytes], None],
) -> Callable[[bytes], None]:
    """The closure that runs for every text: locals only, nothing made on the common way."""
    decode, prices_frame = _DECODER.decode, PricesFrame

    def on_text(raw: bytes) -> None:
        try:
            frame = decode(raw)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return unread(raw)
        if frame.__class__ is not prices_frame:
            return other(frame)
        body: PricesBody = frame.msg
        try:
            slot = slots[body.market_ticker]
        except KeyError:
            slot = slots[body.market_ticker] = Slot()
        slot.raw = raw
        if body.yes_ask_dollars > slot.ask and body.yes_bid_dollars < slot.bid:
            return None
        return passed(slot, body, raw)

    return on_text
