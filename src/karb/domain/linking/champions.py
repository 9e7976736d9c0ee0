"""Season champions: league, season and the exact team, over the whole field.

A champion ticker carries the year in which the title is decided: `KXNHL-27` in June 2027,
`KXNCAAF-26` in January 2026. The odds source gives an outright one start, which some sports
set to the season's opening and some to its final. Both lie in the same season, so the rule
is: the outright's Eastern start lies in the calendar year for baseball, and from August of
the year before to July for the leagues that play over the new year.
"""

from collections.abc import Sequence
from datetime import date

from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.fixtures import eastern
from karb.domain.linking.links import Link, Unlinked
from karb.domain.linking.reading import Miss, Outcome
from karb.domain.linking.teams import TeamTable
from karb.domain.market.leagues import Kind, League


def season_of(league: League, start: date) -> int:
    """The year in which the season that this date belongs to is decided."""
    return start.year if league is League.MLB or start.month < 8 else start.year + 1


def link_champion(
    outcome: Outcome, table: TeamTable, outrights: Sequence[OddsEvent]
) -> Link | Miss:
    """Link one champion market to its league's outright of the season."""
    league, season = table.league, outcome.ticker.season
    starts = [(eastern(event.start).date(), event) for event in outrights]
    fitting = {event.id: event for start, event in starts if season_of(league, start) == season}
    if not fitting:
        have = ", ".join(f"one of {start}" for start, _ in starts) or "none"
        return Miss(
            Unlinked.NO_OUTRIGHT,
            f"no {league} championship decided in {season}; the odds have {have}",
        )
    if len(fitting) > 1:
        return Miss(
            Unlinked.TWO_CANDIDATES, f"{league} championships of {season}: {', '.join(fitting)}"
        )
    (event,) = fitting.values()
    return _in_field(outcome, table, event)


def _in_field(outcome: Outcome, table: TeamTable, event: OddsEvent) -> Link | Miss:
    """The one name of the field that is this team."""
    field = sorted({name for quote in event.quotes for name in quote.odds})
    names = [name for name in field if table.by_odds(name) is outcome.team]
    if len(names) != 1:
        found = f"stands there as {' and '.join(names)}" if names else "is not among them"
        return Miss(
            Unlinked.TWO_CANDIDATES if names else Unlinked.NOT_IN_FIELD,
            f"the field of {event.id} has {len(field)} names; {outcome.team.name} {found}",
        )
    unknown = sum(table.by_odds(name) is None for name in field)
    return Link(
        ticker=outcome.facts.ticker,
        event_ticker=outcome.facts.event_ticker,
        league=table.league,
        kind=Kind.CHAMPION,
        odds_event_id=event.id,
        outcome=names[0],
        opponent="",
        team=outcome.team.slug,
        start=event.start,
        evidence=(
            f"{table.league} champion by series {outcome.ticker.series}",
            f"YES pays on {outcome.how}",
            f"decided in {outcome.ticker.season}, outright starts {eastern(event.start).date()}",
            f"{names[0]} in a field of {len(field)} names, {unknown} of them unknown",
        ),
    )
