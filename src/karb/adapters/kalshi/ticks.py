"""How a tick is compared: as text, with the prices at which it can matter.

The detector announces for each market the YES ask at or below which, and the YES bid at or
above which, a tick can matter. Here both are written once as the exchange writes prices, so
that a tick is compared as text and converted only when it passes. Of a tick only the ticker
and the two prices are read; the text itself is kept, and whoever needs the rest (a passing
tick, the cache, history) reads it then, off this path.

Decimal fractions with the same whole part order as text the way they order as numbers,
except for trailing zeros; so the ask's bound is padded ("0.4850~" lies above every spelling
of 0.485) and the bid's is stripped ("0.52" lies below every spelling of 0.52). That holds
for every spelling that is a price at all (`prices.PriceTable`), and a property test holds
both ways of comparing against each other. A price that is missing or told in cents passes
and is read by the strict decoder. A text that is no price (`1e-1`) may sort beyond the
bounds: then it is dropped unread, makes no signal, and is a `DecodeError` for whoever reads
it; in an alert market, where every tick is looked at, it is one at once.
"""

from typing import Final

import msgspec

from karb.adapters.kalshi.decode import quote_of
from karb.adapters.kalshi.frames import BROKEN, read_frame
from karb.adapters.kalshi.prices import PRICES, price_told
from karb.adapters.kalshi.wire import TickerBody, TickerFrame
from karb.domain.edge.bounds import CLOSED, Thresholds
from karb.domain.market.messages import Quote
from karb.domain.units import DOLLAR, Nanos, Price, price_wire
from karb.errors import DecodeError
from karb.ports import Tick

NO_ASK: Final = ""
NO_BID: Final = "9"
UNTOLD_ASK: Final = ""
UNTOLD_BID: Final = "~"
EVERY_ASK: Final = "~"
EVERY_BID: Final = ""


class PricesBody(msgspec.Struct, gc=False):
    """What is compared, and nothing else.

    A price that the text does not have lies within every bound, so that the tick is read.
    """

    market_ticker: str
    yes_bid_dollars: str = UNTOLD_BID
    yes_ask_dollars: str = UNTOLD_ASK


class PricesFrame(msgspec.Struct, tag_field="type", tag="ticker", gc=False):
    """A `ticker` frame, read only as far as it is compared."""

    msg: PricesBody


_TICKER: Final = msgspec.json.Decoder(TickerFrame)
_ASKS: Final = tuple(f"{price_wire(price)}~" for price in range(DOLLAR + 1))
_BIDS: Final = tuple(price_wire(p).rstrip("0").rstrip(".") for p in range(DOLLAR + 1))


class Slot:
    """One market: the bounds of a tick that matters, and what to let pass."""

    __slots__ = ("alert", "ask", "ask_bound", "bid", "bid_bound", "limits")

    def __init__(self) -> None:
        self.limits = CLOSED
        self.ask_bound = self.ask = NO_ASK
        self.bid_bound = self.bid = NO_BID
        self.alert = False

    def set(self, limits: Thresholds, *, alert: bool) -> None:
        """Take new bounds; an alert market lets every tick pass."""
        # A market turns alert and back with every signal, its bounds stay as they are.
        if self.limits is not limits:
            self.limits = limits
            self.ask_bound, self.bid_bound = ask_bound(limits.ask), bid_bound(limits.bid)
        self.alert = alert
        self.ask = EVERY_ASK if alert else self.ask_bound
        self.bid = EVERY_BID if alert else self.bid_bound

    def is_beyond(self, body: PricesBody) -> bool:
        """Whether a tick of an alert market cannot matter; only prices are known to be so."""
        ask, bid = body.yes_ask_dollars, body.yes_bid_dollars
        return ask > self.ask_bound and bid < self.bid_bound and ask in PRICES and bid in PRICES


def ask_bound(price: Price) -> str:
    """A text that no spelling of a price at or below `price` sorts after."""
    return _ASKS[price] if price >= 0 else NO_ASK


def bid_bound(price: Price) -> str:
    """A text that no spelling of a price at or above `price` sorts before."""
    return _BIDS[price] if price <= DOLLAR else NO_BID


def quote_in(raw: bytes, ts_recv: Nanos) -> Quote:
    """A kept tick, read in full; `DecodeError` when it cannot be true."""
    return quote_of(_body_in(raw), ts_recv)


def tick_in(raw: bytes, ts_recv: Nanos) -> Tick:
    """The same with the price of the last trade, which nothing is decided on."""
    body = _body_in(raw)
    last_price = price_told(body.price_dollars, body.price, "last price")
    return Tick(quote_of(body, ts_recv), last_price)


def _body_in(raw: bytes) -> TickerBody:
    try:
        return _TICKER.decode(raw).msg
    except BROKEN:
        # Why, is said by the strict reader.
        frame = read_frame(raw)
    if not isinstance(frame, TickerFrame):
        raise DecodeError("a ticker message that a second look does not find to be one")
    return frame.msg
