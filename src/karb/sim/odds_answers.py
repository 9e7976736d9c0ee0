"""From the world to The Odds API's answers."""

from collections.abc import Iterator, Sequence

from karb.sim import wire_odds as wire
from karb.sim.odds_query import Asked
from karb.sim.paging import RefusedError
from karb.sim.refusals import UNKNOWN_SPORT
from karb.sim.slate import Champion, Game
from karb.sim.sportsbooks import Quote
from karb.sim.units import SECOND, rfc3339
from karb.sim.world import World

_EVEN = 2.0


def sports(world: World) -> list[wire.Sport]:
    """What is in season: the leagues of the slate and their titles."""
    found: dict[str, wire.Sport] = {}
    for game in world.slate.games:
        league = game.league
        found[league.sport] = wire.Sport(
            key=league.sport,
            group=league.group,
            title=league.sport_title,
            description=league.competition,
            active=True,
            has_outrights=False,
        )
    for champion in world.slate.champions:
        found[champion.sport] = wire.Sport(
            key=champion.sport,
            group=champion.league.group,
            title=f"{champion.league.sport_title} {champion.name}ship Winner",
            description=f"{champion.name}ship Winner {champion.season}",
            active=True,
            has_outrights=True,
        )
    return list(found.values())


def odds(world: World, sport: str, wanted: Asked) -> list[wire.Event]:
    """What is offered on a sport."""
    known = {each.key for each in sports(world)}
    if sport not in known:
        raise RefusedError(UNKNOWN_SPORT)
    games = [game for game in world.chances() if game.league.sport == sport]
    titles = [champion for champion in world.slate.champions if champion.sport == sport]
    now = world.clock.now()
    return [
        *(_game(game, list(world.sportsbooks.quotes(game, now)), wanted) for game in games),
        *(_title(title, list(world.sportsbooks.on_title(title, now)), wanted) for title in titles),
    ]


def _game(game: Game, quotes: Sequence[Quote], wanted: Asked) -> wire.Event:
    return wire.Event(
        id=game.odds_id,
        sport_key=game.league.sport,
        sport_title=game.league.sport_title,
        commence_time=_time(game.start, wanted),
        home_team=game.home.full,
        away_team=game.away.full,
        bookmakers=list(_bookmakers("h2h", quotes, wanted)),
    )


def _title(champion: Champion, quotes: Sequence[Quote], wanted: Asked) -> wire.Event:
    return wire.Event(
        id=champion.odds_id,
        sport_key=champion.sport,
        sport_title=f"{champion.league.sport_title} {champion.name}ship Winner",
        commence_time=_time(champion.decided, wanted),
        home_team=None,
        away_team=None,
        bookmakers=list(_bookmakers("outrights", quotes, wanted)),
    )


def _bookmakers(kind: str, quotes: Sequence[Quote], wanted: Asked) -> Iterator[wire.Bookmaker]:
    if kind not in wanted.markets:
        return
    for quote in quotes:
        book = quote.book
        if book.key not in wanted.books and book.region not in wanted.regions:
            continue
        updated = _time(quote.updated, wanted)
        outcomes = [
            wire.Outcome(team.full, american(price) if wanted.american else price)
            for team, price in quote.odds.items()
        ]
        outcomes.sort(key=lambda outcome: outcome.name)
        market = wire.OddsMarket(kind, updated, outcomes)
        yield wire.Bookmaker(book.key, book.title, updated, [market])


def american(price: float) -> int:
    """A decimal price as American odds."""
    return round(100 * (price - 1)) if price >= _EVEN else -round(100 / (price - 1))


def _time(at: int, wanted: Asked) -> str | int:
    return at // SECOND if wanted.unix else rfc3339(at)
