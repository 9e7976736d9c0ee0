"""What happens to a market, to our orders and to our commands is read, or refused, whole."""

from typing import Any

import pytest

from kalshi_texts import MS, NOW, TICKER, decoded
from karb.adapters.kalshi.decode import Control, Message, decode_frame
from karb.adapters.kalshi.frames import Ignored
from karb.domain.market.messages import (
    Fill,
    Lifecycle,
    LifecycleKind,
    OrderUpdate,
    Side,
)
from karb.domain.units import MILLISECOND, SECOND
from karb.errors import DecodeError


@pytest.mark.parametrize(
    ("body", "kind", "value"),
    [
        (
            {"event_type": "determined", "result": "scalar", "settlement_value": "0.5000"},
            LifecycleKind.DETERMINED,
            500_000,
        ),
        ({"event_type": "settled"}, LifecycleKind.SETTLED, None),
        ({"event_type": "close_date_updated", "close_ts": 1_694_635_200}, None, None),
    ],
)
def test_a_lifecycle_says_what_happened_and_what_a_yes_pays(
    body: dict[str, Any], kind: LifecycleKind | None, value: int | None
) -> None:
    message = decoded("market_lifecycle_v2", {"market_ticker": TICKER, **body}, sid=13, seq=3)
    assert isinstance(message, Lifecycle)
    assert message.kind is (kind or LifecycleKind.CLOSE_DATE_UPDATED)
    assert message.value == value
    assert message.close_time == (None if kind else 1_694_635_200 * SECOND)


def test_a_lifecycle_of_an_unknown_kind_is_ignored() -> None:
    body = {"market_ticker": TICKER, "event_type": "teleported"}
    message = decoded("market_lifecycle_v2", body, sid=13, seq=3)
    assert message == Ignored(kind="lifecycle teleported", sid=13, seq=3)


def test_a_market_that_would_pay_more_than_a_dollar_is_a_decode_error() -> None:
    body = {"market_ticker": TICKER, "event_type": "determined", "settlement_value": "1.0100"}
    with pytest.raises(DecodeError):
        decoded("market_lifecycle_v2", body)


def fill(**changes: Any) -> Message:
    body = {
        "trade_id": "d91b",
        "order_id": "ee58",
        "market_ticker": TICKER,
        "is_taker": True,
        "side": "yes",
        "action": "buy",
        "outcome_side": "yes",
        "book_side": "bid",
        "yes_price_dollars": "0.7500",
        "count_fp": "278.00",
        "fee_cost": "0.010000",
        "ts_ms": MS,
        **changes,
    }
    return decoded("fill", {k: v for k, v in body.items() if v is not None}, sid=13)


def test_a_fill_of_today_carries_price_count_and_fee() -> None:
    assert fill() == Fill(
        ticker=TICKER,
        trade_id="d91b",
        order_id="ee58",
        client_order_id=None,
        side=Side.YES,
        buy=True,
        price=7_500,
        count=27_800,
        fee=10_000,
        taker=True,
        ts_event=MS * MILLISECOND,
        ts_recv=NOW,
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"side": None, "action": None}, (Side.YES, True)),
        ({"side": None, "action": None, "outcome_side": None}, (Side.YES, True)),
        (
            {"side": None, "action": None, "outcome_side": None, "book_side": "ask"},
            (Side.NO, True),
        ),
        ({"side": "no", "action": "sell"}, (Side.NO, False)),
        ({"side": "yes", "action": "sell", "outcome_side": "no"}, (Side.YES, False)),
        ({"side": "yes", "action": "sell"}, (Side.YES, True)),
        ({"side": "no", "action": "buy", "outcome_side": None, "book_side": None}, (Side.NO, True)),
    ],
)
def test_the_direction_of_a_fill_follows_the_outcome(
    words: dict[str, Any], expected: tuple[Side, bool]
) -> None:
    message = fill(**words)
    assert isinstance(message, Fill)
    assert (message.side, message.buy) == expected


@pytest.mark.parametrize(
    "broken",
    [
        {"side": None, "action": None, "outcome_side": None, "book_side": None},
        {"outcome_side": "maybe"},
        {"book_side": "left", "outcome_side": None},
        {"yes_price_dollars": None},
        {"count_fp": None},
        {"count_fp": "0.00"},
        {"fee_cost": "-0.01"},
        {"ts_ms": None},
        {"trade_id": None},
    ],
)
def test_a_fill_that_cannot_be_booked_is_a_decode_error(broken: dict[str, Any]) -> None:
    with pytest.raises(DecodeError):
        fill(**broken)


def test_an_order_update_carries_counts_and_both_fees() -> None:
    body = {
        "order_id": "ee58",
        "ticker": TICKER,
        "status": "resting",
        "is_yes": True,
        "outcome_side": "no",
        "yes_price_dollars": "0.3500",
        "initial_count_fp": "10.00",
        "fill_count_fp": "2.50",
        "remaining_count_fp": "7.50",
        "taker_fees_dollars": "0.010000",
        "maker_fees_dollars": "0.002500",
        "client_order_id": "mine",
        "last_update_reason": "Trade",
        "last_updated_ts_ms": MS,
    }
    assert decoded("user_order", body, sid=22) == OrderUpdate(
        ticker=TICKER,
        order_id="ee58",
        client_order_id="mine",
        status="resting",
        side=Side.NO,
        price=3_500,
        initial=1_000,
        filled=250,
        remaining=750,
        fees=12_500,
        reason="Trade",
        ts_event=MS * MILLISECOND,
        ts_recv=NOW,
    )
    with pytest.raises(DecodeError):
        decoded("user_order", body | {"remaining_count_fp": None}, sid=22)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            b'{"id":1,"type":"subscribed","msg":{"channel":"trade","sid":4},"sending_ts_ms":1}',
            Control("subscribed", 1, 4, 0, channel="trade"),
        ),
        (
            b'{"id":3,"sid":1,"seq":222,"type":"ok","msg":{"market_tickers":["A","B"]}}',
            Control("ok", 3, 1, 222, tickers=("A", "B")),
        ),
        (
            b'{"id":5,"type":"ok","msg":[{"channel":"orderbook_delta","sid":1}]}',
            Control("ok", 5, 0, 0),
        ),
        (b'{"id":6,"sid":2,"seq":7,"type":"unsubscribed"}', Control("unsubscribed", 6, 2, 7)),
        (
            b'{"id":9,"type":"error","msg":{"code":7,"msg":"Unknown subscription ID"}}',
            Control("error", 9, 0, 0, code=7, text="Unknown subscription ID"),
        ),
    ],
)
def test_answers_to_commands_are_control_messages(raw: bytes, expected: Control) -> None:
    assert decode_frame(raw, ts_recv=NOW) == expected
