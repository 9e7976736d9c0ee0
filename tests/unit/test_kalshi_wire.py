"""Both wire formats mean the same, and nothing that is missing becomes a number."""

from typing import Any

import pytest

from kalshi_texts import MS, NOW, TICKER, decoded, frame, ticker
from karb.adapters.kalshi.decode import decode_frame
from karb.adapters.kalshi.frames import Ignored
from karb.domain.market.messages import (
    BookDelta,
    BookSnapshot,
    Level,
    Quote,
    Side,
    Trade,
)
from karb.domain.units import MILLISECOND, SECOND, Nanos
from karb.errors import DecodeError


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
        {"yes_bid_dollars": "1e-1"},
        {"yes_bid_dollars": "00.45"},
        {"yes_bid_dollars": "-0"},
        {"yes_bid_dollars": ".45"},
        {"yes_bid_dollars": "+0.45"},
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
