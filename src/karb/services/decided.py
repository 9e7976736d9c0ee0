"""Links as the tables of names give them, and then as people decided.

A person's word goes before karb's own answer, within what can be true: the odds event must
be there, of the market's league and kind, and the outcome one of its own. A word that
cannot be followed leaves the market without a link, for the person did say that karb's
answer is not the right one. What is rejected for one market of a game is rejected for its
siblings: they are the same game. And one outcome has one market of a game.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from karb.domain.fair.odds import OddsEvent
from karb.domain.fair.offered import outcomes
from karb.domain.linking.fixtures import clock_text, eastern
from karb.domain.linking.links import Link, NoLink, Unlinked
from karb.domain.linking.match import Answer, Linker
from karb.domain.linking.reading import MarketFacts
from karb.domain.linking.tickers import parse_ticker
from karb.domain.market.leagues import Kind
from karb.ports import Decision


def answers(
    markets: Iterable[MarketFacts],
    events: Sequence[OddsEvent],
    decisions: Iterable[Decision],
    linker: Linker,
) -> list[Answer]:
    """One answer for each market: karb's own, unless a person decided."""
    own = linker.link(markets, events)
    known = {event.id: event for event in events}
    said = sorted(decisions, key=lambda decision: decision.at)
    accepted = {each.ticker: each for each in said if each.accepted}
    rejected = _rejected(own, said)
    return _each_outcome_once(
        [
            _accepted(answer, accepted[answer.ticker], known)
            if answer.ticker in accepted
            else _unless_rejected(answer, rejected)
            for answer in own
        ],
        accepted,
    )


def why_not(ticker: str, event_ticker: str, event: OddsEvent, outcome: str) -> str:
    """Why a market cannot pay on this outcome of this event; empty when it can."""
    read = parse_ticker(ticker, event_ticker)
    if read is None:
        return "karb does not know what a market of this series and shape pays on"
    if (read.league, read.kind) != (event.league, event.kind):
        return (
            f"the market is a {read.league} {read.kind}, "
            f"the odds event a {event.league} {event.kind}"
        )
    if outcome not in outcomes(event):
        return f"{outcome!r} is none of the event's outcomes"
    return ""


def _accepted(answer: Answer, word: Decision, known: Mapping[str, OddsEvent]) -> Answer:
    event = known.get(word.odds_event_id)
    problem = (
        "the odds do not have it now"
        if event is None
        else why_not(answer.ticker, answer.event_ticker, event, word.outcome)
    )
    if event is None or problem:
        return _no_link(
            answer,
            Unlinked.NO_SUCH_FIXTURE,
            f"odds event {word.odds_event_id} was accepted by hand ({word.reason}), but {problem}",
        )
    others = [name for name in outcomes(event) if name != word.outcome]
    return Link(
        ticker=answer.ticker,
        event_ticker=answer.event_ticker,
        league=event.league,
        kind=event.kind,
        odds_event_id=event.id,
        outcome=word.outcome,
        opponent=others[0] if event.kind is Kind.GAME else "",
        team="",
        start=event.start,
        evidence=(
            f"accepted by hand: {word.reason}",
            f"karb alone: {_told(answer)}",
            f"odds event {event.id}, now {clock_text(eastern(event.start))}",
        ),
    )


def _told(answer: Answer) -> str:
    if isinstance(answer, Link):
        return f"odds event {answer.odds_event_id}, YES pays on {answer.outcome}"
    return f"{answer.reason}: {answer.detail}"


Place = tuple[str, str]
"""An event of the exchange and one of the odds."""


def _rejected(own: Sequence[Answer], said: Sequence[Decision]) -> dict[Place, Decision]:
    """What people rejected, for all markets of the same event of the exchange."""
    event_of = {answer.ticker: answer.event_ticker for answer in own}
    return {
        (event_of[word.ticker], word.odds_event_id): word
        for word in said
        if not word.accepted and word.ticker in event_of
    }


def _unless_rejected(answer: Answer, rejected: Mapping[Place, Decision]) -> Answer:
    if isinstance(answer, NoLink):
        return answer
    word = rejected.get((answer.event_ticker, answer.odds_event_id))
    if word is None:
        return answer
    where = "" if word.ticker == answer.ticker else f" for {word.ticker}"
    detail = f"odds event {answer.odds_event_id} was rejected by hand{where}: {word.reason}"
    return _no_link(answer, Unlinked.REJECTED, detail)


def _each_outcome_once(found: list[Answer], accepted: Mapping[str, Decision]) -> list[Answer]:
    """Where two markets of a game would pay on one outcome, only one that a person chose may."""
    claims: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for answer in found:
        if isinstance(answer, Link):
            claims[_claim(answer)].append(answer.ticker)
    checked: list[Answer] = []
    for answer in found:
        claimants = claims[_claim(answer)] if isinstance(answer, Link) else []
        chosen = [ticker for ticker in claimants if ticker in accepted]
        if len(claimants) > 1 and chosen != [answer.ticker]:
            checked.append(_twice(answer, claimants))
        else:
            checked.append(answer)
    return checked


def _claim(link: Link) -> tuple[str, str, str]:
    return link.event_ticker, link.odds_event_id, link.outcome


def _twice(answer: Answer, claimants: Sequence[str]) -> NoLink:
    others = ", ".join(ticker for ticker in claimants if ticker != answer.ticker)
    return _no_link(answer, Unlinked.SAME_TEAM_TWICE, f"{others} pays on the same outcome, by hand")


def _no_link(answer: Answer, reason: Unlinked, detail: str) -> NoLink:
    return NoLink(
        ticker=answer.ticker,
        event_ticker=answer.event_ticker,
        league=answer.league,
        reason=reason,
        detail=detail,
    )
