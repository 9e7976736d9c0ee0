"""The slate: which games and titles there are, drawn once from the seed.

Teams, chances and the distance of each start from the opening depend on the seed alone;
only dates follow the real clock. Some games already run, most lie within two days. So that
whoever reads them meets what the real venues have: a baseball doubleheader, a game that the
odds source does not offer, and one that the exchange does not list.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

import msgspec

from karb.sim.chance import chance
from karb.sim.leagues import LEAGUES, MLB, League
from karb.sim.teams import TEAMS, Team
from karb.sim.units import SECOND, utc

EASTERN = ZoneInfo("America/New_York")
MOST_GAMES = 12
_HOUR = 3_600
_ROUND = 300
# Hours from the opening to the start; a league's games take them in this order.
_SOON, _RUNNING = (0.5, 0.9), (-1.6, -0.2)
_BANDS = ((2.5, 11.0), (12.0, 34.0), _SOON, (41.0, 60.0), (5.0, 20.0), (20.0, 38.0))
_DOUBLEHEADER = ((13, 5), (18, 35))


class Game(msgspec.Struct, frozen=True, kw_only=True):
    """One game of a league, by its number there.

    `chance` is the home team's at the opening, `played` the share of the game already gone.
    """

    league: League
    number: int
    away: Team
    home: Team
    start: int
    chance: float
    played: float
    listed: bool
    offered: bool

    @property
    def key(self) -> str:
        """The event's ticker, which names the game here too."""
        when = utc(self.start).astimezone(EASTERN)
        clock = f"{when:%H%M}" if self.league is MLB else ""
        day = f"{when:%y%b%d}".upper()
        return f"{self.league.series}-{day}{clock}{self.away.code}{self.home.code}"

    @property
    def odds_id(self) -> str:
        """The odds source's id: 32 hex characters."""
        return uuid5(NAMESPACE_URL, f"odds/{self.key}").hex

    def ticker(self, team: Team) -> str:
        """The market that pays when `team` wins."""
        return f"{self.key}-{team.code}"


class Champion(msgspec.Struct, frozen=True, kw_only=True):
    """A season's title: the whole field with each team's chance; it never moves."""

    league: League
    decided: int
    season: int
    chances: tuple[tuple[Team, float], ...]
    series: str
    sport: str
    name: str

    @property
    def key(self) -> str:
        """The event's ticker."""
        return f"{self.series}-{self.season % 100:02d}"

    @property
    def odds_id(self) -> str:
        """The odds source's id: 32 hex characters."""
        return uuid5(NAMESPACE_URL, f"odds/{self.key}").hex

    def ticker(self, team: Team) -> str:
        """The market that pays when `team` wins the title."""
        return f"{self.key}-{team.code}"


class Slate(msgspec.Struct, frozen=True):
    """Everything that is played."""

    games: tuple[Game, ...]
    champions: tuple[Champion, ...]


def draw_slate(seed: int, opening: int, leagues: Sequence[str], per_league: int) -> Slate:
    """Draw the slate; `ValueError` for a league that is not known or too many games."""
    unknown = [name for name in leagues if name not in LEAGUES]
    if unknown or not leagues:
        raise ValueError(f"no such league: {unknown or 'none given'}; there are {list(LEAGUES)}")
    if not 1 <= per_league <= MOST_GAMES:
        raise ValueError(f"{per_league} games a league; there can be 1 to {MOST_GAMES}")
    games = tuple(
        game
        for place, name in enumerate(leagues)
        for game in _games(LEAGUES[name], place, chance(seed, name), opening, per_league)
    )
    champions = tuple(
        _champion(LEAGUES[name], chance(seed, name, "title"), opening)
        for name in leagues
        if LEAGUES[name].title is not None
    )
    return Slate(games, champions)


def _games(league: League, place: int, random: Random, opening: int, count: int) -> Iterator[Game]:
    """A league's games, and in the second league one more that the exchange does not list."""
    teams = random.sample(TEAMS[league.name], 2 * (count + 1))
    pairs = list(zip(teams[::2], teams[1::2], strict=True))
    hours = [_hours(place, number, random) for number in range(count)]
    starts = [_rounded(opening + round(each * _HOUR * SECOND)) for each in hours]
    chances = [random.uniform(0.28, 0.72) for _ in range(count + 1)]
    if league is MLB and count > 1:
        pairs[1] = pairs[0]
        starts[:2] = _doubleheader(opening)
    for number, start in enumerate(starts):
        yield Game(
            league=league,
            number=number,
            away=pairs[number][0],
            home=pairs[number][1],
            start=start,
            chance=chances[number],
            played=max(0.0, (opening - start) / SECOND / (league.hours * _HOUR)),
            listed=True,
            offered=not (place == 0 and number == 1),
        )
    if place == 1:
        yield Game(
            league=league,
            number=count,
            away=pairs[count][0],
            home=pairs[count][1],
            start=_rounded(opening + 9 * _HOUR * SECOND),
            chance=chances[count],
            played=0.0,
            listed=False,
            offered=True,
        )


def _hours(place: int, number: int, random: Random) -> float:
    """Every other league has a game that runs where the others have one that starts soon."""
    band = _BANDS[number % len(_BANDS)]
    if band is _SOON and place % 2 == 0:
        band = _RUNNING
    return random.uniform(*band)


def _rounded(at: int) -> int:
    return at // (_ROUND * SECOND) * _ROUND * SECOND


def _doubleheader(opening: int) -> list[int]:
    """Both games on the first Eastern day whose early game is three hours away or more."""
    day = utc(opening).astimezone(EASTERN)
    first = _at(day, *_DOUBLEHEADER[0])
    while first < opening + 3 * _HOUR * SECOND:
        day += timedelta(days=1)
        first = _at(day, *_DOUBLEHEADER[0])
    return [first, _at(day, *_DOUBLEHEADER[1])]


def _at(day: datetime, hour: int, minute: int) -> int:
    when = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return round(when.timestamp()) * SECOND


def _champion(league: League, random: Random, opening: int) -> Champion:
    """The next title that lies more than a month ahead, its field from favourite to outsider."""
    title = league.title
    if title is None:
        raise ValueError(f"{league.name} has no title here")
    today = utc(opening)
    decided = today.replace(month=title.month, day=title.day, hour=23, minute=30, second=0)
    while decided < today + timedelta(days=30):
        decided = decided.replace(year=decided.year + 1)
    teams = random.sample(TEAMS[league.name], len(TEAMS[league.name]))
    strengths = [random.lognormvariate(0.0, 0.8) for _ in teams]
    total = sum(strengths)
    return Champion(
        league=league,
        decided=round(decided.timestamp()) * SECOND,
        season=decided.year,
        chances=tuple((team, s / total) for team, s in zip(teams, strengths, strict=True)),
        series=title.series,
        sport=title.sport,
        name=title.name,
    )
