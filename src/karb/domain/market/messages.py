"""What crosses a port: the exchange's news in karb's units, free of any wire format.

An adapter turns bytes into these and nothing behind it ever sees the bytes. Prices are
`Price`, counts `Count`, amounts `Cash`, times `Nanos` (see `units`); `ts_event` is the
exchange's time, `ts_recv` ours. Every price is a YES price: the NO side is a view, because
one order book serves both. None means unknown or absent, never 0.
"""

from enum import StrEnum

import msgspec

from karb.domain.units import DOLLAR, Cash, Count, Nanos, Price


class Side(StrEnum):
    """The outcome that a contract is bought on."""

    YES = "yes"
    NO = "no"

    @property
    def other(self) -> "Side":
        """The opposite outcome."""
        return Side.NO if self is Side.YES else Side.YES


# Naming a member through its class is a call before Python 3.12: dear on the path of a tick.
YES, NO = Side.YES, Side.NO


class MarketStatus(StrEnum):
    """Where a market stands. Only ACTIVE trades; ACTIVE says nothing about the game.

    UNKNOWN is a word that karb does not know, which trades as little as CLOSED.
    """

    UNOPENED = "unopened"
    PAUSED = "paused"
    ACTIVE = "active"
    CLOSED = "closed"
    DETERMINED = "determined"
    DISPUTED = "disputed"
    AMENDED = "amended"
    FINALIZED = "finalized"
    UNKNOWN = "unknown"


class Quote(msgspec.Struct, frozen=True, gc=False):
    """The best prices of one market at one time.

    A bid or an ask that is None is not there; a size that is None was not told. `volume`
    is the contracts traded so far, None when not told. `ts_event` is None for the prices of
    a book whose newest change did not say when it was made.
    """

    ticker: str
    yes_bid: Price | None
    yes_ask: Price | None
    yes_bid_size: Count | None
    yes_ask_size: Count | None
    volume: Count | None
    ts_event: Nanos | None
    ts_recv: Nanos

    def ask(self, side: Side) -> Price | None:
        """What one contract of this side costs now."""
        if side is YES:
            return self.yes_ask
        return None if self.yes_bid is None else DOLLAR - self.yes_bid

    def bid(self, side: Side) -> Price | None:
        """What one contract of this side can be sold for now."""
        if side is YES:
            return self.yes_bid
        return None if self.yes_ask is None else DOLLAR - self.yes_ask

    def ask_size(self, side: Side) -> Count | None:
        """How much is offered at `ask`."""
        return self.yes_ask_size if side is YES else self.yes_bid_size

    @property
    def spread(self) -> Price | None:
        """Ask minus bid; None without both."""
        if self.yes_ask is None or self.yes_bid is None:
            return None
        return self.yes_ask - self.yes_bid


class PriceRange(msgspec.Struct, frozen=True, gc=False):
    """Prices from `start` to `end` move in steps of `step`."""

    start: Price
    end: Price
    step: Price


WHOLE_CENTS = (PriceRange(start=0, end=DOLLAR, step=100),)


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """One contract as the exchange lists it.

    `team` is the text of the outcome YES pays on (the exchange repeats it for NO, so it
    never names the opponent). `status` None was not told. `expected_expiration` is an
    estimate of the end and never a start. `team_key` is the exchange's own stable id of the
    team, where given.
    """

    ticker: str
    event_ticker: str
    series: str
    title: str
    team: str
    status: MarketStatus | None
    quote: Quote
    event_title: str = ""
    rules: str = ""
    rules_secondary: str = ""
    last_price: Price | None = None
    open_interest: Count | None = None
    open_time: Nanos | None = None
    close_time: Nanos | None = None
    expected_expiration: Nanos | None = None
    grid: tuple[PriceRange, ...] = WHOLE_CENTS
    exchange_index: int | None = None
    team_key: str | None = None
    result: str = ""
    settlement_value: Cash | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """The markets of one question, such as one game; fees may be overridden here."""

    event_ticker: str
    series: str
    title: str
    sub_title: str = ""
    mutually_exclusive: bool = False
    fee_type: str | None = None
    fee_multiplier: str | None = None
    markets: tuple[Market, ...] = ()


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """A family of events with one fee type; `fee_multiplier` is a decimal string."""

    ticker: str
    title: str
    fee_type: str
    fee_multiplier: str


class Trade(msgspec.Struct, frozen=True, gc=False):
    """One trade. `price` is the YES price, `taker` the outcome the taker bought."""

    ticker: str
    trade_id: str
    price: Price
    count: Count
    taker: Side
    ts_event: Nanos
    ts_recv: Nanos


class Level(msgspec.Struct, frozen=True, gc=False):
    """Contracts resting at one price."""

    price: Price
    count: Count


class BookSnapshot(msgspec.Struct, frozen=True):
    """A whole book: YES bids, and YES asks (the exchange's NO bids, seen from YES)."""

    ticker: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    sid: int
    seq: int
    ts_event: Nanos | None
    ts_recv: Nanos


class BookDelta(msgspec.Struct, frozen=True, gc=False):
    """A change at one level. `side` YES changes the bids, NO the asks; `price` is a YES price."""

    ticker: str
    side: Side
    price: Price
    change: Count
    sid: int
    seq: int
    ts_event: Nanos | None
    ts_recv: Nanos


class LifecycleKind(StrEnum):
    """What happened to a market."""

    CREATED = "created"
    ACTIVATED = "activated"
    DEACTIVATED = "deactivated"
    CLOSE_DATE_UPDATED = "close_date_updated"
    DETERMINED = "determined"
    SETTLED = "settled"
    GRID_UPDATED = "price_level_structure_updated"
    METADATA_UPDATED = "metadata_updated"


class Lifecycle(msgspec.Struct, frozen=True, gc=False):
    """A market was created, paused, determined or settled. `value` is what one YES pays."""

    ticker: str
    kind: LifecycleKind
    result: str
    value: Cash | None
    close_time: Nanos | None
    ts_recv: Nanos


class Fill(msgspec.Struct, frozen=True, gc=False):
    """Our order met another. `price` is the YES price; `fee` is what the exchange charged."""

    ticker: str
    trade_id: str
    order_id: str
    client_order_id: str | None
    side: Side
    buy: bool
    price: Price
    count: Count
    fee: Cash | None
    taker: bool
    ts_event: Nanos
    ts_recv: Nanos


class OrderUpdate(msgspec.Struct, frozen=True, gc=False):
    """Where one of our orders stands, in the exchange's words (`resting`, `executed`, ...)."""

    ticker: str
    order_id: str
    client_order_id: str | None
    status: str
    side: Side
    price: Price
    initial: Count
    filled: Count
    remaining: Count
    fees: Cash | None
    reason: str | None
    ts_event: Nanos | None
    ts_recv: Nanos
