"""From Kalshi's frames to karb's messages: market data and answers to commands.

A frame says what the exchange wrote; a message says what it means, in karb's units. What is
wrong inside a well-formed frame (a missing price, a size below 0, a bid above the ask) is
found here and is a `DecodeError` like everything else.
"""

from typing import Final, Literal, TypeAlias, assert_never

import msgspec

from karb.adapters.kalshi.frames import Ignored, read_frame
from karb.adapters.kalshi.levels import first_told, levels_of, yes_price
from karb.adapters.kalshi.own import fill_of, order_update_of
from karb.adapters.kalshi.prices import (
    best_prices,
    cash_told,
    change_of,
    count_of,
    count_told,
    level_price,
    price_of,
    side_of,
    time_of,
    time_told,
)
from karb.adapters.kalshi.wire import (
    DeltaFrame,
    ErrorFrame,
    FillFrame,
    Frame,
    LifecycleFrame,
    OkBody,
    OkFrame,
    OrderFrame,
    SnapshotFrame,
    SubscribedFrame,
    TickerBody,
    TickerFrame,
    TradeBody,
    TradeFrame,
    UnsubscribedFrame,
)
from karb.domain.market.messages import (
    BookDelta,
    BookSnapshot,
    Fill,
    Lifecycle,
    LifecycleKind,
    OrderUpdate,
    Quote,
    Side,
    Trade,
)
from karb.domain.units import CASH_PER_DOLLAR, Nanos
from karb.errors import DecodeError

_LIFECYCLE: Final = {kind.value: kind for kind in LifecycleKind}


class Control(msgspec.Struct, frozen=True):
    """An answer to a command. `sid` and `seq` are 0 where there are none.

    `tickers` are all markets of the subscription after a change; `code` and `text` say why a
    command failed or a subscription died.
    """

    kind: Literal["subscribed", "ok", "unsubscribed", "error"]
    id: int
    sid: int
    seq: int
    channel: str = ""
    tickers: tuple[str, ...] = ()
    code: int | None = None
    text: str = ""


Message: TypeAlias = (
    Quote | Trade | BookSnapshot | BookDelta | Lifecycle | Fill | OrderUpdate | Control | Ignored
)


def decode_frame(raw: bytes | str, *, ts_recv: Nanos, use_yes_price: bool = False) -> Message:
    """Read one WebSocket text as one of karb's messages; `DecodeError` for anything else."""
    return message_of(read_frame(raw), ts_recv=ts_recv, use_yes_price=use_yes_price)


def message_of(frame: Frame | Ignored, *, ts_recv: Nanos, use_yes_price: bool = False) -> Message:
    """Turn a frame into a message; `use_yes_price` is what the subscription asked for."""
    match frame:
        case TickerFrame():
            return quote_of(frame.msg, ts_recv)
        case DeltaFrame():
            return _delta(frame, ts_recv, use_yes_price)
        case SnapshotFrame():
            return _snapshot(frame, ts_recv, use_yes_price)
        case TradeFrame():
            return _trade(frame.msg, ts_recv)
        case LifecycleFrame():
            return _lifecycle(frame, ts_recv)
        case FillFrame():
            return fill_of(frame.msg, ts_recv)
        case OrderFrame():
            return order_update_of(frame.msg, ts_recv)
        case Ignored():
            return frame
        case SubscribedFrame() | OkFrame() | UnsubscribedFrame() | ErrorFrame():
            return _control(frame)
        case _:
            assert_never(frame)


def quote_of(body: TickerBody, ts_recv: Nanos) -> Quote:
    """The best prices told by a ticker message.

    `DecodeError` for a price that is missing or outside 0..1 dollar, for a missing time, and
    for a bid that is not below the ask, which no exchange lets rest.
    """
    bid, ask = best_prices(body.yes_bid_dollars, body.yes_bid, body.yes_ask_dollars, body.yes_ask)
    return Quote(
        ticker=body.market_ticker,
        yes_bid=bid,
        yes_ask=ask,
        yes_bid_size=count_told(body.yes_bid_size_fp, None, "size of the yes bid"),
        yes_ask_size=count_told(body.yes_ask_size_fp, None, "size of the yes ask"),
        volume=count_told(body.volume_fp, body.volume, "volume"),
        ts_event=time_of(body.ts_ms, body.ts, "time of a ticker"),
        ts_recv=ts_recv,
    )


def _delta(frame: DeltaFrame, ts_recv: Nanos, use_yes_price: bool) -> BookDelta:
    body = frame.msg
    side = side_of(body.side)
    told = level_price(price_of(body.price_dollars, body.price, "price of a delta"))
    return BookDelta(
        ticker=body.market_ticker,
        side=side,
        price=yes_price(told, side, use_yes_price=use_yes_price),
        change=change_of(body.delta_fp, body.delta, "change of a level"),
        sid=frame.sid,
        seq=frame.seq,
        ts_event=time_told(body.ts_ms, body.ts),
        ts_recv=ts_recv,
    )


def _snapshot(frame: SnapshotFrame, ts_recv: Nanos, use_yes_price: bool) -> BookSnapshot:
    body = frame.msg
    yes = first_told(body.yes_dollars_fp, body.yes_dollars, body.yes)
    no = first_told(body.no_dollars_fp, body.no_dollars, body.no)
    return BookSnapshot(
        ticker=body.market_ticker,
        bids=levels_of(yes, Side.YES, use_yes_price=use_yes_price),
        asks=levels_of(no, Side.NO, use_yes_price=use_yes_price),
        sid=frame.sid,
        seq=frame.seq,
        ts_event=None,
        ts_recv=ts_recv,
    )


def _trade(body: TradeBody, ts_recv: Nanos) -> Trade:
    return Trade(
        ticker=body.market_ticker,
        trade_id=body.trade_id,
        price=price_of(body.yes_price_dollars, body.yes_price, "price of a trade"),
        count=count_of(body.count_fp, body.count, "count of a trade"),
        taker=side_of(body.taker_outcome_side or body.taker_side),
        ts_event=time_of(body.ts_ms, body.ts, "time of a trade"),
        ts_recv=ts_recv,
    )


def _lifecycle(frame: LifecycleFrame, ts_recv: Nanos) -> Lifecycle | Ignored:
    body = frame.msg
    kind = _LIFECYCLE.get(body.event_type)
    if kind is None:
        return Ignored(kind=f"lifecycle {body.event_type}", sid=frame.sid, seq=frame.seq)
    value = cash_told(body.settlement_value, "settlement value")
    if value is not None and value > CASH_PER_DOLLAR:
        raise DecodeError(f"settlement value {body.settlement_value} is above 1 dollar")
    return Lifecycle(
        ticker=body.market_ticker,
        kind=kind,
        result=body.result or "",
        value=value,
        close_time=time_told(None, body.close_ts),
        ts_recv=ts_recv,
    )


def _control(frame: SubscribedFrame | OkFrame | UnsubscribedFrame | ErrorFrame) -> Control:
    match frame:
        case SubscribedFrame():
            body = frame.msg
            return Control("subscribed", frame.id, body.sid, 0, channel=body.channel)
        case OkFrame():
            told = frame.msg.market_tickers if isinstance(frame.msg, OkBody) else None
            return Control("ok", frame.id, frame.sid, frame.seq, tickers=tuple(told or ()))
        case UnsubscribedFrame():
            return Control("unsubscribed", frame.id, frame.sid, frame.seq)
        case ErrorFrame():
            why = frame.msg
            return Control("error", frame.id, frame.sid, frame.seq, code=why.code, text=why.msg)
