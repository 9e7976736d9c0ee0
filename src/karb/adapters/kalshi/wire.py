"""What Kalshi's WebSocket sends, field for field, and one decoder for all of it.

Each message is a frame, named by its `type`, around a body. A body has the fields of both
formats: decimal strings as sent since March 2026, and the integers of older recordings,
absent ones empty. Only what karb reads is listed; other keys are skipped unread, and every
field more costs time on each tick. `decode` turns frames into karb's messages.

Source: the exchange's AsyncAPI description, `docs.kalshi.com`. A quirk worth knowing: order
book deltas write `ts` as RFC 3339, every other message as a number.
"""

from typing import Final, TypeAlias

import msgspec

Levels: TypeAlias = list[tuple[str, str]]
MixedLevels: TypeAlias = list[tuple[str, int | str]]
CentLevels: TypeAlias = list[tuple[int, int]]


class TickerBody(msgspec.Struct, gc=False):
    """The best prices of a market; a full state, so the newest one counts."""

    market_ticker: str
    yes_bid_dollars: str = ""
    yes_ask_dollars: str = ""
    yes_bid_size_fp: str = ""
    yes_ask_size_fp: str = ""
    volume_fp: str = ""
    ts_ms: int = 0
    ts: int = 0
    yes_bid: int | None = None
    yes_ask: int | None = None
    volume: int | None = None
    price_dollars: str = ""
    price: int | None = None


class TickerFrame(msgspec.Struct, tag_field="type", tag="ticker", gc=False):
    """`ticker`: not sequenced."""

    msg: TickerBody
    sid: int = 0


class TradeBody(msgspec.Struct, gc=False):
    """One trade."""

    market_ticker: str
    trade_id: str = ""
    yes_price_dollars: str = ""
    count_fp: str = ""
    taker_outcome_side: str = ""
    taker_side: str = ""
    ts_ms: int = 0
    ts: int = 0
    yes_price: int | None = None
    count: int | None = None


class TradeFrame(msgspec.Struct, tag_field="type", tag="trade", gc=False):
    """`trade`."""

    msg: TradeBody
    sid: int = 0
    seq: int = 0


class DeltaBody(msgspec.Struct, gc=False):
    """A signed change at one level."""

    market_ticker: str
    price_dollars: str = ""
    delta_fp: str = ""
    side: str = ""
    ts_ms: int = 0
    ts: int | str | None = None
    price: int | None = None
    delta: int | None = None


class DeltaFrame(msgspec.Struct, tag_field="type", tag="orderbook_delta", gc=False):
    """`orderbook_delta`; without its place in the sequence it cannot be applied."""

    msg: DeltaBody
    sid: int
    seq: int


class SnapshotBody(msgspec.Struct, gc=False):
    """All bids of both sides; a side without bids has no key."""

    market_ticker: str
    yes_dollars_fp: Levels | None = None
    no_dollars_fp: Levels | None = None
    yes_dollars: MixedLevels | None = None
    no_dollars: MixedLevels | None = None
    yes: CentLevels | None = None
    no: CentLevels | None = None


class SnapshotFrame(msgspec.Struct, tag_field="type", tag="orderbook_snapshot", gc=False):
    """`orderbook_snapshot`: first on a subscription, and the answer to `get_snapshot`."""

    msg: SnapshotBody
    sid: int
    seq: int


class LifecycleBody(msgspec.Struct, gc=False):
    """A market came, stopped, was decided or paid."""

    market_ticker: str
    event_type: str
    result: str | None = None
    settlement_value: str | None = None
    close_ts: int | None = None


class LifecycleFrame(msgspec.Struct, tag_field="type", tag="market_lifecycle_v2", gc=False):
    """`market_lifecycle_v2`."""

    msg: LifecycleBody
    sid: int = 0
    seq: int = 0


class FillBody(msgspec.Struct, gc=False):
    """One of our orders traded. `side` and `action` are the old words for `outcome_side`."""

    market_ticker: str
    trade_id: str
    order_id: str
    is_taker: bool
    client_order_id: str | None = None
    outcome_side: str | None = None
    book_side: str | None = None
    side: str | None = None
    action: str | None = None
    yes_price_dollars: str | None = None
    count_fp: str | None = None
    fee_cost: str | None = None
    ts_ms: int | None = None
    ts: int | str | None = None
    yes_price: int | None = None
    count: int | None = None


class FillFrame(msgspec.Struct, tag_field="type", tag="fill", gc=False):
    """`fill`: not sequenced, so a lost one is found only by asking."""

    msg: FillBody
    sid: int = 0


class OrderBody(msgspec.Struct, gc=False):
    """Where one of our orders stands."""

    order_id: str
    ticker: str
    status: str
    client_order_id: str | None = None
    outcome_side: str | None = None
    book_side: str | None = None
    side: str | None = None
    yes_price_dollars: str | None = None
    initial_count_fp: str | None = None
    fill_count_fp: str | None = None
    remaining_count_fp: str | None = None
    taker_fees_dollars: str | None = None
    maker_fees_dollars: str | None = None
    last_update_reason: str | None = None
    last_updated_ts_ms: int | None = None
    created_ts_ms: int | None = None
    yes_price: int | None = None
    initial_count: int | None = None
    fill_count: int | None = None
    remaining_count: int | None = None


class OrderFrame(msgspec.Struct, tag_field="type", tag="user_order", gc=False):
    """`user_order`: not sequenced."""

    msg: OrderBody
    sid: int = 0


class SubscribedBody(msgspec.Struct, gc=False):
    """A channel and the number of its subscription."""

    channel: str
    sid: int


class SubscribedFrame(msgspec.Struct, tag_field="type", tag="subscribed", gc=False):
    """One for each channel asked for."""

    msg: SubscribedBody
    id: int = 0


class OkBody(msgspec.Struct, gc=False):
    """All tickers of the subscription after a change."""

    market_tickers: list[str] | None = None


class OkFrame(msgspec.Struct, tag_field="type", tag="ok", gc=False):
    """A command was carried out; a list of subscriptions when that was asked for."""

    msg: OkBody | list[SubscribedBody] | None = None
    id: int = 0
    sid: int = 0
    seq: int = 0


class UnsubscribedFrame(msgspec.Struct, tag_field="type", tag="unsubscribed", gc=False):
    """A subscription ended."""

    id: int = 0
    sid: int = 0
    seq: int = 0


class ErrorBody(msgspec.Struct, gc=False):
    """Why a command failed or, with 10 and 25, why a subscription died."""

    code: int
    msg: str = ""


class ErrorFrame(msgspec.Struct, tag_field="type", tag="error", gc=False):
    """`error`."""

    msg: ErrorBody
    id: int = 0
    sid: int = 0
    seq: int = 0


Frame: TypeAlias = (
    TickerFrame
    | DeltaFrame
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

FRAME_DECODER: Final[msgspec.json.Decoder[Frame]] = msgspec.json.Decoder(Frame)
