"""Who counts towards a fair price, what it is, and why there is none."""

from math import inf, nan, sqrt

import msgspec
import pytest

from karb.domain.fair.consensus import (
    Consensus,
    DropReason,
    NoConsensus,
    NoConsensusReason,
    consensus,
)
from karb.domain.fair.devig import devig
from karb.domain.fair.interval import age_term
from karb.domain.fair.odds import BookQuote, OddsEvent, UnreadableQuote
from karb.domain.fair.rules import HONEST_METHODS, FairRules, Method
from karb.domain.market.leagues import Kind, League
from karb.domain.units import HOUR, SECOND, Nanos

NOW: Nanos = 1_700_000_000 * SECOND
HOME, AWAY = "Springfield Atoms", "Capital City Goofballs"
RULES = FairRules()
METHODS = [*HONEST_METHODS, Method.NONE]


def quote(book: str, home: float = 1.9, away: float = 2.0, *, age: int = 30) -> BookQuote:
    """A book's prices for the game, read `age` seconds ago."""
    return BookQuote(book=book, odds={AWAY: away, HOME: home}, updated=NOW - age * SECOND)


def game(*quotes: BookQuote, start: Nanos = NOW + 3 * HOUR) -> OddsEvent:
    return OddsEvent(
        id="g1",
        league=League.NFL,
        kind=Kind.GAME,
        home=HOME,
        away=AWAY,
        start=start,
        quotes=quotes,
    )


def title(*quotes: BookQuote) -> OddsEvent:
    return OddsEvent(
        id="t1",
        league=League.NBA,
        kind=Kind.CHAMPION,
        home="",
        away="",
        start=NOW + 900 * HOUR,
        quotes=quotes,
    )


def found(event: OddsEvent, outcome: str = HOME, rules: FairRules = RULES) -> Consensus:
    answer = consensus(event, outcome, at=NOW, rules=rules)
    assert isinstance(answer, Consensus), answer
    return answer


def refused(event: OddsEvent, outcome: str = HOME, rules: FairRules = RULES) -> NoConsensus:
    answer = consensus(event, outcome, at=NOW, rules=rules)
    assert isinstance(answer, NoConsensus), answer
    return answer


def reasons(answer: Consensus | NoConsensus) -> dict[str, DropReason]:
    return {dropped.book: dropped.reason for dropped in answer.dropped}


def home_chance(book: BookQuote, method: Method = Method.ADDITIVE) -> float:
    return devig((book.odds[HOME], book.odds[AWAY]), method)[0]


def test_equal_books_agree_on_their_own_de_vigged_price() -> None:
    answer = found(game(quote("draftkings"), quote("fanduel"), quote("betmgm")))
    assert answer.probability == pytest.approx(home_chance(quote("x")), abs=1e-12)
    assert (answer.books, answer.spread, answer.sd) == (3, 0.0, 0.0)


def test_books_are_averaged_with_equal_weight() -> None:
    books = quote("draftkings", 1.90, 2.0), quote("fanduel", 1.95, 1.95), quote("betmgm", 1.92, 2.0)
    chances = [home_chance(book) for book in books]
    answer = found(game(*books))
    assert answer.probability == pytest.approx(sum(chances) / 3, abs=1e-12)
    assert answer.spread == pytest.approx(max(chances) - min(chances), abs=1e-12)


def test_the_sharp_book_weighs_twice() -> None:
    soft, sharp = quote("draftkings", 1.9, 2.0), quote("betonlineag", 1.95, 1.95)
    answer = found(game(soft, sharp))
    expected = (home_chance(soft) + 2 * home_chance(sharp)) / 3
    assert answer.probability == pytest.approx(expected, abs=1e-12)


def test_only_the_first_sharp_book_present_is_weighed() -> None:
    answer = found(game(quote("pinnacle"), quote("betonlineag"), quote("fanduel")))
    weights = {book.book: book.weight for book in answer.kept}
    assert weights == {"betonlineag": 2.0, "pinnacle": 1.0, "fanduel": 1.0}


def test_two_books_of_one_feed_count_once() -> None:
    answer = found(game(quote("lowvig"), quote("betonlineag"), quote("fanduel")))
    assert answer.books == 2
    assert reasons(answer) == {"lowvig": DropReason.SAME_FEED}


def test_one_feed_under_two_names_is_no_consensus() -> None:
    answer = refused(game(quote("lowvig"), quote("betonlineag")))
    assert answer.reason is NoConsensusReason.TOO_FEW_BOOKS


def test_the_copy_stands_in_for_a_stale_original_and_keeps_its_weight() -> None:
    answer = found(game(quote("lowvig"), quote("betonlineag", age=500), quote("fanduel")))
    assert {book.book: book.weight for book in answer.kept} == {"lowvig": 2.0, "fanduel": 1.0}
    assert reasons(answer) == {"betonlineag": DropReason.STALE}


def test_a_book_that_comes_twice_counts_once_with_its_newest_quote() -> None:
    answer = found(
        game(quote("fanduel", age=60), quote("fanduel", age=10), quote("draftkings", age=20))
    )
    assert {book.book: NOW - book.updated for book in answer.kept} == {
        "draftkings": 20 * SECOND,
        "fanduel": 10 * SECOND,
    }


@pytest.mark.parametrize("book", ["kalshi", "bovada", "mybookieag"])
def test_only_the_books_of_the_rules_are_counted(book: str) -> None:
    answer = found(game(quote("draftkings"), quote("fanduel"), quote(book, 1.5, 2.9)))
    assert answer.books == 2
    assert reasons(answer) == {book: DropReason.NOT_ASKED}


@pytest.mark.parametrize(
    ("book", "age", "counts"),
    [
        ("fanduel", 180, True),
        ("fanduel", 181, False),
        ("caesars", 181, True),
        ("caesars", 600, True),
        ("caesars", 601, False),
    ],
)
def test_each_book_has_its_own_age_limit(book: str, age: int, counts: bool) -> None:
    answer = found(game(quote("draftkings"), quote("betmgm"), quote(book, age=age)))
    assert (book in {kept.book for kept in answer.kept}) is counts
    assert (reasons(answer).get(book) is DropReason.STALE) is not counts


def test_one_age_limit_may_replace_them_all() -> None:
    rules = FairRules(max_age=600 * SECOND)
    assert found(game(quote("draftkings"), quote("fanduel", age=599)), rules=rules).books == 2


@pytest.mark.parametrize(("ahead", "counts"), [(60, True), (61, False)])
def test_a_quote_from_the_future_is_no_quote(ahead: int, counts: bool) -> None:
    answer = found(game(quote("draftkings"), quote("betmgm"), quote("fanduel", age=-ahead)))
    assert (answer.books == 3) is counts
    assert (reasons(answer).get("fanduel") is DropReason.FUTURE) is not counts


@pytest.mark.parametrize(
    ("odds", "reason"),
    [
        ({HOME: 1.9}, DropReason.WRONG_OUTCOMES),
        ({}, DropReason.WRONG_OUTCOMES),
        ({HOME: 2.8, AWAY: 2.8, "Draw": 3.2}, DropReason.WRONG_OUTCOMES),
        ({HOME: 1.9, "Shelbyville": 2.0}, DropReason.WRONG_OUTCOMES),
        ({HOME: 1.0, AWAY: 15.0}, DropReason.PLACEHOLDER_ODDS),
        ({HOME: 1.01, AWAY: 15.0}, DropReason.PLACEHOLDER_ODDS),
        ({HOME: 0.0, AWAY: 15.0}, DropReason.PLACEHOLDER_ODDS),
        ({HOME: -110.0, AWAY: -110.0}, DropReason.PLACEHOLDER_ODDS),
        ({HOME: nan, AWAY: 2.0}, DropReason.PLACEHOLDER_ODDS),
        ({HOME: inf, AWAY: 2.0}, DropReason.PLACEHOLDER_ODDS),
        ({HOME: 2.5, AWAY: 2.5}, DropReason.OVERROUND),
        ({HOME: 2.0, AWAY: 2.0}, DropReason.OVERROUND),
        ({HOME: 1.43, AWAY: 1.43}, DropReason.OVERROUND),
        ({HOME: 2 / 1.1201, AWAY: 2 / 1.1201}, DropReason.OVERROUND),
    ],
)
def test_a_book_that_cannot_be_right_is_dropped_with_its_reason(
    odds: dict[str, float], reason: DropReason
) -> None:
    bad = BookQuote(book="betmgm", odds=odds, updated=NOW)
    answer = found(game(quote("draftkings"), quote("fanduel"), bad))
    assert answer.books == 2
    assert reasons(answer) == {"betmgm": reason}


def test_a_quote_that_could_not_be_read_is_told() -> None:
    event = msgspec.structs.replace(
        game(quote("draftkings"), quote("fanduel")),
        unreadable=(UnreadableQuote("betmgm", "the price of 'X' is not a number: 'abc'"),),
    )
    (dropped,) = found(event).dropped
    assert (dropped.book, dropped.reason) == ("betmgm", DropReason.UNREADABLE)
    assert "not a number" in dropped.detail


def test_a_book_far_from_the_median_is_dropped() -> None:
    books = [quote(book, 1.9, 2.0) for book in ("draftkings", "fanduel", "betmgm")]
    answer = found(game(*books, quote("betus", 1.70, 2.30)))
    assert reasons(answer) == {"betus": DropReason.OUTLIER}
    assert answer.spread == 0.0


def test_two_books_that_contradict_each_other_leave_none() -> None:
    answer = refused(game(quote("draftkings", 1.5, 2.75), quote("fanduel", 2.75, 1.5)))
    assert answer.reason is NoConsensusReason.TOO_FEW_BOOKS
    assert set(reasons(answer).values()) == {DropReason.OUTLIER}


def test_one_book_is_an_opinion_whatever_the_rules_say() -> None:
    rules = FairRules(min_feeds=1)
    assert refused(game(quote("draftkings")), rules=rules).detail.startswith("1 of 2 feeds")


def test_too_few_books_says_what_the_others_were_dropped_for() -> None:
    answer = refused(game(quote("draftkings"), quote("fanduel", 1.0, 2.0)))
    assert answer.detail == "1 of 2 feeds needed; dropped: 1 placeholder_odds"


def test_rules_may_ask_for_more_feeds() -> None:
    event = game(quote("draftkings"), quote("fanduel"))
    assert refused(event, rules=FairRules(min_feeds=3)).reason is NoConsensusReason.TOO_FEW_BOOKS


def test_no_books_is_no_consensus() -> None:
    assert refused(game()).reason is NoConsensusReason.TOO_FEW_BOOKS


def test_an_outcome_that_is_not_offered_is_said() -> None:
    event = game(quote("draftkings"), quote("fanduel"))
    assert refused(event, "Shelbyville").reason is NoConsensusReason.UNKNOWN_OUTCOME


@pytest.mark.parametrize("method", HONEST_METHODS)
def test_the_two_teams_are_mirror_images(method: Method) -> None:
    event = game(
        quote("draftkings", 1.31, 3.5),
        quote("fanduel", 1.33, 3.6),
        quote("betonlineag", 1.34, 3.55),
        quote("caesars", 1.30, 3.45, age=400),
    )
    rules = FairRules(method=method)
    one, other = found(event, HOME, rules), found(event, AWAY, rules)
    assert one.probability + other.probability == pytest.approx(1.0, abs=1e-12)
    assert one.low == pytest.approx(1.0 - other.high, abs=1e-12)
    assert one.high == pytest.approx(1.0 - other.low, abs=1e-12)
    assert (one.books, one.sd, one.spread) == (other.books, other.sd, other.spread)
    for book, mirrored in zip(one.kept, other.kept, strict=True):
        assert book.probability + mirrored.probability == pytest.approx(1.0, abs=1e-12)


def test_the_order_of_books_and_names_does_not_matter() -> None:
    quotes = [
        quote("fanduel", 1.9, 2.0),
        quote("draftkings", 1.95, 1.93),
        quote("betus", 1.9, 1.98),
    ]
    turned = [
        msgspec.structs.replace(q, odds=dict(reversed(q.odds.items()))) for q in reversed(quotes)
    ]
    assert found(game(*quotes)) == found(game(*turned))


def test_a_neutral_site_that_flips_home_and_away_changes_nothing() -> None:
    event = game(quote("fanduel", 1.5, 2.8), quote("draftkings", 1.52, 2.7))
    flipped = msgspec.structs.replace(event, home=AWAY, away=HOME)
    assert found(event) == found(flipped)


def test_none_is_the_plain_mean_with_the_margin_in() -> None:
    books = quote("draftkings", 1.90, 2.0), quote("betonlineag", 1.95, 1.95)
    answer = found(game(*books), rules=FairRules(method=Method.NONE))
    assert answer.probability == pytest.approx((1 / 1.90 + 1 / 1.95) / 2, abs=1e-12)
    assert answer.method is Method.NONE
    assert answer.low < answer.high < answer.probability


@pytest.mark.parametrize("outcome", [HOME, AWAY])
def test_none_shows_a_three_cent_edge_where_there_is_none(outcome: str) -> None:
    """The specification's mean on -110/-110: 52.4 for both sides of a coin flip."""
    even = game(quote("draftkings", 1.9091, 1.9091), quote("fanduel", 1.9091, 1.9091))
    plain = found(even, outcome, FairRules(method=Method.NONE))
    assert plain.probability == pytest.approx(0.5238, abs=1e-4)
    assert found(even, outcome).probability == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_the_interval_spans_every_honest_method_and_the_books(method: Method) -> None:
    books = quote("draftkings", 1.2, 4.8), quote("fanduel", 1.22, 4.6), quote("betmgm", 1.21, 4.5)
    answer = found(game(*books), rules=FairRules(method=method))
    assert set(answer.by_method) == set(HONEST_METHODS)
    for each, mean in answer.by_method.items():
        chances = [home_chance(book, each) for book in books]
        assert mean == pytest.approx(sum(chances) / 3, abs=1e-12)
    base = Method.ADDITIVE if method is Method.NONE else method
    chances = [home_chance(book, base) for book in books]
    middle = sum(chances) / 3
    sd = sqrt(sum((p - middle) ** 2 for p in chances) / 2)
    assert answer.sd == pytest.approx(sd, abs=1e-12)
    assert answer.low == pytest.approx(min(answer.by_method.values()) - sd / sqrt(3), abs=1e-12)
    assert answer.high == pytest.approx(max(answer.by_method.values()) + sd / sqrt(3), abs=1e-12)


def test_more_than_three_books_do_not_narrow_the_interval_further() -> None:
    """Books copy each other: sd / sqrt(n) takes n of at most 3."""
    near = [quote(book, 1.9, 2.0) for book in ("draftkings", "fanduel", "betmgm")]
    far = [quote(book, 1.92, 1.98) for book in ("betus", "caesars", "fanatics")]
    answer = found(game(*near, *far))
    expected = min(answer.by_method.values()) - answer.sd / sqrt(3)
    assert answer.low == pytest.approx(expected, abs=1e-12)


def test_age_takes_off_with_its_square_root() -> None:
    """0.8 cents after an hour, 0.18 after three minutes, nothing when it is not old."""
    assert age_term(0.008, HOUR) == pytest.approx(0.008, abs=1e-12)
    assert age_term(0.008, 180 * SECOND) == pytest.approx(0.008 * sqrt(0.05), abs=1e-12)
    assert age_term(0.008, 0) == age_term(0.008, -SECOND) == 0.0


def test_a_consensus_says_how_old_it_is_and_until_when_it_holds() -> None:
    answer = found(game(quote("draftkings", age=100), quote("caesars", age=400)))
    assert answer.oldest == NOW - 400 * SECOND
    assert answer.expires == NOW + 80 * SECOND
    assert answer.at == NOW


def test_prices_from_after_the_start_are_never_pre_game_prices() -> None:
    event = game(quote("draftkings", age=30), quote("fanduel", age=10), start=NOW - 60 * SECOND)
    assert refused(event).reason is NoConsensusReason.STARTED


def test_books_that_straddle_the_start_are_refused() -> None:
    """The trap of a live feed: one book is in play, one lingers at its pre-game price."""
    event = game(quote("fanduel", age=10), quote("lowvig", age=540), start=NOW - 420 * SECOND)
    assert refused(event).reason is NoConsensusReason.STRADDLES_START


def test_a_price_from_the_very_start_is_in_play() -> None:
    event = game(quote("draftkings", age=60), quote("fanduel", age=61), start=NOW - 60 * SECOND)
    assert refused(event).reason is NoConsensusReason.STRADDLES_START


def test_prices_from_before_the_start_stay_what_they_were() -> None:
    """Whether one may still trade on them is the `started` guard's question."""
    event = game(quote("draftkings", age=70), quote("fanduel", age=65), start=NOW - 60 * SECOND)
    assert found(event).books == 2


def field(book: str, odds: dict[str, float]) -> BookQuote:
    return BookQuote(book=book, odds=odds, updated=NOW)


FAVOURITES = {"A": 3.0, "B": 4.0, "C": 6.0, "D": 8.0}
LONGSHOTS = {"E": 51.0, "F": 101.0, "G": 501.0, "H": 501.0}


def test_a_title_is_de_vigged_by_power_over_the_whole_field() -> None:
    full = {"A": 2.0, "B": 3.0, "C": 4.0, **LONGSHOTS}
    answer = found(title(field("draftkings", full), field("fanduel", full)), "A")
    assert answer.method is Method.POWER
    expected = devig(tuple(full.values()), Method.POWER)[0]
    assert answer.probability == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_a_title_is_de_vigged_by_power_whatever_the_profile_prefers(method: Method) -> None:
    full = {"A": 2.0, "B": 3.0, "C": 4.0}
    event = title(field("draftkings", full), field("fanduel", full))
    assert found(event, "A", FairRules(method=method)) == found(event, "A")


def test_the_chances_of_a_field_add_up_to_one() -> None:
    full = {**FAVOURITES, **LONGSHOTS, "I": 9.0, "J": 11.0}
    event = title(field("draftkings", full), field("fanduel", full))
    assert sum(found(event, name).probability for name in full) == pytest.approx(1.0, abs=1e-9)


def test_a_method_without_an_answer_for_a_field_is_left_out() -> None:
    full = {"A": 2.0, "B": 3.0, "C": 4.0, **LONGSHOTS}
    answer = found(title(field("draftkings", full), field("fanduel", full)), "A")
    assert Method.ADDITIVE not in answer.by_method
    assert {Method.POWER, Method.SHIN, Method.MULTIPLICATIVE} == set(answer.by_method)


def test_a_book_that_lists_only_part_of_the_field_is_dropped() -> None:
    """Its sum lacks the others' share: even above 1 its de-vigged price would be too high."""
    full = {"A": 2.0, "B": 3.0, "C": 4.0, **LONGSHOTS}
    part = {"A": 2.0, "B": 3.0, "C": 4.0}
    quotes = field("draftkings", full), field("fanduel", full), field("betmgm", part)
    answer = found(title(*quotes), "A")
    assert reasons(answer) == {"betmgm": DropReason.WRONG_OUTCOMES}


def test_two_books_that_disagree_on_the_field_are_no_consensus() -> None:
    full = {"A": 2.0, "B": 3.0, "C": 4.0, **LONGSHOTS}
    part = {"A": 2.0, "B": 3.0, "C": 4.0}
    answer = refused(title(field("draftkings", full), field("fanduel", part)), "A")
    assert answer.reason is NoConsensusReason.TOO_FEW_BOOKS


def test_a_book_that_lists_more_than_the_others_still_counts() -> None:
    full = {"A": 2.0, "B": 3.0, "C": 4.0, "D": 51.0}
    quotes = [field(book, full) for book in ("draftkings", "fanduel")]
    more = field("betmgm", {**full, "Any other": 501.0})
    assert found(title(*quotes, more), "A").books == 3


@pytest.mark.parametrize("total", [0.99, 1.61])
def test_a_field_must_add_up_to_something_a_book_would_offer(total: float) -> None:
    odds = dict.fromkeys("ABCD", 4.0 / total)
    answer = refused(title(field("draftkings", odds), field("fanduel", odds)), "A")
    assert set(reasons(answer).values()) == {DropReason.OVERROUND}


def test_a_champion_nobody_prices_is_unknown() -> None:
    event = title(field("draftkings", FAVOURITES), field("fanduel", FAVOURITES))
    assert refused(event, "Z").reason is NoConsensusReason.UNKNOWN_OUTCOME


def test_a_book_that_does_not_price_the_outcome_asked_for_is_dropped() -> None:
    full = {"A": 2.0, "B": 3.0, "C": 4.0}
    quotes = [field(book, full) for book in ("draftkings", "fanduel", "betus")]
    answer = refused(title(*quotes, field("betmgm", {**full, "D": 51.0})), "D")
    assert reasons(answer) == dict.fromkeys(
        ("draftkings", "fanduel", "betus"), DropReason.WRONG_OUTCOMES
    )


def test_a_field_that_power_cannot_price_drops_its_book() -> None:
    odds = {**{f"F{i}": 1.02 for i in range(33)}, "A": 1e8}
    event = title(field("draftkings", odds), field("fanduel", odds))
    answer = refused(event, "A", FairRules(max_outright_overround=40.0))
    assert set(reasons(answer).values()) == {DropReason.NO_ANSWER}
