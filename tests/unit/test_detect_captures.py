"""Which captures belong together: odds with a market, and the two markets of a game."""

import msgspec
import pytest

from captures import BUFFALO, EVENT, HOUSTON, MINUTE, START, judged, market, odds, run
from karb.domain.fair.odds import BookQuote, OddsEvent, OddsSnapshot
from karb.domain.market.leagues import Kind
from karb.domain.market.messages import Market
from karb.domain.units import HOUR, SECOND, Nanos
from karb.tasks.detect_report import Report
from karb.tasks.recorded import Inputs, Recorded
from situations import NOW

ODD_HOUSTON = market("HOU", "Houston", 3_300, 3_400)
"""Its middle and Buffalo's add up to 81 cents."""


def event(away: str, home: str, at: Nanos = NOW, *, preseason: bool = False) -> OddsEvent:
    """A game of other teams at the same hour, captured at `at`."""
    (same,) = odds(at, 1.70, 2.30).events
    prices = {away: 1.70, home: 2.30}
    quotes = tuple(BookQuote(quote.book, prices, quote.updated) for quote in same.quotes)
    return msgspec.structs.replace(
        same, id=f"{away} at {home}", away=away, home=home, quotes=quotes, preseason=preseason
    )


def answer(at: Nanos, *events: OddsEvent) -> OddsSnapshot:
    return OddsSnapshot(at=at, origin=f"odds at {at}", events=events)


def buffalo(at: Nanos, decimal: float = 1.70) -> OddsEvent:
    (game,) = odds(at, decimal, 4.0 - decimal).events
    return game


def chicago(at: Nanos, *, preseason: bool = False) -> OddsEvent:
    return event("Chicago Bears", "Green Bay Packers", at, preseason=preseason)


def dallas(at: Nanos) -> OddsEvent:
    return event("Dallas Cowboys", "Philadelphia Eagles", at)


def of_chicago() -> Market:
    event_ticker = "KXNFLGAME-26NOV19CHIGB"
    ticker = f"{event_ticker}-CHI"
    return msgspec.structs.replace(
        BUFFALO,
        ticker=ticker,
        event_ticker=event_ticker,
        title="Chicago at Green Bay Winner?",
        team="Chicago",
        quote=msgspec.structs.replace(BUFFALO.quote, ticker=ticker),
    )


def odds_met(report: Report) -> dict[str, Nanos]:
    """When the odds were captured that each judged market met, by its team's code."""
    return {signal.listing.ticker[-3:]: signal.odds_at for signal in report.judged}


def test_as_of_meets_no_odds_from_after_it_and_counts_them() -> None:
    report = run(odds(NOW + 40 * SECOND, 1.70, 2.30), as_of=NOW)
    assert report.judged == []
    assert {entry.reason for entry in report.unjudged} == {"no_odds_near"}
    assert report.funnel["odds: later_capture"] == 1


def test_as_of_meets_the_odds_before_it_however_near_later_ones_are() -> None:
    fair = odds(NOW - 120 * SECOND, 1.95, 1.95)
    report = run(fair, odds(NOW + 10 * SECOND, 1.70, 2.30), as_of=NOW)
    assert [signal.sportsbook.probability for signal in report.judged] == [0.5, 0.5]
    assert report.signals == []


def test_odds_captured_exactly_at_as_of_count() -> None:
    assert len(run(odds(NOW, 1.70, 2.30), as_of=NOW).signals) == 1


@pytest.mark.parametrize("later", [SECOND, 5 * MINUTE])
def test_a_nearer_answer_about_the_preseason_does_not_hide_the_season(later: Nanos) -> None:
    preseason = answer(NOW + later, chicago(NOW + later, preseason=True))
    report = run(odds(NOW, 1.70, 2.30), preseason, at=NOW + later)
    assert odds_met(report) == {"BUF": NOW, "HOU": NOW}


def test_a_nearer_answer_about_the_season_does_not_hide_the_preseason() -> None:
    preseason = answer(NOW - 5 * MINUTE, chicago(NOW - 5 * MINUTE, preseason=True))
    season = answer(NOW, buffalo(NOW), dallas(NOW))
    report = run(preseason, season, markets=(BUFFALO, of_chicago()))
    assert odds_met(report) == {"CHI": NOW - 5 * MINUTE, "BUF": NOW}


def test_of_answers_about_one_game_each_market_meets_the_nearest_about_its_own() -> None:
    report = run(
        answer(NOW - 4 * MINUTE, buffalo(NOW - 4 * MINUTE)),
        answer(NOW - 3 * MINUTE, buffalo(NOW - 3 * MINUTE)),
        answer(NOW + MINUTE, chicago(NOW + MINUTE)),
        answer(NOW + 2 * SECOND, dallas(NOW + 2 * SECOND)),
        markets=(BUFFALO, of_chicago()),
    )
    assert odds_met(report) == {"BUF": NOW - 3 * MINUTE, "CHI": NOW + MINUTE}


def test_answers_of_one_moment_are_put_together() -> None:
    """A league's games come in several answers when they are asked for in parts."""
    part = answer(NOW, dallas(NOW), event("Denver Broncos", "Kansas City Chiefs"))
    other = answer(NOW - 10 * SECOND, buffalo(NOW), chicago(NOW))
    assert odds_met(run(part, other)) == {"BUF": other.at, "HOU": other.at}


def test_a_game_that_two_answers_of_one_moment_have_is_priced_by_the_nearer() -> None:
    near = answer(NOW + SECOND, buffalo(NOW), dallas(NOW))
    far = answer(NOW - 2 * SECOND, buffalo(NOW, 2.30), dallas(NOW))
    assert odds_met(run(near, far)) == {"BUF": near.at, "HOU": near.at}


def test_a_game_that_the_books_have_taken_down_is_not_priced_by_older_odds() -> None:
    """The nearest answer lists the league without it; the one before does not stand in."""
    before = answer(NOW - 11 * SECOND, buffalo(NOW - 11 * SECOND), dallas(NOW))
    now = answer(NOW, chicago(NOW), dallas(NOW))
    report = run(before, now)
    assert {entry.reason for entry in report.unjudged} == {"no_such_fixture"}


def test_of_a_championship_only_the_nearest_odds_are_met() -> None:
    """Two fields under two ids would leave no market with exactly one."""
    teams = ("Buffalo Bills", "Houston Texans", "Denver Broncos")
    fields = [
        answer(
            at,
            msgspec.structs.replace(
                buffalo(at),
                id=f"field {at}",
                kind=Kind.CHAMPION,
                home="",
                away="",
                start=NOW + 2_000 * HOUR,
                quotes=tuple(
                    BookQuote(book, dict.fromkeys(teams, 2.5), at)
                    for book in ("draftkings", "fanduel", "betmgm")
                ),
            ),
        )
        for at in (NOW - 5 * MINUTE, NOW)
    ]
    assert odds_met(run(*fields, markets=(champion("BUF", "Buffalo"),))) == {"BUF": NOW}


def champion(code: str, team: str, price: int = 3_300) -> Market:
    listed = market(code, team, price, price + 100)
    ticker = f"KXNFL-27-{code}"
    return msgspec.structs.replace(
        listed,
        ticker=ticker,
        event_ticker="KXNFL-27",
        series="KXNFL",
        title=f"Will {team} win the 2027 Pro Football Championship?",
        quote=msgspec.structs.replace(listed.quote, ticker=ticker),
    )


def quarantined(*recorded: Recorded, snapshots: tuple[OddsSnapshot, ...]) -> dict[str, bool]:
    """Whether each market that was judged was quarantined, by its team's code."""
    report = judged(Inputs(recorded=recorded, snapshots=snapshots))
    return {signal.listing.ticker[-3:]: signal.listing.quarantined for signal in report.judged}


@pytest.mark.parametrize(("apart", "compared"), [(10 * SECOND, True), (10 * SECOND + 1, False)])
def test_prices_of_a_games_markets_are_compared_when_captured_within_ten_seconds(
    apart: Nanos, compared: bool
) -> None:
    found = quarantined(
        Recorded(BUFFALO, NOW, "a"),
        Recorded(ODD_HOUSTON, NOW - apart, "b"),
        snapshots=(odds(NOW, 1.70, 2.30),),
    )
    assert found == {"BUF": compared, "HOU": compared}


def test_a_price_of_long_before_does_not_spoil_the_signal_on_the_other_market() -> None:
    report = judged(
        Inputs(
            recorded=[
                Recorded(BUFFALO, NOW + 9 * MINUTE, "a"),
                Recorded(ODD_HOUSTON, NOW - 9 * MINUTE, "b"),
            ],
            snapshots=[odds(NOW, 1.70, 2.30)],
        )
    )
    assert BUFFALO.ticker in {signal.listing.ticker for signal in report.signals}


def test_markets_of_one_moment_are_compared_also_when_they_meet_different_odds() -> None:
    found = quarantined(
        Recorded(BUFFALO, NOW - 2 * SECOND, "a"),
        Recorded(ODD_HOUSTON, NOW + 2 * SECOND, "b"),
        snapshots=(odds(NOW - MINUTE, 1.70, 2.30), odds(NOW + MINUTE, 1.70, 2.30)),
    )
    assert found == {"BUF": True, "HOU": True}


@pytest.mark.parametrize(("before", "compared"), [(1, True), (0, False)])
def test_prices_are_compared_before_the_start_only(before: Nanos, compared: bool) -> None:
    at = START - before
    found = quarantined(
        Recorded(BUFFALO, at, "a"),
        Recorded(ODD_HOUSTON, at, "b"),
        snapshots=(odds(START - MINUTE, 1.70, 2.30),),
    )
    assert found == {"BUF": compared, "HOU": compared}


def test_two_markets_that_stand_at_as_of_alone_are_compared() -> None:
    report = run(odds(NOW, 1.70, 2.30), markets=(BUFFALO, ODD_HOUSTON), at=None, as_of=NOW)
    assert [signal.listing.quarantined for signal in report.judged] == [True, True]


def test_two_teams_that_may_win_a_title_are_no_siblings() -> None:
    """Nothing says that the prices of two teams out of thirty-two add up to a dollar."""
    teams = ("Buffalo Bills", "Houston Texans", "Denver Broncos")
    prices = tuple(
        BookQuote(book, dict.fromkeys(teams, 2.5), NOW)
        for book in ("draftkings", "fanduel", "betmgm")
    )
    field = msgspec.structs.replace(
        buffalo(NOW), kind=Kind.CHAMPION, home="", away="", start=START, quotes=prices
    )
    found = quarantined(
        Recorded(champion("BUF", "Buffalo"), NOW, "a"),
        Recorded(champion("HOU", "Houston"), NOW, "b"),
        snapshots=(answer(NOW, field),),
    )
    assert found == {"BUF": False, "HOU": False}


def test_siblings_are_told_by_their_event() -> None:
    assert BUFFALO.event_ticker == HOUSTON.event_ticker == EVENT
    found = quarantined(
        Recorded(BUFFALO, NOW, "a"),
        Recorded(HOUSTON, NOW, "b"),
        snapshots=(odds(NOW, 1.70, 2.30),),
    )
    assert found == {"BUF": False, "HOU": False}
