"""What Kalshi's REST API answers about markets, field for field; `rest_wire` makes sense of it.

Like the WebSocket's, each struct has the fields of both formats (decimal strings, and the
whole cents of recordings before March 2026), and only what karb reads. Recordings write null
for texts that are empty, so texts may be null.
"""

from decimal import Decimal
from typing import Any, TypeAlias

import msgspec

from karb.adapters.kalshi.wire import CentLevels, MixedLevels

Number: TypeAlias = Decimal | None


class RangeWire(msgspec.Struct):
    """Prices from `start` to `end` move by `step`, in dollars."""

    start: str
    end: str
    step: str


class ListedWire(msgspec.Struct):
    """What a market is. It names no series: that is the first part of its event's ticker."""

    ticker: str
    event_ticker: str
    title: str | None = None
    yes_sub_title: str | None = None
    status: str | None = None
    rules_primary: str | None = None
    rules_secondary: str | None = None
    open_time: str | None = None
    close_time: str | None = None
    expected_expiration_time: str | None = None
    price_level_structure: str | None = None
    price_ranges: list[RangeWire] | None = None
    exchange_index: int | None = None
    custom_strike: dict[str, Any] | None = None
    result: str | None = None
    settlement_value_dollars: str | None = None
    settlement_value: int | None = None


class MarketWire(ListedWire):
    """A market with its prices of the moment."""

    yes_bid_dollars: str | None = None
    yes_ask_dollars: str | None = None
    yes_bid_size_fp: str | None = None
    yes_ask_size_fp: str | None = None
    last_price_dollars: str | None = None
    volume_fp: str | None = None
    open_interest_fp: str | None = None
    yes_bid: int | None = None
    yes_ask: int | None = None
    last_price: int | None = None
    volume: int | None = None
    open_interest: int | None = None


class EventWire(msgspec.Struct):
    """An event, with its markets where they were asked for."""

    event_ticker: str
    title: str | None = None
    sub_title: str | None = None
    series_ticker: str | None = None
    mutually_exclusive: bool | None = None
    fee_type_override: str | None = None
    fee_multiplier_override: Number = None
    markets: list[MarketWire] | None = None


class SeriesWire(msgspec.Struct):
    """A series with its fee terms."""

    ticker: str
    fee_type: str
    fee_multiplier: Decimal
    title: str | None = None


class SidesWire(msgspec.Struct):
    """Bids of both sides. The keys lack the `_fp` of the WebSocket's; null means none."""

    yes_dollars: MixedLevels | None = None
    no_dollars: MixedLevels | None = None
    yes: CentLevels | None = None
    no: CentLevels | None = None


class OrderbookWire(msgspec.Struct):
    """The answer about one order book, under its newer or its older name."""

    orderbook_fp: SidesWire | None = None
    orderbook: SidesWire | None = None
