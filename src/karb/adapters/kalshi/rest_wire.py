"""From Kalshi's REST answers to karb's markets, events, series and books.

Each function takes the JSON of one object, as bytes or as a slice of a larger answer, and
gives a value or `DecodeError`. A REST answer does not say when its prices were true, so the
caller hands in the time: of receipt, or of the recording.
"""

from decimal import Decimal
from typing import Final, TypeAlias, TypeVar

import msgspec

from karb.adapters.kalshi.frames import BROKEN, MAX_MESSAGE, not_a_message
from karb.adapters.kalshi.levels import first_told, levels_of
from karb.adapters.kalshi.prices import (
    best_prices,
    cash_told,
    count_told,
    price_told,
    rfc3339,
    tradable,
)
from karb.adapters.kalshi.rest_structs import (
    EventWire,
    ListedWire,
    MarketWire,
    OrderbookWire,
    RangeWire,
    SeriesWire,
    SidesWire,
)
from karb.domain.market.grid import Grid, checked_grid
from karb.domain.market.messages import (
    WHOLE_CENTS,
    BookSnapshot,
    Event,
    Market,
    MarketStatus,
    PriceRange,
    Quote,
    Series,
    Side,
)
from karb.domain.units import CASH_PER_CENT, CASH_PER_DOLLAR, Cash, Nanos, parse_price
from karb.errors import DataError, DecodeError

Raw: TypeAlias = bytes | msgspec.Raw
_T = TypeVar("_T")

# The words of answers. Requests filter by other words (open, settled), which are not these.
_STATUS: Final = {
    "initialized": MarketStatus.UNOPENED,
    "inactive": MarketStatus.PAUSED,
    "active": MarketStatus.ACTIVE,
    "closed": MarketStatus.CLOSED,
    "determined": MarketStatus.DETERMINED,
    "disputed": MarketStatus.DISPUTED,
    "amended": MarketStatus.AMENDED,
    "finalized": MarketStatus.FINALIZED,
}
_MOST_MULTIPLIER: Final = 10
_MULTIPLIER_PLACES: Final = 4
_NUL: Final = rb"\u0000"
"""As JSON writes it; PostgreSQL keeps no text with it."""


def decode_market(raw: Raw, *, ts: Nanos) -> Market:
    """One market; `ts` is when its prices were true."""
    return market_of(_read(raw, MarketWire), ts)


def decode_listed(raw: Raw, *, ts: Nanos) -> Market:
    """One market without its prices, which the stream tells better.

    A bid that met the ask just when the list was written must not cost the market.
    """
    wire = _read(raw, ListedWire)
    try:
        return _facts(wire, ts)
    except DataError as error:
        raise _of_market(wire, error) from error


def decode_event(raw: Raw, *, ts: Nanos) -> Event:
    """One event, with its markets where the answer has them."""
    wire = _read(raw, EventWire)
    multiplier = wire.fee_multiplier_override
    return Event(
        event_ticker=wire.event_ticker,
        series=wire.series_ticker or _series(wire.event_ticker),
        title=wire.title or "",
        sub_title=wire.sub_title or "",
        mutually_exclusive=bool(wire.mutually_exclusive),
        fee_type=wire.fee_type_override or None,
        fee_multiplier=None if multiplier is None else _multiplier(multiplier),
        markets=tuple(market_of(market, ts) for market in wire.markets or ()),
    )


def decode_series(raw: Raw) -> Series:
    """One series; without its fee terms it is an error, because no edge can be had then."""
    wire = _read(raw, SeriesWire)
    return Series(
        ticker=wire.ticker,
        title=wire.title or "",
        fee_type=wire.fee_type,
        fee_multiplier=_multiplier(wire.fee_multiplier),
    )


def decode_orderbook(raw: Raw, *, ticker: str, ts_recv: Nanos) -> BookSnapshot:
    """One order book. `sid` and `seq` are 0: a REST book cannot be joined to a stream."""
    wire = _read(raw, OrderbookWire)
    sides: SidesWire | None = wire.orderbook_fp or wire.orderbook
    if sides is None:
        raise DecodeError(f"{ticker}: the answer has no order book")
    yes, no = first_told(sides.yes_dollars, sides.yes), first_told(sides.no_dollars, sides.no)
    return BookSnapshot(
        ticker=ticker,
        bids=levels_of(yes, Side.YES, use_yes_price=False),
        asks=levels_of(no, Side.NO, use_yes_price=False),
        sid=0,
        seq=0,
        ts_event=None,
        ts_recv=ts_recv,
    )


def market_of(wire: MarketWire, ts: Nanos) -> Market:
    """A market of the wire as karb's; `DecodeError` names the market."""
    try:
        last = price_told(wire.last_price_dollars, wire.last_price, "last price")
        return msgspec.structs.replace(
            _facts(wire, ts),
            quote=_quote(wire, ts),
            last_price=None if last is None else tradable(last),
            open_interest=count_told(wire.open_interest_fp, wire.open_interest, "open interest"),
        )
    except DataError as error:
        raise _of_market(wire, error) from error


def _of_market(wire: ListedWire, error: DataError) -> DecodeError:
    return DecodeError(f"{wire.ticker}: {error.what}", means=error.means)


def _facts(wire: ListedWire, ts: Nanos) -> Market:
    return Market(
        ticker=wire.ticker,
        event_ticker=wire.event_ticker,
        series=_series(wire.event_ticker),
        title=wire.title or "",
        team=wire.yes_sub_title or "",
        status=_STATUS.get(wire.status, MarketStatus.UNKNOWN) if wire.status else None,
        quote=_no_quote(wire.ticker, ts),
        rules=wire.rules_primary or "",
        rules_secondary=wire.rules_secondary or "",
        last_price=None,
        open_interest=None,
        open_time=rfc3339(wire.open_time),
        close_time=rfc3339(wire.close_time),
        expected_expiration=rfc3339(wire.expected_expiration_time),
        grid=_grid(wire),
        exchange_index=wire.exchange_index,
        team_key=_team_key(wire),
        result=wire.result or "",
        settlement_value=_settlement(wire),
    )


def _no_quote(ticker: str, ts: Nanos) -> Quote:
    return Quote(
        ticker=ticker,
        yes_bid=None,
        yes_ask=None,
        yes_bid_size=None,
        yes_ask_size=None,
        volume=None,
        ts_event=ts,
        ts_recv=ts,
    )


def _quote(wire: MarketWire, ts: Nanos) -> Quote:
    bid, ask = best_prices(wire.yes_bid_dollars, wire.yes_bid, wire.yes_ask_dollars, wire.yes_ask)
    return Quote(
        ticker=wire.ticker,
        yes_bid=bid,
        yes_ask=ask,
        yes_bid_size=count_told(wire.yes_bid_size_fp, None, "size of the yes bid"),
        yes_ask_size=count_told(wire.yes_ask_size_fp, None, "size of the yes ask"),
        volume=count_told(wire.volume_fp, wire.volume, "volume"),
        ts_event=ts,
        ts_recv=ts,
    )


def _series(event_ticker: str) -> str:
    return event_ticker.partition("-")[0]


def _grid(wire: ListedWire) -> Grid:
    """The ranges; the label says as much only where it means whole cents."""
    if wire.price_ranges:
        return checked_grid(_range(part) for part in wire.price_ranges)
    if wire.price_level_structure == "linear_cent":
        return WHOLE_CENTS
    raise DecodeError("the price ranges are missing", means="its ticks are not known")


def _range(wire: RangeWire) -> PriceRange:
    start, end, step = (parse_price(text) for text in (wire.start, wire.end, wire.step))
    return PriceRange(start=start, end=end, step=step)


def _team_key(wire: ListedWire) -> str | None:
    """The id under the one key that ends in `_team`; other strikes have none."""
    keys = [
        value
        for key, value in (wire.custom_strike or {}).items()
        if key.endswith("_team") and isinstance(value, str)
    ]
    return keys[0] if len(keys) == 1 and keys[0] else None


def _settlement(wire: ListedWire) -> Cash | None:
    """What one YES pays, once there is a result; before, a 0 here means nothing."""
    if not wire.result:
        return None
    value = cash_told(wire.settlement_value_dollars, "settlement value")
    if value is None and wire.settlement_value is not None:
        value = wire.settlement_value * CASH_PER_CENT
    if value is not None and not 0 <= value <= CASH_PER_DOLLAR:
        raise DecodeError("the settlement value is not between 0 and 1 dollar")
    return value


def _multiplier(number: Decimal) -> str:
    """A fee multiplier as a plain decimal string, as the fee rules read it.

    Fees are multiplied by it, so it is bounded; and what is finer than the rules count would
    be refused there, in the middle of a run.
    """
    sign, digits, exponent = number.as_tuple()
    if sign or not isinstance(exponent, int) or number > _MOST_MULTIPLIER:
        raise DecodeError(f"fee multiplier {number:.6g} is not between 0 and {_MOST_MULTIPLIER}")
    places = -exponent - _MULTIPLIER_PLACES
    if places > 0 and any(digits[-places:]):
        raise DecodeError(f"fee multiplier {number:.6g} has more than {_MULTIPLIER_PLACES} places")
    return f"{number:f}"


def _read(raw: Raw, kind: type[_T]) -> _T:
    size = memoryview(raw).nbytes
    if size > MAX_MESSAGE:
        raise DecodeError(f"an answer of {size:,} bytes is longer than {MAX_MESSAGE:,}")
    if _NUL in bytes(raw):
        raise DecodeError("not a message of the exchange: it has a character that no text has")
    try:
        return msgspec.json.decode(raw, type=kind)
    except BROKEN as error:
        raise not_a_message(error) from error
