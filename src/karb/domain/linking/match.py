"""From markets and odds events to links: one answer a ticker, never a guess.

Prices play no part. The league comes from the exact series, the teams from exact names and
codes that must all agree, the game from the Eastern date, the stated clock and uniqueness.
Whatever does not fit ends in a `NoLink` that says what a person would have to look at. The
bulk of what the exchange lists (spreads, parlays, other sports) costs one lookup.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.champions import link_champion
from karb.domain.linking.choosing import Choice, choose
from karb.domain.linking.fixtures import Fixture, Fixtures, clock_text, eastern
from karb.domain.linking.links import Link, NoLink, Unlinked
from karb.domain.linking.reading import (
    Game,
    MarketFacts,
    Miss,
    Outcome,
    facts_of,
    read_game,
    read_outcome,
)
from karb.domain.linking.teams import TeamTable
from karb.domain.linking.tickers import Ticker, is_supported, parse_ticker, series_of
from karb.domain.market.leagues import Kind, League

__all__ = ["Answer", "Linker", "MarketFacts", "facts_of"]

Answer = Link | NoLink


class Linker:
    """Links markets by the alias tables of the leagues it is given."""

    __slots__ = ("_tables",)

    def __init__(self, tables: Mapping[League, TeamTable]) -> None:
        self._tables = tables

    def link(self, markets: Iterable[MarketFacts], events: Sequence[OddsEvent]) -> list[Answer]:
        """One answer for each distinct ticker, in the order in which they first came.

        A ticker that comes again is the same market and is not looked at twice. Markets
        that have started are linked all the same: whether to trade is not asked here.
        """
        fixtures = Fixtures(self._tables, events)
        answers: dict[str, Answer | None] = {}
        groups: defaultdict[tuple[str, League], list[tuple[MarketFacts, Ticker]]]
        groups = defaultdict(list)
        for facts in markets:
            if facts.ticker in answers:
                continue
            read = _parsed(facts)
            if isinstance(read, NoLink):
                answers[facts.ticker] = read
                continue
            answers[facts.ticker] = None
            groups[_siblings(facts, read), read.league].append((_placed(facts, read), read))
        for (_, league), members in groups.items():
            for answer in self._event(league, members, fixtures):
                answers[answer.ticker] = answer
        return [answer for answer in answers.values() if answer is not None]

    def _event(
        self,
        league: League,
        members: Sequence[tuple[MarketFacts, Ticker]],
        fixtures: Fixtures,
    ) -> list[Answer]:
        """Answers for the markets of one event."""
        table = self._tables.get(league)
        if table is None:
            missing = Miss(Unlinked.UNKNOWN_TEAM, f"there is no team table for {league}")
            return [_no_link(facts, league, missing) for facts, _ in members]
        read = [read_outcome(facts, ticker, table) for facts, ticker in members]
        outcomes = [one for one in read if isinstance(one, Outcome)]
        answers: list[Answer] = [
            _no_link(facts, league, one)
            for (facts, _), one in zip(members, read, strict=True)
            if isinstance(one, Miss)
        ]
        if members[0][1].kind is Kind.CHAMPION:
            linked = [link_champion(one, table, fixtures.outrights[league]) for one in outcomes]
            return answers + [
                _no_link(one.facts, league, answer) if isinstance(answer, Miss) else answer
                for one, answer in zip(outcomes, linked, strict=True)
            ]
        if answers:
            return answers + [_no_link(one.facts, league, _strange(answers)) for one in outcomes]
        return _game_answers(table, outcomes, fixtures)


def _parsed(facts: MarketFacts) -> Ticker | NoLink:
    """The ticker taken apart, or why this market is not one that karb links."""
    series = series_of(facts.ticker)
    if not is_supported(series):
        return NoLink(
            ticker=facts.ticker,
            event_ticker=facts.event_ticker,
            league=None,
            reason=Unlinked.UNSUPPORTED_SERIES,
            detail=f"{series} is not a series of game winners or champions",
        )
    ticker = parse_ticker(facts.ticker, facts.event_ticker)
    if ticker is None:
        detail = f"{facts.ticker} of event {facts.event_ticker or '(none)'} has an unknown shape"
        return _no_link(facts, None, Miss(Unlinked.UNREADABLE_TICKER, detail))
    return ticker


def _placed(facts: MarketFacts, ticker: Ticker) -> MarketFacts:
    """The facts with their event's ticker, which some sources leave out."""
    if facts.event_ticker:
        return facts
    event_ticker = facts.ticker.removesuffix(f"-{ticker.code}")
    return msgspec.structs.replace(facts, event_ticker=event_ticker)


def _siblings(facts: MarketFacts, ticker: Ticker) -> str:
    """What the two markets of one game share. A dated team and a champion share nothing."""
    return _placed(facts, ticker).event_ticker if ticker.pair else facts.ticker


def _strange(answers: Sequence[Answer]) -> Miss:
    """What a sibling's failure means for the other market of the event."""
    sibling = next(answer for answer in answers if isinstance(answer, NoLink))
    return Miss(
        Unlinked.UNKNOWN_OPPONENT,
        f"the sibling {sibling.ticker} cannot be read: {sibling.detail}",
        sibling.unknown,
    )


def _game_answers(
    table: TeamTable, outcomes: Sequence[Outcome], fixtures: Fixtures
) -> list[Answer]:
    """Links for the markets of one game, or one reason for all of them."""
    league = table.league
    game = read_game(outcomes, table)
    if isinstance(game, Miss):
        return [_no_link(one.facts, league, game) for one in outcomes]
    if league not in fixtures.leagues:
        nothing = Miss(Unlinked.NO_ODDS_FOR_LEAGUE, f"the odds have no {league} game at all")
        return [_no_link(one.facts, league, nothing) for one in outcomes]
    found = choose(league, game, _candidates(league, game, fixtures))
    if isinstance(found, Miss):
        told = _with_strangers(found, game, fixtures.strangers[league])
        return [_no_link(each.facts, league, told) for each in outcomes]
    return [_link(table, game, each, found) for each in outcomes]


def _candidates(league: League, game: Game, fixtures: Fixtures) -> list[Fixture]:
    team = game.outcomes[0].team
    if game.opponent is None:
        return fixtures.of_team(league, team.slug)
    return fixtures.of_pair(league, frozenset((team.slug, game.opponent.slug)))


def _with_strangers(found: Miss, game: Game, strangers: Sequence[OddsEvent]) -> Miss:
    """Point to odds events of that date whose names no table has: one of them may be it."""
    from_day = [event for event in strangers if eastern(event.start).date() == game.day]
    if not from_day:
        return found
    names = "; ".join(f"{event.away} at {event.home} ({event.id})" for event in from_day[:3])
    return Miss(found.reason, f"{found.detail}; that day the odds also have unknown names: {names}")


def _link(table: TeamTable, game: Game, outcome: Outcome, choice: Choice) -> Link:
    fixture = choice.fixture
    slug = outcome.team.slug
    other = next(name for team, name in fixture.names.items() if team != slug)
    return Link(
        ticker=outcome.facts.ticker,
        event_ticker=outcome.facts.event_ticker,
        league=table.league,
        kind=Kind.GAME,
        odds_event_id=fixture.event.id,
        outcome=fixture.names[slug],
        opponent=other,
        team=slug,
        start=fixture.event.start,
        moved=choice.moved,
        evidence=(
            f"{table.league} by series {outcome.ticker.series}",
            f"YES pays on {outcome.how}",
            f"{other}: {'; '.join(game.notes)}",
            *choice.notes,
            f"odds event {fixture.event.id}, now {clock_text(fixture.start)}",
        ),
    )


def _no_link(facts: MarketFacts, league: League | None, refusal: Miss) -> NoLink:
    return NoLink(
        ticker=facts.ticker,
        event_ticker=facts.event_ticker,
        league=league,
        reason=refusal.reason,
        detail=refusal.detail,
        unknown=refusal.unknown,
    )
