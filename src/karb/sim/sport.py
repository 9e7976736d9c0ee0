"""What the exchange knows of the games behind its markets: starts, standings, teams."""

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from karb.sim import wire_sport as wire
from karb.sim.leagues import League
from karb.sim.listing import Listed, team_id
from karb.sim.slate import Game
from karb.sim.teams import Team
from karb.sim.units import rfc3339
from karb.sim.world import World


def milestones(world: World) -> Iterator[tuple[Listed, wire.Milestone]]:
    """Every game's milestone, the next start first."""
    for event, game in _games(world):
        yield (
            event,
            wire.Milestone(
                id=_milestone_id(event),
                type=event.league.milestone,
                title=event.title,
                start_date=rfc3339(event.start),
                end_date=None,
                primary_event_tickers=[event.ticker],
                related_event_tickers=[event.ticker],
                details={
                    "league": event.league.name,
                    "home_team_id": team_id(event.league, game.home),
                    "away_team_id": team_id(event.league, game.away),
                    "main_game_event_ticker": event.ticker,
                    "status": _standing(world, game),
                },
                last_updated_ts=rfc3339(world.clock.began),
            ),
        )


def live_data(world: World) -> Iterator[wire.LiveData]:
    """Whether each game has begun or is over; nobody counts its score here."""
    for event, game in _games(world):
        details = {"status": _standing(world, game)}
        yield wire.LiveData(event.league.milestone, details, _milestone_id(event))


def targets(world: World) -> Iterator[tuple[League, wire.Target]]:
    """Every team that a market is about, once."""
    told: dict[str, tuple[League, Team]] = {}
    for event in world.events.values():
        for team in event.teams:
            told.setdefault(team_id(event.league, team), (event.league, team))
    for key, (league, team) in told.items():
        details = {
            "abbreviation": team.code,
            "league": league.name,
            "market": team.short,
            "team_name": team.full,
        }
        changed = rfc3339(world.clock.began)
        yield league, wire.Target(key, team.full, league.team_key, details, changed)


def filters(world: World) -> wire.Sports:
    """Each sport's competitions, and of which scopes they have events."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for event in world.events.values():
        sport = event.league.team_key.removesuffix("_team").title()
        scopes = found.setdefault(sport, {}).setdefault(event.league.competition, {})
        scopes[event.scope] = None
    return wire.Sports({sport: _sport(each) for sport, each in found.items()}, list(found))


def _sport(competitions: dict[str, dict[str, None]]) -> wire.Sport:
    every = dict.fromkeys(scope for scopes in competitions.values() for scope in scopes)
    return wire.Sport(
        list(every), {name: wire.Scopes(list(scopes)) for name, scopes in competitions.items()}
    )


def _games(world: World) -> Iterator[tuple[Listed, Game]]:
    for event in sorted(world.events.values(), key=lambda each: each.start):
        if event.game is not None:
            yield event, event.game


def _standing(world: World, game: Game) -> str:
    truth = world.truths[game]
    return "closed" if truth.over else "inprogress" if truth.started else "scheduled"


def _milestone_id(event: Listed) -> str:
    return str(uuid5(NAMESPACE_URL, f"milestone/{event.ticker}"))
