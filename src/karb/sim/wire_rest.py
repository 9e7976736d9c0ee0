"""The bodies of the REST answers, field for field in the format of autumn 2026.

`liquidity_dollars` is gone from the real answers; a client library still insists on it, and
the exchange sent 0 to the end, so it is here.
"""

from typing import Any

import msgspec

from karb.sim.wire_stream import Level


class PriceRange(msgspec.Struct):
    """Prices from `start` to `end` move by `step`."""

    start: str
    end: str
    step: str


class Market(msgspec.Struct, kw_only=True):
    """A market."""

    ticker: str
    event_ticker: str
    market_type: str = "binary"
    title: str
    subtitle: str = ""
    yes_sub_title: str
    no_sub_title: str
    created_time: str
    updated_time: str
    open_time: str
    close_time: str
    expected_expiration_time: str
    expiration_time: str
    latest_expiration_time: str
    occurrence_datetime: str
    settlement_timer_seconds: int
    status: str
    yes_bid_dollars: str
    yes_ask_dollars: str
    no_bid_dollars: str
    no_ask_dollars: str
    yes_bid_size_fp: str
    yes_ask_size_fp: str
    last_price_dollars: str
    previous_yes_bid_dollars: str
    previous_yes_ask_dollars: str
    previous_price_dollars: str
    volume_fp: str
    volume_24h_fp: str
    open_interest_fp: str
    liquidity_dollars: str = "0.0000"
    notional_value_dollars: str = "1.0000"
    result: str
    can_close_early: bool = True
    early_close_condition: str
    settlement_value_dollars: str | None
    settlement_ts: str | None
    settlement_bounds_type: str = "default"
    expiration_value: str
    strike_type: str = "structured"
    custom_strike: dict[str, str]
    rules_primary: str
    rules_secondary: str
    price_level_structure: str
    price_ranges: list[PriceRange]
    is_provisional: bool = False
    exchange_index: int


class Source(msgspec.Struct):
    """Who says what the result is."""

    name: str
    url: str


class Event(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An event, with its markets where they are asked for."""

    event_ticker: str
    series_ticker: str
    sub_title: str
    title: str
    category: str
    collateral_return_type: str
    mutually_exclusive: bool
    available_on_brokers: bool
    settlement_sources: list[Source]
    product_metadata: dict[str, Any]
    exchange_index: int
    strike_period: str
    last_updated_ts: str
    markets: list[Market] | None = None


class Series(msgspec.Struct, kw_only=True):
    """A series with its fee terms."""

    ticker: str
    title: str
    category: str = "Sports"
    categories: list[str]
    frequency: str = "custom"
    tags: list[str]
    settlement_sources: list[Source]
    contract_url: str = ""
    contract_terms_url: str = ""
    additional_prohibitions: list[str] = []
    fee_type: str
    fee_multiplier: float
    last_updated_ts: str


class Sides(msgspec.Struct):
    """Bids of both sides, the best last."""

    yes_dollars: list[Level]
    no_dollars: list[Level]


class Orderbook(msgspec.Struct, omit_defaults=True):
    """One order book; with its ticker where several were asked for."""

    orderbook_fp: Sides
    ticker: str = ""


class Trade(msgspec.Struct, kw_only=True):
    """A trade of the past."""

    trade_id: str
    ticker: str
    count_fp: str
    yes_price_dollars: str
    no_price_dollars: str
    taker_side: str
    taker_outcome_side: str
    taker_book_side: str
    is_block_trade: bool
    created_time: str
