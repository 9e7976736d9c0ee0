"""The interval of a contract's worth: rounded against us, and wider with the odds' age."""

import msgspec
import pytest

from karb.domain.edge.joined import Joined, join
from karb.domain.edge.signal import Action, Signal
from karb.domain.fair.consensus import Consensus
from karb.domain.market.leagues import Kind
from karb.domain.units import CASH_PER_DOLLAR, HOUR, SECOND
from situations import LISTING, NOW, fair, judge, profile, quote, situation


def joined(consensus: Consensus) -> Joined:
    return join(LISTING, consensus, profile())


def test_the_low_end_is_rounded_down_and_the_high_end_up() -> None:
    made = joined(fair(0.55, low=0.5000007, high=0.6000003))
    assert (made.low, made.high) == (500_000, 600_001)


def test_the_point_is_rounded_to_the_nearest_unit() -> None:
    assert joined(fair(0.5500006)).fair == 550_001
    assert joined(fair(0.5500004)).fair == 550_000


def test_the_age_takes_a_whole_unit_more_rather_than_less() -> None:
    """0.8 cents an hour: a second is 0.013333 cents, 133.3 units."""
    assert joined(fair(oldest=NOW)).term(NOW + SECOND) == 134
    assert joined(fair(oldest=NOW)).term(NOW + HOUR) == 8_000


def test_odds_from_the_future_do_not_narrow_the_interval() -> None:
    assert joined(fair(oldest=NOW)).term(NOW) == 0
    assert joined(fair(oldest=NOW)).term(NOW - HOUR) == 0


def test_the_profile_says_how_fast_lines_move() -> None:
    rules = profile()
    still = msgspec.structs.replace(rules, fair=msgspec.structs.replace(rules.fair, drift=0.0))
    made = join(LISTING, fair(oldest=NOW), still)
    assert made.term(NOW + HOUR) == 0


def test_the_age_is_measured_when_the_odds_stood_and_not_when_the_price_did() -> None:
    """A recorded price may be of another minute than its odds."""
    here = judge(situation(), profile())
    later = judge(situation(at=NOW + HOUR), profile())
    older = judge(situation(odds_at=NOW + HOUR), profile())
    assert (later.low, later.high) == (here.low, here.high) == (550_000, 550_000)
    assert (older.low, older.high) == (542_000, 558_000)


def test_the_interval_stays_between_nothing_and_a_dollar() -> None:
    wide = fair(0.5, low=0.001, high=0.999, oldest=NOW - HOUR)
    bought = judge(situation(consensus=wide, quote=quote(4_300, 4_400)), profile())
    assert (bought.low, bought.high) == (0, CASH_PER_DOLLAR)


@pytest.mark.parametrize(
    ("bid", "ask", "action", "low", "high"),
    [
        (4_700, 4_800, Action.BUY_YES, 540_000, 570_000),
        (6_200, 6_300, Action.BUY_NO, 430_000, 460_000),
    ],
)
def test_no_is_worth_one_less_each_end_turned_around(
    bid: int, ask: int, action: Action, low: int, high: int
) -> None:
    made: Signal = judge(
        situation(quote=quote(bid, ask), consensus=fair(0.55, low=0.54, high=0.57)), profile()
    )
    assert (made.action, made.low, made.high) == (action, low, high)


def test_a_championship_has_hours_of_its_own() -> None:
    rules = profile(
        markets=frozenset(Kind), champion_min_time=24 * HOUR, champion_max_time=6_000 * HOUR
    )
    title = msgspec.structs.replace(LISTING, kind=Kind.CHAMPION, start=NOW + 1_000 * HOUR)
    assert judge(situation(listing=title), rules).should_trade
    game = msgspec.structs.replace(title, kind=Kind.GAME)
    assert not judge(situation(listing=game), rules).should_trade
    near = msgspec.structs.replace(title, start=NOW + 20 * HOUR)
    assert [r.name for r in judge(situation(listing=near), rules).reasons] == ["hours_to_event"]
