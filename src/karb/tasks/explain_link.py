"""Why one market is linked as it is, or is not, with the games that come near."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import msgspec

from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.fixtures import Fixture, Fixtures
from karb.domain.linking.links import Link, NoLink
from karb.domain.linking.match import Linker
from karb.domain.linking.reading import MarketFacts, Outcome, read_outcome
from karb.domain.linking.teams import TeamTable
from karb.domain.linking.tickers import parse_ticker
from karb.domain.market.leagues import League

NEAR = 5


class Near(msgspec.Struct, frozen=True):
    """A game of one of the teams in question, with its Eastern start."""

    odds_event_id: str
    away: str
    home: str
    start: str


class Explanation(msgspec.Struct, frozen=True):
    """Answers for the market or event asked for, its siblings included.

    `known` tells whether the markets given hold it; if not, only its ticker was read.
    """

    asked: str
    known: bool
    answers: tuple[Link | NoLink, ...]
    near: tuple[Near, ...]

    @property
    def linked(self) -> bool:
        """Whether every answer is a link."""
        return all(isinstance(answer, Link) for answer in self.answers)


def explain(
    asked: str,
    markets: Sequence[MarketFacts],
    events: Sequence[OddsEvent],
    tables: Mapping[League, TeamTable],
    propose: Callable[[NoLink], NoLink],
) -> Explanation:
    """Explain a market or event ticker, in any case. One that no market has is read by itself."""
    asked = asked.strip().upper()
    events_asked = {asked, *(_event_of(one) for one in markets if one.ticker.upper() == asked)}
    about = [one for one in markets if _event_of(one) in events_asked]
    answers = Linker(tables).link(about or [MarketFacts(asked)], events)
    return Explanation(
        asked,
        known=bool(about),
        answers=tuple(
            propose(answer) if isinstance(answer, NoLink) else answer for answer in answers
        ),
        near=_near(about or [MarketFacts(asked)], events, tables),
    )


def _event_of(facts: MarketFacts) -> str:
    """The event's ticker in capitals; where it is not told, the market's without its code.

    A market of unknown shape is an event of its own: what it shares with others is not known.
    """
    if facts.event_ticker:
        return facts.event_ticker.upper()
    name = facts.ticker.upper()
    ticker = parse_ticker(name)
    return name if ticker is None else name.removesuffix(f"-{ticker.code}")


def _near(
    about: Sequence[MarketFacts],
    events: Sequence[OddsEvent],
    tables: Mapping[League, TeamTable],
) -> tuple[Near, ...]:
    """The games of any team that the markets name, nearest date first."""
    fixtures = Fixtures(tables, events)
    found: dict[str, tuple[int, Fixture]] = {}
    for facts in about:
        ticker = parse_ticker(facts.ticker, facts.event_ticker)
        table = tables.get(ticker.league) if ticker is not None else None
        if ticker is None or table is None or ticker.day is None:
            continue
        outcome = read_outcome(facts, ticker, table)
        if isinstance(outcome, Outcome):
            for fixture in fixtures.of_team(ticker.league, outcome.team.slug):
                found[fixture.event.id] = (_days_from(ticker.day, fixture), fixture)
    ranked = sorted(found.values(), key=lambda one: (one[0], one[1].start))
    return tuple(_told(fixture) for _, fixture in ranked[:NEAR])


def _days_from(day: date, fixture: Fixture) -> int:
    return min(abs((start.date() - day).days) for start in fixture.starts)


def _told(fixture: Fixture) -> Near:
    event = fixture.event
    return Near(event.id, event.away, event.home, f"{fixture.start:%Y-%m-%d %H:%M}")
