"""The odds source's games and outrights, laid out so that a market finds its own at once.

A fixture is one odds event whose two teams are known, with every start that was ever seen
for it in Eastern time. Home and away are dropped: they flip between polls at neutral sites.
Two records of one id (two polls in one file) are one fixture with the starts of both.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import msgspec

from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.teams import TeamTable
from karb.domain.linking.texts import EASTERN
from karb.domain.market.leagues import Kind, League
from karb.domain.units import SECOND, Nanos

Pair = frozenset[str]
"""The slugs of two teams."""


LONGEST_WAIT = timedelta(hours=4)
"""How long a game of the evening can wait, for rain mostly, and still be played that night."""


class Fixture(msgspec.Struct, frozen=True):
    """One game of the odds source. `names` maps team slug to the source's name for it.

    `starts` are Eastern, the first one seen first (earliest first where a record does not keep
    the order in which they came); `start` is the current one.
    """

    event: OddsEvent
    names: Mapping[str, str]
    start: datetime
    starts: tuple[datetime, ...]

    def starts_on(self, day: date) -> list[datetime]:
        """The starts seen for that Eastern date, earliest first.

        A start to which a game only waited past midnight belongs to the evening before.
        """
        return sorted(
            start for start in self.starts if start.date() == day and not self._is_late(start)
        )

    def _is_late(self, start: datetime) -> bool:
        waits = (start - other for other in self.starts if other.date() < start.date())
        return any(wait <= LONGEST_WAIT for wait in waits)

    def __str__(self) -> str:
        """For evidence: teams, current start, id."""
        away, home = self.event.away, self.event.home
        return f"{away} at {home}, {clock_text(self.start)} ({self.event.id})"


class Fixtures:
    """Every fixture and outright of one odds snapshot, by league and team."""

    __slots__ = ("_by_pair", "_by_team", "leagues", "outrights", "strangers")

    def __init__(self, tables: Mapping[League, TeamTable], events: Iterable[OddsEvent]) -> None:
        self.leagues: set[League] = set()
        self.outrights: defaultdict[League, list[OddsEvent]] = defaultdict(list)
        self.strangers: defaultdict[League, list[OddsEvent]] = defaultdict(list)
        self._by_pair: defaultdict[tuple[League, Pair], list[Fixture]] = defaultdict(list)
        self._by_team: defaultdict[tuple[League, str], list[Fixture]] = defaultdict(list)
        games: defaultdict[tuple[League, str, Pair], list[OddsEvent]] = defaultdict(list)
        for event in events:
            if event.kind is Kind.CHAMPION:
                self.outrights[event.league].append(event)
                continue
            self.leagues.add(event.league)
            pair = _pair(tables, event)
            if pair is None:
                self.strangers[event.league].append(event)
            else:
                games[event.league, event.id, pair].append(event)
        for (league, _, pair), records in games.items():
            fixture = _fixture(tables[league], records)
            self._by_pair[league, pair].append(fixture)
            for slug in pair:
                self._by_team[league, slug].append(fixture)

    def of_pair(self, league: League, pair: Pair) -> list[Fixture]:
        """The games of two teams, on any date."""
        return self._by_pair.get((league, pair), [])

    def of_team(self, league: League, slug: str) -> list[Fixture]:
        """The games of one team, against anyone."""
        return self._by_team.get((league, slug), [])


def eastern(at: Nanos) -> datetime:
    """A moment as US Eastern clocks show it."""
    return datetime.fromtimestamp(at // SECOND, tz=EASTERN)


def clock_text(at: datetime) -> str:
    """An Eastern time for evidence: `2025-11-16 20:20 ET`."""
    return f"{at:%Y-%m-%d %H:%M} ET"


def _pair(tables: Mapping[League, TeamTable], event: OddsEvent) -> Pair | None:
    """The two teams of an event; None when a name is unknown or both mean one team."""
    table = tables.get(event.league)
    home, away = (table.by_odds(event.home), table.by_odds(event.away)) if table else (None, None)
    if home is None or away is None or home is away:
        return None
    return frozenset((home.slug, away.slug))


def _fixture(table: TeamTable, records: list[OddsEvent]) -> Fixture:
    """One fixture out of all records of one id; the last one is the current one."""
    event = records[-1]
    seen = [at for record in records for at in (*record.starts_seen, record.start)]
    teams = {name: table.by_odds(name) for name in (event.home, event.away)}
    return Fixture(
        event=event,
        names={team.slug: name for name, team in teams.items() if team is not None},
        start=eastern(event.start),
        starts=tuple(eastern(at) for at in dict.fromkeys(seen)),
    )
