"""The WebSocket's messages, field for field as the exchange's AsyncAPI description has them.

Fields that the exchange calls deprecated but still sends are here too; `delta.ts` is RFC 3339
where every other `ts` counts seconds, as on the real wire.
"""

from typing import Literal

import msgspec

Level = tuple[str, str]


class Frame(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What every message has around its body; 0 means that the field is not sent."""

    id: int = 0
    sid: int = 0
    seq: int = 0
    sending_ts_ms: int = 0


class TickerBody(msgspec.Struct, kw_only=True):
    """The best prices of a market, in full."""

    market_id: str
    market_ticker: str
    price_dollars: str
    yes_bid_dollars: str
    yes_ask_dollars: str
    volume_fp: str
    open_interest_fp: str
    dollar_volume: int
    dollar_open_interest: int
    yes_bid_size_fp: str
    yes_ask_size_fp: str
    last_trade_size_fp: str
    ts: int
    ts_ms: int
    time: str


class Ticker(Frame, tag_field="type", tag="ticker", kw_only=True):
    """`ticker`: not sequenced."""

    msg: TickerBody


class TradeBody(msgspec.Struct, kw_only=True):
    """One trade."""

    trade_id: str
    market_ticker: str
    yes_price_dollars: str
    no_price_dollars: str
    count_fp: str
    taker_side: str
    taker_outcome_side: str
    taker_book_side: str
    is_block_trade: bool
    ts: int
    ts_ms: int


class Trade(Frame, tag_field="type", tag="trade", kw_only=True):
    """`trade`."""

    msg: TradeBody


class SnapshotBody(msgspec.Struct, kw_only=True, omit_defaults=True):
    """All bids of both sides; a side without bids has no key."""

    market_ticker: str
    market_id: str
    clock: int
    yes_dollars_fp: list[Level] = []
    no_dollars_fp: list[Level] = []


class Snapshot(Frame, tag_field="type", tag="orderbook_snapshot", kw_only=True):
    """`orderbook_snapshot`: first on a subscription, and what `get_snapshot` brings."""

    msg: SnapshotBody


class DeltaBody(msgspec.Struct, kw_only=True):
    """A signed change of one level."""

    market_ticker: str
    market_id: str
    clock: int
    price_dollars: str
    delta_fp: str
    side: str
    ts: str
    ts_ms: int


class Delta(Frame, tag_field="type", tag="orderbook_delta", kw_only=True):
    """`orderbook_delta`."""

    msg: DeltaBody


class LifecycleBody(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A market was determined or settled."""

    market_ticker: str
    event_type: Literal["determined", "settled"]
    exchange_index: int | None = None
    result: str = ""
    settlement_value: str = ""
    determination_ts: int = 0
    settled_ts: int = 0


class Lifecycle(Frame, tag_field="type", tag="market_lifecycle_v2", kw_only=True):
    """`market_lifecycle_v2`."""

    msg: LifecycleBody


class SubscriptionBody(msgspec.Struct):
    """A channel and the number of its subscription."""

    channel: str
    sid: int


class Subscribed(Frame, tag_field="type", tag="subscribed", kw_only=True):
    """One for each channel that was asked for."""

    msg: SubscriptionBody


class OkBody(msgspec.Struct, omit_defaults=True):
    """All tickers of a subscription after a change."""

    market_tickers: list[str] = []


class Ok(Frame, tag_field="type", tag="ok", kw_only=True):
    """A command was carried out; with the list of subscriptions when that was asked for."""

    msg: OkBody | list[SubscriptionBody]


class Unsubscribed(Frame, tag_field="type", tag="unsubscribed", kw_only=True):
    """A subscription ended as asked."""


class ErrorBody(msgspec.Struct, omit_defaults=True):
    """Why a command failed or, with 10 and 25, why a subscription ended."""

    code: int
    msg: str


class Error(Frame, tag_field="type", tag="error", kw_only=True):
    """`error`."""

    msg: ErrorBody


class Params(msgspec.Struct):
    """What a command may carry; every one is optional to the decoder, not to the exchange."""

    channels: list[str] | None = None
    market_ticker: str | None = None
    market_tickers: list[str] | None = None
    sid: int | None = None
    sids: list[int] | None = None
    action: str | None = None
    send_initial_snapshot: bool = False
    skip_ticker_ack: bool = False
    use_yes_price: bool = False


class Command(msgspec.Struct):
    """What a client sends."""

    cmd: str
    id: int = 0
    params: Params | None = None


COMMANDS = msgspec.json.Decoder(Command)
