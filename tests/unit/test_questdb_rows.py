"""Domain values as rows: exact cents, nothing invented, each value in the column of its name."""

from itertools import count
from typing import Any

import msgspec
import pytest

from karb.adapters.questdb.rows import Entry, Priced, Row, Ticked, row_count, rows, table_of
from karb.domain.edge.refusal import Refusal
from karb.domain.fair.books import DropReason
from karb.domain.fair.odds import BookQuote
from karb.domain.fair.offered import offer
from karb.domain.market.messages import Side, Trade
from karb.domain.units import DOLLAR, SECOND
from offers import AWAY, HOME, RULES, odds_event
from situations import LISTING, NOW, judge, profile, quote, situation


def made(entry: Entry) -> list[Row]:
    return list(rows(entry, count(7).__next__))


def named(entry: Entry, place: int = 0) -> dict[str, Any]:
    """A row by the names of its table's columns."""
    row = made(entry)[place]
    columns = table_of(entry).columns
    assert len(row.values) == len(columns)
    return dict(zip((column.name for column in columns), row.values, strict=True))


def test_every_price_is_the_double_nearest_to_its_cents() -> None:
    for price in range(DOLLAR + 1):
        row = named(Ticked(quote(bid=price, ask=None), price))
        assert row["yes_bid"] == row["last_price"] == float(f"{price // 100}.{price % 100:02d}")
        other = DOLLAR - price
        assert row["no_ask"] == float(f"{other // 100}.{other % 100:02d}")
        assert (row["yes_ask"], row["no_bid"]) == (None, None)


def test_a_tick_has_its_receipt_as_its_time_and_the_exchanges_beside_it() -> None:
    tick = quote(ts_event=NOW - SECOND, yes_bid_size=1, yes_ask_size=None)
    (row,) = made(Ticked(tick, None))
    assert (row.at, row.seq) == (tick.ts_recv, 7)
    found = named(Ticked(tick, None))
    assert found["event_time"] == NOW - SECOND
    assert (found["yes_bid_size"], found["yes_ask_size"]) == (0.01, None)
    assert found["last_price"] is None


@pytest.mark.parametrize(("taker", "price"), [(Side.YES, 48.01), (Side.NO, 51.99)])
def test_a_trade_has_the_takers_outcome_and_what_he_paid(taker: Side, price: float) -> None:
    trade = Trade(LISTING.ticker, "t1", 4_801, 25, taker, NOW - 1, NOW)
    assert named(trade) == {
        "ticker": LISTING.ticker,
        "count": 0.25,
        "price": price,
        "side": taker.value,
        "taker_side": taker.value,
        "trade_id": "t1",
        "sport": "nfl",
        "event_time": NOW - 1,
    }


def test_a_sport_that_karb_does_not_know_is_unknown() -> None:
    trade = Trade("KXNFLSPREAD-26NOV26BUFHOU-BUF3", "t1", 4_800, 25, Side.YES, NOW, NOW)
    assert named(trade)["sport"] is None


def test_a_signal_has_the_specifications_figures_and_karbs() -> None:
    signal = judge(situation(quote_age=2 * SECOND), profile())
    found = named(signal)
    assert {name: found[name] for name in ("edge_cents", "net_edge_cents", "consensus_prob")} == {
        "edge_cents": 7.0,
        "net_edge_cents": 5.2528,
        "consensus_prob": 55.0,
    }
    assert (found["action"], found["side"]) == ("BUY_YES", "yes")
    assert (found["price"], found["kalshi_yes_ask"], found["kalshi_yes_bid"]) == (48.0, 48.0, 47.0)
    assert (found["contracts"], found["total_fee_cents"]) == (10.0, 17.472)
    assert (found["quote_age_ms"], found["odds_age_ms"]) == (2_000, 0)
    assert (found["book_count"], found["book_spread"]) == (3, pytest.approx(1.5))
    assert (found["event_id"], found["sport"], found["profile"]) == ("abc123", "nfl", "TEST")
    assert found["starts_at"] == LISTING.start
    assert found["reasons"] is None


def test_no_trade_has_its_reasons_and_no_edge_where_nothing_is_offered() -> None:
    signal = judge(situation(quote=quote(bid=None, ask=None)), profile())
    found = named(signal)
    assert found["action"] == "NO_TRADE"
    assert "no_ask" in found["reasons"].split(",")
    unknown = ("edge_cents", "side", "price", "kalshi_yes_ask", "net_edge_cents")
    assert [found[name] for name in unknown] == [None] * len(unknown)


def test_reasons_are_names_with_commas_between_them() -> None:
    signal = judge(situation(), profile())
    refused = msgspec.structs.replace(signal, reasons=(Refusal("min_edge", 1, 2), Refusal("depth")))
    assert named(refused)["reasons"] == "min_edge,depth"


def test_every_books_odds_stand_beside_what_was_made_of_them() -> None:
    event = odds_event()
    stale = BookQuote("betus", {AWAY: 1.5, HOME: 2.9}, NOW - 3_600 * SECOND)
    event = msgspec.structs.replace(event, quotes=(*event.quotes[:3], stale))
    entry = Priced(event, offer(event, at=NOW, rules=RULES), NOW)
    assert row_count(entry) == len(made(entry)) == 8
    assert [row.seq for row in made(entry)] == list(range(7, 15))
    first, last = named(entry, 0), named(entry, 7)
    assert (first["team"], first["book"], first["decimal_odds"]) == (AWAY, "draftkings", 1.8)
    assert first["implied"] == pytest.approx(55.5556, abs=1e-4)
    assert 50 < first["fair"] < first["implied"]
    assert first["consensus"] == pytest.approx(first["fair"])
    assert first["consensus_low"] <= first["consensus"] <= first["consensus_high"]
    assert (first["dropped"], last["dropped"]) == (None, DropReason.STALE.value)
    assert (last["fair"], last["book_updated_at"]) == (None, NOW - 3_600 * SECOND)
    assert last["implied"] == pytest.approx(100 / 2.9)


def test_odds_that_no_consensus_came_of_are_kept_all_the_same() -> None:
    event = odds_event()
    alone = msgspec.structs.replace(event, quotes=event.quotes[:1])
    found = named(Priced(alone, offer(alone, at=NOW, rules=RULES), NOW))
    assert found["decimal_odds"] == 1.8
    assert (found["consensus"], found["fair"]) == (None, None)


def test_odds_that_cannot_be_have_no_probability() -> None:
    event = odds_event()
    broken = BookQuote("betus", {AWAY: 0.0, HOME: -1.0}, NOW)
    event = msgspec.structs.replace(event, quotes=(broken,))
    assert named(Priced(event, offer(event, at=NOW, rules=RULES), NOW))["implied"] is None
