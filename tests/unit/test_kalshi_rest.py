"""REST answers become markets, events, series and books in karb's units."""

import json
from typing import Any

import msgspec
import pytest

from data_files import recorded
from kalshi_texts import NOW, TICKER
from karb.adapters.kalshi.rest_wire import (
    decode_event,
    decode_listed,
    decode_market,
    decode_orderbook,
    decode_series,
)
from karb.domain.edge.fees import multiplier_of
from karb.domain.market.messages import (
    WHOLE_CENTS,
    Level,
    MarketStatus,
    PriceRange,
    Quote,
)
from karb.domain.units import SECOND
from karb.errors import DecodeError


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


@pytest.mark.parametrize("changes", [{}, {"status": "finalized", "result": "yes"}])
def test_a_listed_market_is_the_same_one_without_its_prices(changes: dict[str, Any]) -> None:
    whole = decode_market(market(**changes), ts=NOW)
    listed = decode_listed(market(**changes), ts=NOW)
    assert whole.quote != listed.quote
    assert listed.quote == Quote(listed.ticker, None, None, None, None, None, NOW, NOW)
    assert listed == msgspec.structs.replace(
        whole, quote=listed.quote, last_price=None, open_interest=None
    )


def test_what_cannot_be_read_of_a_listed_market_names_it() -> None:
    with pytest.raises(DecodeError, match="KXNHLGAME-26OCT12VGKMIN-VGK: the price ranges"):
        decode_listed(market(price_ranges=[], price_level_structure="gone"), ts=NOW)


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
    ("number", "text"),
    [
        ("1", "1"),
        ("0.5", "0.5"),
        ('"0.25"', "0.25"),
        ("1e0", "1"),
        ("10", "10"),
        ("0.1234", "0.1234"),
        ("0.123400", "0.123400"),
    ],
)
def test_a_fee_multiplier_keeps_its_decimals(number: str, text: str) -> None:
    raw = f'{{"ticker":"KXMLBGAME","title":null,"fee_type":"new","fee_multiplier":{number}}}'
    series = decode_series(raw.encode())
    assert (series.fee_type, series.fee_multiplier) == ("new", text)
    assert multiplier_of(series.fee_multiplier) == round(float(text) * 10_000)


@pytest.mark.parametrize(
    "number",
    [
        "null",
        "-1",
        '"NaN"',
        '"Infinity"',
        "1e9999",
        "1e-9999",
        '""',
        "0.12345",
        "0.00001",
        "10.0001",
        "11",
    ],
)
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
