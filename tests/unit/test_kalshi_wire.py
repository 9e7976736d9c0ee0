"""Both wire formats mean the same, and nothing that is missing becomes a number."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from data_files import recorded
from karb.adapters.kalshi.book_path import delta_path
from karb.adapters.kalshi.decode import Control, Message, decode_frame
from karb.adapters.kalshi.frames import Ignored, read_frame
from karb.adapters.kalshi.rest_wire import (
    decode_event,
    decode_market,
    decode_orderbook,
    decode_series,
)
from karb.domain.market.book import Book
from karb.domain.market.messages import (
    WHOLE_CENTS,
    BookDelta,
    BookSnapshot,
    Fill,
    Level,
    Lifecycle,
    LifecycleKind,
    MarketStatus,
    OrderUpdate,
    PriceRange,
    Quote,
    Side,
    Trade,
)
from karb.domain.units import MILLISECOND, SECOND, Nanos
from karb.errors import DecodeError

NOW: Nanos = 1_790_000_000 * SECOND
MS = 1_789_999_999_123
TICKER = "KXNFLGAME-26SEP21NYGLAR-NYG"


def frame(kind: str, body: Any, **top: Any) -> bytes:
    return json.dumps({"type": kind, **top, "msg": body}).encode()


def decoded(kind: str, body: Any, **top: Any) -> Message:
    return decode_frame(frame(kind, body, **top), ts_recv=NOW)


def ticker(**changes: Any) -> bytes:
    body = {
        "market_ticker": TICKER,
        "yes_bid_dollars": "0.4500",
        "yes_ask_dollars": "0.5300",
        "yes_bid_size_fp": "300.00",
        "yes_ask_size_fp": "150.50",
        "volume_fp": "33896.00",
        "ts_ms": MS,
        **changes,
    }
    return frame("ticker", {k: v for k, v in body.items() if v is not None}, sid=11)


def quote(raw: bytes) -> Quote:
    message = decode_frame(raw, ts_recv=NOW)
    assert isinstance(message, Quote)
    return message


def test_a_ticker_of_today_is_a_quote() -> None:
    assert quote(ticker()) == Quote(
        ticker=TICKER,
        yes_bid=4_500,
        yes_ask=5_300,
        yes_bid_size=30_000,
        yes_ask_size=15_050,
        volume=3_389_600,
        ts_event=MS * MILLISECOND,
        ts_recv=NOW,
    )


def test_a_ticker_in_cents_is_the_same_quote_without_the_sizes() -> None:
    """The specification's own sample: `ts` is in milliseconds there."""
    body = {
        "market_ticker": "KXNBA-26-NYK",
        "yes_bid": 6,
        "yes_ask": 7,
        "no_bid": 93,
        "no_ask": 94,
        "volume": 5_359_720,
        "ts": 1_768_235_835_959,
    }
    assert decoded("ticker", body) == Quote(
        ticker="KXNBA-26-NYK",
        yes_bid=600,
        yes_ask=700,
        yes_bid_size=None,
        yes_ask_size=None,
        volume=535_972_000,
        ts_event=1_768_235_835_959 * MILLISECOND,
        ts_recv=NOW,
    )


def test_where_both_formats_stand_side_by_side_the_string_wins() -> None:
    both = quote(ticker(yes_bid_dollars="0.455", yes_bid=45, yes_ask=53, volume=1))
    assert (both.yes_bid, both.yes_ask, both.volume) == (4_550, 5_300, 3_389_600)


@pytest.mark.parametrize("price", ["0.48", "0.480", "0.4800", "0.480000"])
def test_a_price_of_any_width_is_read(price: str) -> None:
    assert quote(ticker(yes_bid_dollars=price)).yes_bid == 4_800


@pytest.mark.parametrize(
    ("bid", "ask", "expected"),
    [
        ("0.0000", "0.0100", (None, 100)),
        ("0.9900", "1.0000", (9_900, None)),
        ("0.0000", "1.0000", (None, None)),
        ("0.0000", "0.0000", (None, None)),
        ("1.0000", "1.0000", (None, None)),
    ],
)
def test_a_price_of_nothing_or_of_a_dollar_is_no_quote(
    bid: str, ask: str, expected: tuple[int | None, int | None]
) -> None:
    told = quote(ticker(yes_bid_dollars=bid, yes_ask_dollars=ask))
    assert (told.yes_bid, told.yes_ask) == expected


def test_sizes_and_volume_that_are_not_told_are_none() -> None:
    bare = quote(ticker(yes_bid_size_fp=None, yes_ask_size_fp=None, volume_fp=None))
    assert (bare.yes_bid_size, bare.yes_ask_size, bare.volume) == (None, None, None)


def test_seconds_are_read_where_milliseconds_are_missing() -> None:
    assert quote(ticker(ts_ms=None, ts=1_669_149_841)).ts_event == 1_669_149_841 * SECOND


@pytest.mark.parametrize(
    "changes",
    [
        {"yes_bid_dollars": None},
        {"yes_ask_dollars": ""},
        {"yes_bid_dollars": "-0.0100"},
        {"yes_bid_dollars": "1.0100"},
        {"yes_bid_dollars": "NaN"},
        {"yes_bid_dollars": "0.12345"},
        {"yes_bid_dollars": " 0.45"},
        {"yes_bid_dollars": "4_5"},
        {"yes_bid_dollars": 0.45},
        {"yes_bid_dollars": None, "yes_bid": 101},
        {"yes_bid_dollars": None, "yes_bid": -1},
        {"yes_bid_dollars": None, "yes_bid": 45.5},
        {"yes_bid_dollars": None, "yes_bid": True},
        {"yes_bid_dollars": "0.5300"},
        {"yes_bid_dollars": "0.6000"},
        {"yes_bid_size_fp": "-1.00"},
        {"volume_fp": "many"},
        {"ts_ms": None},
        {"ts_ms": 12},
        {"ts_ms": -MS},
        {"market_ticker": None},
    ],
)
def test_a_ticker_that_cannot_be_true_is_a_decode_error(changes: dict[str, Any]) -> None:
    with pytest.raises(DecodeError):
        decode_frame(ticker(**changes), ts_recv=NOW)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"ticker"',
        b"<html></html>",
        b"\xff\xfe",
        b'{"type":"ticker"}',
        b'{"type":"ticker","msg":null}',
        b'{"msg":{}}',
        b'{"type":7,"msg":{}}',
        b'{"type":"ticker","msg":{"market_ticker":"\xff","ts":1}}',
        b'{"type":"ticker","x":' + b"[" * 100_000,
        b'{"type":"new","x":' + b"[" * 100_000,
        b'{"type":"ticker","msg":{"market_ticker":"T","yes_bid":' + b"9" * 6_000 + b"}}",
        ticker() + b" " * (1 << 20),
        ticker().replace(b'"0.4500"', b"NaN"),
    ],
)
def test_what_is_not_a_message_is_a_decode_error(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_frame(raw, ts_recv=NOW)


def test_a_text_that_is_no_unicode_is_a_decode_error() -> None:
    with pytest.raises(DecodeError):
        decode_frame('{"type":"ticker","msg":{"market_ticker":"\ud800"}}', ts_recv=NOW)


@pytest.mark.parametrize("kind", ["event_lifecycle", "event_fee_update", "market_position", "new"])
def test_a_kind_that_is_not_read_is_a_value_with_its_place_in_the_sequence(kind: str) -> None:
    assert decoded(kind, {"a": [1]}, sid=5, seq=2) == Ignored(kind=kind, sid=5, seq=2)


def test_unknown_keys_are_ignored() -> None:
    assert quote(ticker(clock=7, novelty={"a": [None]})) == quote(ticker())


def test_a_trade_is_the_same_in_both_formats() -> None:
    today = decoded(
        "trade",
        {
            "trade_id": "d91b",
            "market_ticker": TICKER,
            "yes_price_dollars": "0.3600",
            "no_price_dollars": "0.6400",
            "count_fp": "136.00",
            "taker_side": "yes",
            "taker_outcome_side": "no",
            "ts": MS // 1000,
            "ts_ms": MS,
        },
        sid=11,
        seq=4,
    )
    cents = decoded(
        "trade",
        {
            "trade_id": "d91b",
            "market_ticker": TICKER,
            "yes_price": 36,
            "no_price": 64,
            "count": 136,
            "taker_side": "no",
            "ts": MS,
        },
    )
    assert today == cents
    assert today == Trade(
        ticker=TICKER,
        trade_id="d91b",
        price=3_600,
        count=13_600,
        taker=Side.NO,
        ts_event=MS * MILLISECOND,
        ts_recv=NOW,
    )


SNAPSHOTS: dict[str, dict[str, Any]] = {
    "today": {
        "yes_dollars_fp": [["0.0800", "300.00"], ["0.2200", "333.00"]],
        "no_dollars_fp": [["0.5600", "146.00"], ["0.5400", "20.00"]],
    },
    "january": {
        "yes": [[8, 300], [22, 333]],
        "yes_dollars": [["0.080", 300], ["0.220", 333]],
        "no": [[56, 146], [54, 20]],
        "no_dollars": [["0.560", 146], ["0.540", 20]],
    },
    "cents": {"yes": [[8, 300], [22, 333]], "no": [[56, 146], [54, 20]]},
}


@pytest.mark.parametrize("shape", SNAPSHOTS)
def test_a_snapshot_is_one_book_of_yes_prices_best_first(shape: str) -> None:
    body = {"market_ticker": TICKER, **SNAPSHOTS[shape]}
    assert decoded("orderbook_snapshot", body, sid=2, seq=1) == BookSnapshot(
        ticker=TICKER,
        bids=(Level(price=2_200, count=33_300), Level(price=800, count=30_000)),
        asks=(Level(price=4_400, count=14_600), Level(price=4_600, count=2_000)),
        sid=2,
        seq=1,
        ts_event=None,
        ts_recv=NOW,
    )


def test_levels_at_yes_prices_are_not_mirrored_again() -> None:
    body = {"market_ticker": TICKER, "no_dollars_fp": [["0.5200", "1.00"]]}
    raw = frame("orderbook_snapshot", body, sid=2, seq=1)
    mirrored = decode_frame(raw, ts_recv=NOW)
    as_told = decode_frame(raw, ts_recv=NOW, use_yes_price=True)
    assert isinstance(mirrored, BookSnapshot)
    assert isinstance(as_told, BookSnapshot)
    assert [level.price for level in mirrored.asks] == [4_800]
    assert [level.price for level in as_told.asks] == [5_200]


def test_a_side_without_a_key_is_empty() -> None:
    empty = decoded("orderbook_snapshot", {"market_ticker": TICKER}, sid=2, seq=1)
    assert isinstance(empty, BookSnapshot)
    assert (empty.bids, empty.asks) == ((), ())


@pytest.mark.parametrize(
    "levels",
    [
        [["0.4700", "1.00"], ["0.47", "2.00"]],
        [["0.0000", "1.00"]],
        [["1.0000", "1.00"]],
        [["0.4700", "-1.00"]],
        [["0.4700"]],
        [["0.4700", "1.00", "2.00"]],
        [["", "1.00"]],
        [["0.4700", ""]],
        [[47, 1]],
        [None],
        "0.47",
    ],
)
def test_levels_that_cannot_be_true_are_decode_errors(levels: object) -> None:
    body = {"market_ticker": TICKER, "yes_dollars_fp": levels}
    with pytest.raises(DecodeError):
        decoded("orderbook_snapshot", body, sid=2, seq=1)


@pytest.mark.parametrize(
    ("body", "ts"),
    [
        ({"price_dollars": "0.9600", "delta_fp": "-54.00", "ts_ms": MS}, MS * MILLISECOND),
        ({"price": 96, "price_dollars": "0.960", "delta": -54}, None),
        ({"price": 96, "delta": -54, "ts": "2022-11-22T20:44:01Z"}, 1_669_149_841 * SECOND),
    ],
)
def test_a_delta_is_the_same_in_every_format(body: dict[str, Any], ts: Nanos | None) -> None:
    message = decoded(
        "orderbook_delta", {"market_ticker": TICKER, "side": "no", **body}, sid=2, seq=3
    )
    assert message == BookDelta(
        ticker=TICKER,
        side=Side.NO,
        price=400,
        change=-5_400,
        sid=2,
        seq=3,
        ts_event=ts,
        ts_recv=NOW,
    )


@pytest.mark.parametrize(
    "broken",
    [
        {"price_dollars": None},
        {"delta_fp": None},
        {"side": "maybe"},
        {"side": None},
        {"price_dollars": "0.0000"},
        {"price_dollars": "1.0000"},
        {"ts": "yesterday"},
        {"ts": "2026-01-01T00:00:00"},
        {"seq": None},
    ],
)
def test_a_delta_that_cannot_be_applied_is_a_decode_error(broken: dict[str, Any]) -> None:
    body: dict[str, Any] = {"market_ticker": TICKER, "price_dollars": "0.96", "delta_fp": "1.00"}
    body |= {"side": "yes"} | broken
    told = {key: value for key, value in body.items() if value is not None}
    top = {"sid": 2} if "seq" in broken else {"sid": 2, "seq": 3}
    with pytest.raises(DecodeError):
        decoded("orderbook_delta", told, **top)


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


def delta(**changes: Any) -> bytes:
    body: dict[str, Any] = {"market_ticker": TICKER, "price_dollars": "0.5400", "delta_fp": "1.00"}
    body |= {"side": "no"} | changes
    told = {key: value for key, value in body.items() if value is not None}
    return frame("orderbook_delta", told, sid=2, seq=3)


def short_way(*books: Book) -> Callable[[bytes], Book | None]:
    return delta_path({book.ticker: book for book in books}, on_frame=lambda _frame: None)


def book() -> Book:
    found = Book(TICKER)
    snapshot = decoded(
        "orderbook_snapshot", {"market_ticker": TICKER, **SNAPSHOTS["today"]}, sid=2, seq=1
    )
    assert isinstance(snapshot, BookSnapshot)
    found.apply_snapshot(snapshot)
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"price_dollars": "0.54"},
        {"price_dollars": "0.540", "delta_fp": None, "delta": 1},
        {"price_dollars": None, "delta_fp": None, "price": 54, "delta": 1},
    ],
)
def test_the_short_way_takes_every_format(changes: dict[str, Any]) -> None:
    target = book()
    assert short_way(target)(delta(**changes)) is target
    assert target.asks == {4_400: 14_600, 4_600: 2_100}


@pytest.mark.parametrize(
    "broken",
    [{"side": "maybe"}, {"price_dollars": "1.0000"}, {"price_dollars": "x"}, {"delta_fp": "x"}],
)
def test_the_short_way_refuses_what_cannot_be_true_and_changes_nothing(
    broken: dict[str, Any],
) -> None:
    target = book()
    with pytest.raises(DecodeError):
        short_way(target)(delta(**broken))
    assert (target.bids, target.asks) == (book().bids, book().asks)


def test_the_short_way_knows_no_market_without_a_book() -> None:
    assert short_way()(delta()) is None


def test_the_short_way_hands_every_other_frame_on() -> None:
    seen: list[object] = []
    path = delta_path({}, on_frame=seen.append)
    for raw in (ticker(), frame("new", {}, sid=1, seq=2)):
        assert path(raw) is None
    assert seen == [read_frame(ticker()), Ignored(kind="new", sid=1, seq=2)]
    with pytest.raises(DecodeError):
        path(b"{")


# REST


def market(**changes: Any) -> bytes:
    body = {
        "ticker": "KXNHLGAME-26OCT12VGKMIN-VGK",
        "event_ticker": "KXNHLGAME-26OCT12VGKMIN",
        "title": "Vegas wins",
        "yes_sub_title": "Vegas",
        "no_sub_title": "Vegas",
        "status": "active",
        "strike_type": "structured",
        "custom_strike": {"hockey_team": "team-1"},
        "yes_bid_dollars": "0.6100",
        "yes_ask_dollars": "0.6150",
        "yes_bid_size_fp": "12.00",
        "yes_ask_size_fp": "3.50",
        "last_price_dollars": "0.6120",
        "volume_fp": "160.25",
        "open_interest_fp": "80.00",
        "open_time": "2026-10-06T01:06:00Z",
        "close_time": "2026-10-15T00:00:00Z",
        "expected_expiration_time": "2026-10-13T03:00:00Z",
        "price_level_structure": "tapered_deci_cent",
        "price_ranges": [
            {"start": "0.0000", "end": "0.1000", "step": "0.0010"},
            {"start": "0.1000", "end": "0.9000", "step": "0.0100"},
            {"start": "0.9000", "end": "1.0000", "step": "0.0010"},
        ],
        "result": "",
        "exchange_index": 0,
        **changes,
    }
    return json.dumps({k: v for k, v in body.items() if v != "gone"}).encode()


def test_a_market_of_today_is_read_whole() -> None:
    read = decode_market(market(), ts=NOW)
    assert read.quote == Quote(
        ticker="KXNHLGAME-26OCT12VGKMIN-VGK",
        yes_bid=6_100,
        yes_ask=6_150,
        yes_bid_size=1_200,
        yes_ask_size=350,
        volume=16_025,
        ts_event=NOW,
        ts_recv=NOW,
    )
    assert (read.series, read.team, read.team_key) == ("KXNHLGAME", "Vegas", "team-1")
    assert read.status is MarketStatus.ACTIVE
    assert (read.last_price, read.open_interest) == (6_120, 8_000)
    assert read.grid[0] == PriceRange(start=0, end=1_000, step=10)
    assert read.open_time == 1_791_248_760 * SECOND
    assert (read.result, read.settlement_value) == ("", None)


def test_a_market_in_cents_is_read_the_same() -> None:
    cents = {
        "yes_bid_dollars": "gone",
        "yes_ask_dollars": "gone",
        "last_price_dollars": "gone",
        "volume_fp": "gone",
        "open_interest_fp": "gone",
        "yes_bid": 61,
        "yes_ask": 62,
        "last_price": 62,
        "volume": 16_126,
        "open_interest": 13_244,
    }
    read = decode_market(market(**cents), ts=NOW)
    assert (read.quote.yes_bid, read.quote.yes_ask, read.last_price) == (6_100, 6_200, 6_200)
    assert (read.quote.volume, read.open_interest) == (1_612_600, 1_324_400)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("initialized", MarketStatus.UNOPENED),
        ("inactive", MarketStatus.PAUSED),
        ("active", MarketStatus.ACTIVE),
        ("closed", MarketStatus.CLOSED),
        ("determined", MarketStatus.DETERMINED),
        ("disputed", MarketStatus.DISPUTED),
        ("amended", MarketStatus.AMENDED),
        ("finalized", MarketStatus.FINALIZED),
        ("open", MarketStatus.UNKNOWN),
        ("settled", MarketStatus.UNKNOWN),
        (None, None),
    ],
)
def test_a_status_is_known_by_the_words_of_answers_only(
    word: str | None, status: MarketStatus | None
) -> None:
    assert decode_market(market(status=word), ts=NOW).status is status


def test_nulls_where_texts_belong_are_empty() -> None:
    nulls: dict[str, Any] = dict.fromkeys(
        ["title", "result", "rules_primary", "custom_strike", "open_time"]
    )
    read = decode_market(market(**nulls), ts=NOW)
    assert (read.title, read.result, read.rules, read.team_key, read.open_time) == (
        "",
        "",
        "",
        None,
        None,
    )


def test_the_year_one_means_no_time() -> None:
    assert decode_market(market(open_time="0001-01-01T00:00:00Z"), ts=NOW).open_time is None


@pytest.mark.parametrize("ranges", ["gone", None, []])
def test_whole_cents_are_taken_from_the_label_and_from_no_other(ranges: object) -> None:
    cents = market(price_ranges=ranges, price_level_structure="linear_cent")
    assert decode_market(cents, ts=NOW).grid == WHOLE_CENTS
    with pytest.raises(DecodeError):
        decode_market(market(price_ranges=ranges), ts=NOW)
    with pytest.raises(DecodeError):
        decode_market(market(price_ranges=ranges, price_level_structure="gone"), ts=NOW)


def test_a_settlement_value_counts_once_there_is_a_result() -> None:
    pending = market(settlement_value_dollars="0.0000")
    tie = market(result="scalar", settlement_value_dollars="0.5000")
    cents = market(result="yes", settlement_value=100)
    values = [decode_market(raw, ts=NOW).settlement_value for raw in (pending, tie, cents)]
    assert values == [None, 500_000, 1_000_000]


@pytest.mark.parametrize(
    "changes",
    [
        {"yes_bid_dollars": "gone"},
        {"yes_ask_dollars": None},
        {"yes_ask_dollars": "1.5"},
        {"yes_bid_dollars": "0.7000"},
        {"ticker": "gone"},
        {"event_ticker": None},
        {"volume_fp": "-1.00"},
        {"open_time": "soon"},
        {"price_ranges": [{"start": "0", "end": "1", "step": "0"}]},
        {"price_ranges": [{"start": "0", "end": "1"}]},
        {"result": "yes", "settlement_value_dollars": "1.1"},
        {"result": "yes", "settlement_value": -1},
        {"custom_strike": []},
    ],
)
def test_a_market_that_cannot_be_true_is_a_decode_error(changes: dict[str, Any]) -> None:
    with pytest.raises(DecodeError):
        decode_market(market(**changes), ts=NOW)


def test_an_event_brings_its_markets_and_its_own_fee() -> None:
    raw = (
        b'{"event_ticker":"KXNHLGAME-26OCT12VGKMIN","title":"Vegas vs Minnesota","sub_title":null,'
        b'"mutually_exclusive":true,"fee_type_override":"quadratic","fee_multiplier_override":0.5,'
        b'"markets":[' + market() + b"]}"
    )
    event = decode_event(msgspec.Raw(raw), ts=NOW)
    assert (event.series, event.sub_title) == ("KXNHLGAME", "")
    assert (event.fee_type, event.fee_multiplier) == ("quadratic", "0.5")
    assert event.markets == (decode_market(market(), ts=NOW),)


def test_an_event_without_an_override_leaves_the_fee_to_its_series() -> None:
    event = decode_event(b'{"event_ticker":"A-B","fee_multiplier_override":null}', ts=NOW)
    assert (event.fee_type, event.fee_multiplier, event.markets) == (None, None, ())


@pytest.mark.parametrize(
    ("number", "text"), [("1", "1"), ("0.5", "0.5"), ('"0.25"', "0.25"), ("1e0", "1")]
)
def test_a_fee_multiplier_keeps_its_decimals(number: str, text: str) -> None:
    raw = f'{{"ticker":"KXMLBGAME","title":null,"fee_type":"new","fee_multiplier":{number}}}'
    series = decode_series(raw.encode())
    assert (series.fee_type, series.fee_multiplier) == ("new", text)


@pytest.mark.parametrize("number", ["null", "-1", '"NaN"', '"Infinity"', "1e9999", "1e-9999", '""'])
def test_a_fee_multiplier_that_cannot_be_true_is_a_decode_error(number: str) -> None:
    raw = f'{{"ticker":"KXMLBGAME","fee_type":"quadratic","fee_multiplier":{number}}}'
    with pytest.raises(DecodeError):
        decode_series(raw.encode())


@pytest.mark.parametrize(
    "answer",
    [
        {"orderbook_fp": {"yes_dollars": [["0.4600", "1.00"], ["0.4700", "3.00"]]}},
        {"orderbook": {"yes": [[46, 1], [47, 3]], "no": None}},
        {"orderbook": {"yes": [[46, 1], [47, 3]], "yes_dollars": [["0.46", 1], ["0.47", 3]]}},
        {
            "orderbook_fp": {"yes_dollars": [["0.47", "3.00"], ["0.46", "1.00"]]},
            "orderbook": {"yes": [[99, 1]]},
        },
    ],
)
def test_an_order_book_is_the_same_under_both_names(answer: dict[str, Any]) -> None:
    read = decode_orderbook(json.dumps(answer).encode(), ticker=TICKER, ts_recv=NOW)
    assert read.bids == (Level(price=4_700, count=300), Level(price=4_600, count=100))
    assert read.asks == ()


def test_no_bids_are_asks_of_yes() -> None:
    raw = b'{"orderbook_fp":{"no_dollars":[["0.4800","3.00"]]}}'
    read = decode_orderbook(raw, ticker=TICKER, ts_recv=NOW)
    assert read.asks == (Level(price=5_200, count=300),)


@pytest.mark.parametrize("raw", [b"{}", b'{"orderbook_fp":null}', b"[]", b""])
def test_an_answer_without_a_book_is_a_decode_error(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_orderbook(raw, ticker=TICKER, ts_recv=NOW)


class Line(msgspec.Struct):
    market: msgspec.Raw
    synced_at: str


@pytest.mark.parametrize(
    ("name", "count"),
    [("dev_game_winner_markets.jsonl", 244), ("dev_other_markets.jsonl", 120)],
)
def test_every_recorded_market_is_read(name: str, count: int) -> None:
    lines = recorded(f"kalshi_rest/magnus/{name}").read_bytes().splitlines()
    markets = [decode_market(msgspec.json.decode(line, type=Line).market, ts=NOW) for line in lines]
    assert len(markets) == count
    assert all(m.status is MarketStatus.ACTIVE and m.quote.volume is not None for m in markets)
    priced = [m.quote for m in markets if m.quote.spread is not None]
    assert len(priced) > count // 2
    assert all(0 < (q.spread or 0) < 10_000 for q in priced)
