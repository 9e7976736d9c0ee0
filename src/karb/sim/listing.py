"""From the slate to markets: tickers, titles and rules as the exchange words them today."""

from collections.abc import Iterator
from random import Random
from uuid import NAMESPACE_URL, uuid5

import msgspec

from karb.sim.leagues import MLB, League
from karb.sim.market import TENTHS, WHOLE_CENTS, Market, Terms
from karb.sim.slate import EASTERN, Champion, Game
from karb.sim.teams import Team
from karb.sim.units import CONTRACT, DOLLAR, SECOND, utc

HOUR = 3_600 * SECOND
_SETTLEMENT_TIMER = 300
_POSTPONED = (
    "If this game is postponed or delayed, the market stays open and closes after the "
    "rescheduled game has finished, if that begins within 48 hours. Otherwise it resolves to a "
    "fair market price."
)


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the exchange and the markets under it."""

    ticker: str
    series: str
    league: League
    title: str
    sub_title: str
    scope: str
    start: int
    game: Game | None
    teams: tuple[Team, ...]
    markets: tuple[str, ...]


def list_game(game: Game, random: Random, opening: int) -> tuple[Listed, list[Market]]:
    """The event of a game and its two markets, the away team's first."""
    grid = random.choice((WHOLE_CENTS, TENTHS))
    busy = random.lognormvariate(10.2, 0.7)
    day = _day(game.start)
    markets = []
    for team, chance in ((game.away, 1.0 - game.chance), (game.home, game.chance)):
        terms = Terms(
            ticker=game.ticker(team),
            event=game.key,
            series=game.league.series,
            league=game.league,
            title=f"{team.short} wins",
            team=team.short,
            team_id=team_id(game.league, team),
            rules=_game_rules(game, team, day),
            rules_secondary=_POSTPONED,
            grid=grid,
            opened=opening // HOUR * HOUR - 6 * 24 * HOUR,
            closes=game.start + 48 * HOUR,
            expected=game.start + 3 * HOUR,
            settlement_timer=_SETTLEMENT_TIMER,
        )
        volume = max(3_000, round(busy * random.uniform(0.8, 1.2))) * CONTRACT
        markets.append(Market(terms, volume=volume, last_price=grid.below(chance * DOLLAR)))
    event = Listed(
        ticker=game.key,
        series=game.league.series,
        league=game.league,
        title=f"{game.away.short} vs {game.home.short}",
        sub_title=f"{game.away.code} vs {game.home.code} ({day.rpartition(',')[0]})",
        scope="Game",
        start=game.start,
        game=game,
        teams=(game.away, game.home),
        markets=tuple(market.terms.ticker for market in markets),
    )
    return event, markets


def list_champion(champion: Champion, random: Random, opening: int) -> tuple[Listed, list[Market]]:
    """The event of a title and a market for each team of the field."""
    markets = list(_contenders(champion, random, opening))
    event = Listed(
        ticker=champion.key,
        series=champion.series,
        league=champion.league,
        title=f"{champion.season} {champion.name}",
        sub_title=f"In {champion.season}",
        scope="Championship",
        start=champion.decided,
        game=None,
        teams=tuple(team for team, _ in champion.chances),
        markets=tuple(market.terms.ticker for market in markets),
    )
    return event, markets


def _contenders(champion: Champion, random: Random, opening: int) -> Iterator[Market]:
    what = f"{champion.season} {champion.name}ship"
    for team, chance in champion.chances:
        terms = Terms(
            ticker=champion.ticker(team),
            event=champion.key,
            series=champion.series,
            league=champion.league,
            title=f"Will {team.short} win the {what}?",
            team=team.short,
            team_id=team_id(champion.league, team),
            rules=f"If {team.short} wins the {what}, then the market resolves to Yes.",
            rules_secondary="",
            grid=TENTHS,
            opened=opening // HOUR * HOUR - 90 * 24 * HOUR,
            closes=champion.decided + 14 * 24 * HOUR,
            expected=champion.decided + 4 * HOUR,
            settlement_timer=_SETTLEMENT_TIMER,
        )
        volume = round(random.uniform(20_000, 200_000)) * CONTRACT
        yield Market(terms, volume=volume, last_price=TENTHS.above(chance * DOLLAR))


def team_id(league: League, team: Team) -> str:
    """The exchange's stable id of a team; the same in every market of it."""
    return str(uuid5(NAMESPACE_URL, f"team/{league.name}/{team.full}"))


def _game_rules(game: Game, team: Team, day: str) -> str:
    clock = ""
    if game.league is MLB:
        when = utc(game.start).astimezone(EASTERN)
        clock = f" at {when.hour % 12 or 12}:{when:%M} {when:%p} {when:%Z}"
    return (
        f"If {team.short} wins the {game.away.short} vs {game.home.short} "
        f"{game.league.game_words} game originally scheduled for {day}{clock}, then the market "
        "resolves to Yes."
    )


def _day(at: int) -> str:
    when = utc(at).astimezone(EASTERN)
    return f"{when:%b} {when.day}, {when.year}"
