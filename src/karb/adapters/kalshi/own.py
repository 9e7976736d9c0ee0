"""News of our own orders: fills and order updates, from the exchange's words to karb's.

The exchange says a direction twice. `outcome_side` is the outcome that a fill makes us
hold more of: buying YES and selling NO are both `yes`. The older `side` and `action` say
which contract was bought or sold; they may be gone at any time. They are used when they
agree with the outcome and left aside when they do not.
"""

from karb.adapters.kalshi.prices import (
    cash_told,
    count_of,
    price_of,
    side_of,
    time_of,
    time_told,
)
from karb.adapters.kalshi.wire import FillBody, OrderBody
from karb.domain.market.messages import Fill, OrderUpdate, Side
from karb.domain.units import Cash, Nanos
from karb.errors import DecodeError


def fill_of(body: FillBody, ts_recv: Nanos) -> Fill:
    """One fill, at its YES price; `DecodeError` without a direction, price, count or time."""
    side, buy = _direction(body)
    count = count_of(body.count_fp, body.count, "count of a fill")
    if count == 0:
        raise DecodeError(f"fill {body.trade_id} of no contracts")
    return Fill(
        ticker=body.market_ticker,
        trade_id=body.trade_id,
        order_id=body.order_id,
        client_order_id=body.client_order_id or None,
        side=side,
        buy=buy,
        price=price_of(body.yes_price_dollars, body.yes_price, "price of a fill"),
        count=count,
        fee=cash_told(body.fee_cost, "fee of a fill"),
        taker=body.is_taker,
        ts_event=time_of(body.ts_ms, body.ts, "time of a fill"),
        ts_recv=ts_recv,
    )


def _direction(body: FillBody) -> tuple[Side, bool]:
    """Which contract, and whether it was bought."""
    outcome = _outcome(body.outcome_side, body.book_side)
    if body.side and body.action in ("buy", "sell"):
        side, buy = side_of(body.side), body.action == "buy"
        if outcome in (None, side if buy else side.other):
            return side, buy
    if outcome is None:
        raise DecodeError(f"fill {body.trade_id} does not say its direction")
    return outcome, True


def _outcome(outcome_side: str | None, book_side: str | None) -> Side | None:
    """The outcome gained; a bid is for YES, an ask for NO. None when neither is told."""
    if outcome_side:
        return side_of(outcome_side)
    if not book_side:
        return None
    if book_side not in ("bid", "ask"):
        raise DecodeError(f"book side {book_side[:20]!r} is neither bid nor ask")
    return Side.YES if book_side == "bid" else Side.NO


def order_update_of(body: OrderBody, ts_recv: Nanos) -> OrderUpdate:
    """Where an order stands, at its YES price; `DecodeError` without price, side or counts."""
    return OrderUpdate(
        ticker=body.ticker,
        order_id=body.order_id,
        client_order_id=body.client_order_id or None,
        status=body.status,
        side=_outcome(body.outcome_side, body.book_side) or side_of(body.side),
        price=price_of(body.yes_price_dollars, body.yes_price, "price of an order"),
        initial=count_of(body.initial_count_fp, body.initial_count, "count of an order"),
        filled=count_of(body.fill_count_fp, body.fill_count, "filled count"),
        remaining=count_of(body.remaining_count_fp, body.remaining_count, "remaining count"),
        fees=_fees(body),
        reason=body.last_update_reason or None,
        ts_event=time_told(body.last_updated_ts_ms) or time_told(body.created_ts_ms),
        ts_recv=ts_recv,
    )


def _fees(body: OrderBody) -> Cash | None:
    """Taker and maker fees together; None when neither is told."""
    taker = cash_told(body.taker_fees_dollars, "taker fees")
    maker = cash_told(body.maker_fees_dollars, "maker fees")
    if taker is None and maker is None:
        return None
    return (taker or 0) + (maker or 0)
