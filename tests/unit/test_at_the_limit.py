"""A value that equals its limit: each check says on which side of it that lies."""

import msgspec
import pytest

from karb.domain.edge.edge import edges
from karb.domain.edge.fees import Dated, FeeSchedule
from karb.domain.edge.guards import Judged, guards
from karb.domain.edge.joined import join
from karb.domain.edge.profile import ConfidenceRules
from karb.domain.edge.situation import Holdings, Moment
from karb.domain.edge.stops import exit_levels
from karb.domain.fair.average import Priced, without_outliers
from karb.domain.fair.books import vet
from karb.domain.fair.odds import BookQuote, OddsEvent
from karb.domain.fair.rules import FairRules, Method
from karb.domain.market.leagues import Kind, League
from karb.domain.units import CENT, CONTRACT, HOUR, SECOND
from situations import LISTING, NOW, Situation, fair, judge, profile, quote, situation

RULES = profile()
UNIT = 1e-6
"""The smallest step of a probability that money can see."""


def refused(now: Situation) -> set[str]:
    return {refusal.name for refusal in judge(now, RULES).reasons}


def starting(after: int) -> Situation:
    return situation(listing=msgspec.structs.replace(LISTING, start=NOW + after))


def costing(cents: int, probability: float) -> Situation:
    price = cents * 100
    return situation(quote=quote(price - 100, price), consensus=fair(probability))


def agreeing(spread: float, books: int = 4) -> Situation:
    near = quote(5_000, 5_100)
    return situation(quote=near, consensus=fair(0.55, books=books, spread=spread))


def left(ago: int) -> Situation:
    return situation(holdings=Holdings(exited_at=NOW - ago, changed_since_exit=True))


PASSES_AT_ITS_LIMIT = [
    ("min_edge", costing(50, 0.55), costing(50, 0.55 - UNIT)),
    ("min_edge", agreeing(0.02), agreeing(0.02 + UNIT)),
    ("min_edge", agreeing(0.02, books=4), agreeing(0.02, books=3)),
    ("book_count", situation(consensus=fair(books=3)), situation(consensus=fair(books=2))),
    (
        "book_spread",
        situation(consensus=fair(spread=0.03)),
        situation(consensus=fair(spread=0.03 + UNIT)),
    ),
    (
        "kalshi_spread",
        situation(quote=quote(3_800, 4_800)),
        situation(quote=quote(3_799, 4_800)),
    ),
    (
        "volume",
        situation(quote=quote(volume=500 * CONTRACT)),
        situation(quote=quote(volume=500 * CONTRACT - 1)),
    ),
    ("hours_to_event", starting(2 * HOUR), starting(2 * HOUR - 1)),
    ("hours_to_event", starting(48 * HOUR), starting(48 * HOUR + 1)),
    ("price_bounds", costing(25, 0.32), costing(24, 0.32)),
    ("price_bounds", costing(85, 0.93), costing(86, 0.93)),
    (
        "stale_odds",
        situation(consensus=fair(expires=NOW)),
        situation(consensus=fair(expires=NOW - 1)),
    ),
    ("stale_quote", situation(quote_age=2 * SECOND), situation(quote_age=2 * SECOND + 1)),
    (
        "depth",
        situation(quote=quote(yes_ask_size=CONTRACT)),
        situation(quote=quote(yes_ask_size=CONTRACT - 1)),
    ),
    ("reentry", left(900 * SECOND), left(900 * SECOND - 1)),
]

REFUSES_AT_ITS_LIMIT = [
    # The middle of 47 and 48 is 47.5; 15 cents above it lies 62.5.
    ("too_good", situation(consensus=fair(0.625)), situation(consensus=fair(0.625 - UNIT))),
    # Bought at 48 with an edge of 7, the stop is 4 below.
    ("stop_distance", situation(quote=quote(4_400)), situation(quote=quote(4_401))),
    # Without a bid there is no middle; the ask itself is 15 cents away.
    (
        "too_good",
        situation(quote=quote(None), consensus=fair(0.63)),
        situation(quote=quote(None), consensus=fair(0.63 - UNIT)),
    ),
    ("started", starting(0), starting(1)),
    (
        "not_open",
        situation(listing=msgspec.structs.replace(LISTING, closes=NOW)),
        situation(listing=msgspec.structs.replace(LISTING, closes=NOW + 1)),
    ),
    ("opposing", situation(holdings=Holdings(committed_no=1)), situation(holdings=Holdings())),
]


@pytest.mark.parametrize(("check", "at_limit", "beyond"), PASSES_AT_ITS_LIMIT)
def test_what_equals_the_limit_passes_and_one_unit_beyond_does_not(
    check: str, at_limit: Situation, beyond: Situation
) -> None:
    assert check not in refused(at_limit)
    assert check in refused(beyond)


@pytest.mark.parametrize(("check", "at_limit", "before"), REFUSES_AT_ITS_LIMIT)
def test_what_equals_the_limit_is_refused_and_one_unit_before_passes(
    check: str, at_limit: Situation, before: Situation
) -> None:
    assert check in refused(at_limit)
    assert check not in refused(before)


def test_a_net_edge_of_exactly_nothing_is_refused() -> None:
    now = situation()
    edge = edges(550_000, now.quote)
    assert edge is not None
    moment = Moment(quote=now.quote, at=NOW, odds_at=NOW)
    market = join(LISTING, now.consensus, RULES)
    assert [r.name for r in guards(Judged(market, moment, edge, 0), RULES)] == ["net_edge"]
    assert guards(Judged(market, moment, edge, 1), RULES) == []


def test_the_depth_of_no_is_what_is_bid_for_yes() -> None:
    book = quote(6_200, 6_300, yes_bid_size=CONTRACT, yes_ask_size=None)
    assert refused(situation(quote=book)) == set()
    book = quote(6_200, 6_300, yes_bid_size=None)
    assert refused(situation(quote=book)) == {"depth"}


@pytest.mark.parametrize(
    ("contracts", "gain", "loss"),
    [(10_000, 6, 4), (10_001, 5, 5), (2_000, 6, 4), (1_999, 9, 3)],
)
def test_exactly_2000_and_10000_contracts_are_usual_liquidity(
    contracts: int, gain: int, loss: int
) -> None:
    levels = exit_levels(4_800, 50_000, contracts * CONTRACT)
    assert levels.take_profit == 4_800 + gain * CENT
    assert levels.stop_loss == 4_800 - loss * CENT


def test_a_game_has_started_when_either_time_says_so() -> None:
    """A price and its odds are recorded minutes apart."""
    soon = msgspec.structs.replace(LISTING, start=NOW + HOUR)
    fresh = fair(expires=NOW + 2 * HOUR)
    before = situation(listing=soon, consensus=fresh)
    assert "started" not in refused(before)
    assert "started" in refused(msgspec.structs.replace(before, at=NOW + HOUR))
    assert "started" in refused(msgspec.structs.replace(before, odds_at=NOW + HOUR))


def points(now: Situation) -> int:
    return judge(now, RULES).confidence_score


def test_books_exactly_2_cents_apart_are_not_tight() -> None:
    apart, nearer = fair(spread=0.02), fair(spread=0.02 - UNIT)
    assert points(situation(consensus=nearer)) - points(situation(consensus=apart)) == 15


def test_exactly_5000_contracts_are_no_high_volume() -> None:
    usual, high = quote(volume=5_000 * CONTRACT), quote(volume=5_000 * CONTRACT + 1)
    assert points(situation(quote=high)) - points(situation(quote=usual)) == 10


def test_exactly_24_hours_before_the_start_is_near() -> None:
    assert points(starting(24 * HOUR)) - points(starting(24 * HOUR + 1)) == 10


@pytest.mark.parametrize(("inside", "outside"), [(1_000, 999), (9_000, 9_001)])
def test_a_price_of_exactly_10_or_90_cents_is_not_extreme(inside: int, outside: int) -> None:
    worth = inside / 10_000 + 0.05
    usual, extreme = (
        points(situation(quote=quote(ask - 100, ask), consensus=fair(worth)))
        for ask in (inside, outside)
    )
    assert usual - extreme == 10


def test_two_feeds_cost_15_points_and_three_nothing() -> None:
    two, three = fair(books=2), fair(books=3)
    assert points(situation(consensus=three)) - points(situation(consensus=two)) == 15


@pytest.mark.parametrize(("base", "expected"), [(100, 100), (0, 35)])
def test_a_score_stays_between_0_and_100(base: int, expected: int) -> None:
    rules = ConfidenceRules(high=70, medium=50, low=30, base=base)
    assert judge(situation(), profile(confidence=rules)).confidence_score == expected
    sunk = msgspec.structs.replace(rules, tight_books=-100, high_volume=-100)
    assert judge(situation(), profile(confidence=sunk)).confidence_score == 0


@pytest.mark.parametrize(
    ("low", "high", "fine"), [(1.0, 1.2, True), (1.0, 1.125, False), (1.125, 1.2, False)]
)
def test_a_books_margin_lies_between_its_limits_and_at_neither(
    low: float, high: float, fine: bool
) -> None:
    """At 1.6 and 2.0 the probabilities are 5/8 and 4/8: 1.125 exactly."""
    quoted = BookQuote("fanduel", {"Here": 1.6, "There": 2.0}, NOW)
    event = OddsEvent(
        id="g", league=League.NFL, kind=Kind.GAME, home="Here", away="There", start=NOW + HOUR
    )
    rules = FairRules(min_overround=low, max_overround=high)
    good, dropped = vet(event, [quoted], "Here", at=NOW, rules=rules)
    assert (list(good), len(dropped)) == (([quoted], 0) if fine else ([], 1))


def test_a_book_exactly_at_the_outlier_distance_stays() -> None:
    """In halves of halves, which a float holds exactly."""
    rules = FairRules(outlier=1 / 32)
    middle, edge, beyond = (
        Priced(BookQuote(book, {}, NOW), {Method.ADDITIVE: chance})
        for book, chance in [("a", 16 / 32), ("b", 17 / 32), ("c", 17 / 32 + 1 / 1_024)]
    )
    kept, dropped = without_outliers([middle, middle, edge], Method.ADDITIVE, rules)
    assert ([each.quote.book for each in kept], dropped) == (["a", "a", "b"], [])
    kept, dropped = without_outliers([middle, middle, beyond], Method.ADDITIVE, rules)
    assert [each.book for each in dropped] == ["c"]


def test_a_fee_is_in_force_from_the_moment_of_its_date() -> None:
    schedule = FeeSchedule(
        rates={"old": (700, 0), "new": (500, 100)},
        precisions=((0, 10_000), (NOW, 1)),
        series={"KXNFLGAME": (Dated(0, "old", 10_000), Dated(NOW, "new", 5_000))},
    )
    before, on = (schedule.terms("KXNFLGAME", at) for at in (NOW - 1, NOW))
    assert (before.taker, before.multiplier, before.precision) == (700, 10_000, 10_000)
    assert (on.taker, on.multiplier, on.precision) == (500, 5_000, 1)
