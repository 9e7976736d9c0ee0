"""Answers under people's decisions: what a word does, and what it cannot do."""

from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.links import Link, NoLink, Unlinked
from karb.domain.linking.match import Answer
from karb.domain.linking.reading import MarketFacts
from karb.domain.market.leagues import Kind, League
from karb.ports import Decision
from karb.services.decided import answers, why_not
from karb.wiring.linking import linker
from linking_cases import game, outright, pair

EVENT = "KXNFLGAME-25NOV16KCDEN"
KC, DEN = f"{EVENT}-KC", f"{EVENT}-DEN"
MARKETS = pair(EVENT, ("KC", "Kansas City"), ("DEN", "Denver"))
STRANGE = pair(EVENT, ("KC", "Kansas City"), ("XXX", "Gotham"))
CHIEFS, BRONCOS = "Kansas City Chiefs", "Denver Broncos"
GAME = game("g1", League.NFL, CHIEFS, BRONCOS, "2025-11-16 16:25")
OTHER = game("g2", League.NFL, CHIEFS, BRONCOS, "2025-12-25 16:25")
NBA = game("n1", League.NBA, "Boston Celtics", "Denver Nuggets", "2025-11-16 19:00")


def word(
    ticker: str, event: str, outcome: str = "", *, accepted: bool = True, at: int = 1
) -> Decision:
    return Decision(
        ticker=ticker,
        odds_event_id=event,
        outcome=outcome,
        accepted=accepted,
        reason="I looked",
        at=at,
    )


def reject(ticker: str, event: str, at: int = 1) -> Decision:
    return word(ticker, event, accepted=False, at=at)


def under(
    *decisions: Decision,
    markets: list[MarketFacts] = MARKETS,
    events: tuple[OddsEvent, ...] = (GAME, OTHER),
) -> dict[str, Answer]:
    return {each.ticker: each for each in answers(markets, events, decisions, linker())}


def link(answer: Answer) -> Link:
    assert isinstance(answer, Link), answer
    return answer


def no_link(answer: Answer) -> NoLink:
    assert isinstance(answer, NoLink), answer
    return answer


def test_without_a_word_the_answers_are_those_of_the_linker() -> None:
    assert list(under().values()) == linker().link(MARKETS, (GAME, OTHER))


def test_an_accepted_event_makes_a_link_that_says_by_whom_and_what_karb_thinks() -> None:
    found = under(word(f"{EVENT}-XXX", "g1", BRONCOS), markets=STRANGE)
    made = link(found[f"{EVENT}-XXX"])
    assert (made.odds_event_id, made.outcome, made.opponent) == ("g1", BRONCOS, CHIEFS)
    assert (made.league, made.kind, made.start) == (League.NFL, Kind.GAME, GAME.start)
    assert made.evidence[0] == "accepted by hand: I looked"
    assert "unknown_team" in made.evidence[1]
    assert isinstance(found[KC], NoLink)


def test_an_accepted_event_goes_before_the_one_that_karb_found() -> None:
    found = under(word(KC, "g2", CHIEFS), word(DEN, "g2", BRONCOS))
    assert [link(found[each]).odds_event_id for each in (KC, DEN)] == ["g2", "g2"]
    assert "odds event g1" in link(found[KC]).evidence[1]


def test_of_two_accepted_events_the_newer_word_counts() -> None:
    newer, older = word(KC, "g2", CHIEFS, at=5), word(KC, "g1", CHIEFS, at=4)
    assert link(under(newer, older)[KC]).odds_event_id == "g2"


def test_a_word_that_cannot_be_followed_leaves_the_market_without_a_link() -> None:
    """karb finds g1 by itself, but a person said that it is another game."""
    for event, outcome, why in (
        ("gone", CHIEFS, "the odds do not have it now"),
        ("g2", "Kansas City", "none of the event's outcomes"),
        ("n1", "Denver Nuggets", "the market is a NFL game, the odds event a NBA game"),
    ):
        answer = no_link(under(word(KC, event, outcome), events=(GAME, OTHER, NBA))[KC])
        assert answer.reason is Unlinked.NO_SUCH_FIXTURE
        assert why in answer.detail
        assert "I looked" in answer.detail


def test_a_rejected_event_is_rejected_for_the_sibling_as_well() -> None:
    found = under(reject(KC, "g1"))
    assert [no_link(each).reason for each in found.values()] == [Unlinked.REJECTED] * 2
    assert "I looked" in no_link(found[KC]).detail
    assert f"for {KC}" in no_link(found[DEN]).detail


def test_rejecting_another_event_changes_nothing() -> None:
    assert under(reject(KC, "g2")) == under()


def test_an_acceptance_stands_beside_a_rejection_of_another_event() -> None:
    found = under(reject(KC, "g1"), word(KC, "g2", CHIEFS))
    assert link(found[KC]).odds_event_id == "g2"
    assert no_link(found[DEN]).reason is Unlinked.REJECTED


def test_two_markets_of_a_game_never_pay_on_one_outcome() -> None:
    """A person turns one market round: karb's link of the sibling to that team goes."""
    found = under(word(KC, "g1", BRONCOS))
    assert link(found[KC]).outcome == BRONCOS
    assert no_link(found[DEN]).reason is Unlinked.SAME_TEAM_TWICE
    assert KC in no_link(found[DEN]).detail


def test_two_words_for_one_outcome_cancel_each_other() -> None:
    found = under(word(KC, "g1", BRONCOS), word(DEN, "g1", BRONCOS))
    assert [no_link(each).reason for each in found.values()] == [Unlinked.SAME_TEAM_TWICE] * 2


def test_a_word_on_a_market_that_is_not_listed_does_nothing() -> None:
    assert under(word("KXNFLGAME-25NOV16AAABBB-AAA", "g1", CHIEFS), reject("X", "g1")) == under()


def test_a_champion_is_accepted_for_a_name_of_the_field() -> None:
    title = outright("t1", League.NFL, "2026-02-08 18:30", "Gotham Knights", CHIEFS)
    market = [MarketFacts("KXNFL-26-GOT", "KXNFL-26", team="Gotham")]
    found = under(word("KXNFL-26-GOT", "t1", "Gotham Knights"), markets=market, events=(title,))
    made = link(found["KXNFL-26-GOT"])
    assert (made.kind, made.outcome, made.opponent) == (Kind.CHAMPION, "Gotham Knights", "")


def test_a_market_of_another_kind_cannot_be_accepted_for_a_game() -> None:
    """A spread pays on something else than the moneyline, whatever its teams."""
    spread = why_not("KXNFLSPREAD-25NOV16KCDEN-KC3", "KXNFLSPREAD-25NOV16KCDEN", GAME, CHIEFS)
    assert "does not know what a market of this series" in spread
    assert why_not("KXNFL-26-KC", "KXNFL-26", GAME, CHIEFS) == (
        "the market is a NFL champion, the odds event a NFL game"
    )
    assert why_not(KC, EVENT, GAME, CHIEFS) == ""
