"""The batch pipeline: each market meets the odds nearest in time, and every one is counted."""

import msgspec
import pytest

from captures import BUFFALO, EVENT, HOUSTON, MINUTE, START, judged, odds, run
from karb.domain.edge.profile import Guard
from karb.domain.fair.odds import OddsEvent
from karb.domain.market.leagues import League
from karb.domain.market.messages import MarketStatus
from karb.domain.units import SECOND, Nanos
from karb.tasks.detect_report import Tally
from karb.tasks.recorded import Inputs, Recorded
from situations import NOW


def test_a_price_below_the_books_becomes_a_signal_on_the_right_team() -> None:
    report = run(odds(NOW, 1.70, 2.30))
    (signal,) = report.signals
    assert (signal.listing.team, signal.action) == ("Buffalo Bills", "BUY_YES")


def test_one_bet_offered_by_both_markets_of_a_game_is_one_signal() -> None:
    """YES on Buffalo at 48 and NO on Houston at 48 win and lose together."""
    report = run(odds(NOW, 1.70, 2.30))
    assert [[r.name for r in s.reasons] for s in report.judged] == [[], ["same_bet"]]
    assert report.funnel["signals"] == len(report.signals) == 1


def test_of_many_captures_of_a_market_the_newest_is_judged() -> None:
    dear = msgspec.structs.replace(
        BUFFALO, quote=msgspec.structs.replace(BUFFALO.quote, yes_bid=6_000, yes_ask=6_100)
    )
    inputs = Inputs(
        recorded=[Recorded(BUFFALO, NOW, "a"), Recorded(dear, NOW + MINUTE, "b")],
        snapshots=[odds(NOW, 1.70, 2.30)],
    )
    report = judged(inputs)
    assert [signal.kalshi.yes_ask for signal in report.judged] == [6_100]
    assert report.funnel["time: older_capture"] == 1


@pytest.mark.parametrize("status", [MarketStatus.PAUSED, MarketStatus.FINALIZED])
def test_a_market_that_takes_no_orders_is_no_signal(status: MarketStatus) -> None:
    settled = msgspec.structs.replace(BUFFALO, status=status)
    closed = msgspec.structs.replace(HOUSTON, close_time=NOW)
    report = run(odds(NOW, 1.70, 2.30), markets=(settled, closed))
    assert [s.reasons[0].name for s in report.judged] == ["not_open", "not_open"]


def test_the_nearest_snapshot_counts_in_either_direction() -> None:
    before = odds(NOW - 5 * MINUTE, 2.30, 1.70)
    after = odds(NOW + 4 * MINUTE, 1.70, 2.30)
    report = run(before, after)
    assert {s.odds_at for s in report.judged} == {after.at}


def test_odds_too_far_away_in_time_are_said_and_not_counted_as_0() -> None:
    report = run(odds(NOW - 11 * MINUTE, 1.70, 2.30))
    assert {entry.reason for entry in report.unjudged} == {"no_odds_near"}
    assert not report.tallies[League.NFL].with_odds


def test_the_books_age_is_measured_at_their_own_capture() -> None:
    report = run(odds(NOW - 9 * MINUTE, 1.70, 2.30))
    assert {signal.odds_age for signal in report.judged} == {30 * SECOND}
    assert len(report.signals) == 1


def test_as_of_is_also_the_time_that_odds_are_aged_at() -> None:
    report = run(odds(NOW - 4 * MINUTE, 1.70, 2.30), as_of=NOW)
    assert {entry.reason for entry in report.unjudged} == {"too_few_books"}


def test_as_of_leaves_captures_from_after_it_and_from_long_before_aside() -> None:
    later = run(odds(NOW, 1.70, 2.30), at=NOW + MINUTE, as_of=NOW)
    assert later.funnel == {"records": 2, "time: later_capture": 2, "signals": 0}
    earlier = run(odds(NOW, 1.70, 2.30), at=NOW - 11 * MINUTE, as_of=NOW)
    assert {entry.reason for entry in earlier.unjudged} == {"old_capture"}


def test_a_start_that_moved_since_the_last_snapshot_is_not_traded() -> None:
    before = odds(NOW - 30 * MINUTE, 1.70, 2.30)
    moved = msgspec.structs.replace(before.events[0], start=START + 45 * MINUTE)
    after = msgspec.structs.replace(odds(NOW, 1.70, 2.30), events=(fresh(moved, NOW),))
    report = run(before, after)
    assert {signal.reasons[0].name for signal in report.judged} == {"started"}


def fresh(event: OddsEvent, at: Nanos) -> OddsEvent:
    quotes = tuple(msgspec.structs.replace(q, updated=at - SECOND) for q in event.quotes)
    return msgspec.structs.replace(event, quotes=quotes)


def test_two_markets_of_a_game_that_do_not_add_up_are_quarantined() -> None:
    odd = msgspec.structs.replace(
        HOUSTON, quote=msgspec.structs.replace(HOUSTON.quote, yes_bid=3_900, yes_ask=4_000)
    )
    report = run(odds(NOW, 1.70, 2.30), markets=(BUFFALO, odd))
    assert {signal.reasons[0].name for signal in report.judged} == {"quarantined"}


def test_the_dated_team_shorthand_is_a_game_of_its_league() -> None:
    short = msgspec.structs.replace(
        BUFFALO,
        ticker="KXNFL-26NOV19-BUF",
        event_ticker="KXNFL-26NOV19",
        series="KXNFL",
        title="Will Buffalo win?",
        quote=msgspec.structs.replace(BUFFALO.quote, ticker="KXNFL-26NOV19-BUF"),
    )
    report = run(odds(NOW, 1.70, 2.30), markets=(short,))
    assert [signal.listing.ticker for signal in report.signals] == ["KXNFL-26NOV19-BUF"]


def test_a_game_that_started_at_either_time_is_not_counted() -> None:
    around = odds(START - MINUTE, 1.70, 2.30)
    report = run(around, at=START + MINUTE)
    assert [signal.reasons[0].name for signal in report.judged] == ["started", "started"]
    assert report.tallies[League.NFL].asks == 0
    assert run(around, at=START - 2 * MINUTE).tallies[League.NFL].asks == 4


def test_a_record_without_a_time_is_refused_and_as_of_gives_it_one() -> None:
    report = run(odds(NOW, 1.70, 2.30), at=None)
    assert {entry.reason for entry in report.unjudged} == {"no_capture_time"}
    assert len(run(odds(NOW, 1.70, 2.30), at=None, as_of=NOW).signals) == 1


def test_a_market_of_another_series_is_counted_with_its_reason() -> None:
    other = msgspec.structs.replace(BUFFALO, ticker="KXNFLSPREAD-X-Y", series="KXNFLSPREAD")
    report = run(odds(NOW, 1.70, 2.30), markets=(other,), skipped=7)
    assert report.funnel == {"records": 8, "series: unsupported_series": 8, "signals": 0}


def test_the_funnel_adds_up() -> None:
    stranger = msgspec.structs.replace(
        BUFFALO, ticker=f"{EVENT}X-ZZZ", event_ticker=f"{EVENT}X", team="Nowhere", title="?"
    )
    funnel = run(odds(NOW, 1.70, 2.30), markets=(BUFFALO, HOUSTON, stranger)).funnel
    assert funnel["records"] == sum(n for name, n in funnel.items() if name != "records")


def test_the_tally_counts_strictly_more_than_nothing_and_at_least_a_cent() -> None:
    tally = Tally()
    for worth, ask, fee in [(0.50, 0.50, 0.0), (0.51, 0.50, 0.01), (0.55, 0.50, 0.0175)]:
        tally.add(worth, ask, fee)
    found = (tally.asks, tally.gross, tally.gross_1c, tally.net, tally.net_2c)
    assert found == (3, 2, 2, 1, 1)


@pytest.mark.parametrize("guard", [Guard.STALE_QUOTE])
def test_recorded_data_has_no_clock_so_its_quotes_are_never_called_stale(guard: Guard) -> None:
    report = run(odds(NOW, 1.70, 2.30))
    assert all(signal.quote_age is None for signal in report.judged)
    assert not any(guard == r.name for s in report.judged for r in s.reasons)
