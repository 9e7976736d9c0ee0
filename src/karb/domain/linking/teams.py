"""Which team a name or a code means, within one league, and nothing fuzzy about it.

A name is looked up as a whole, after accents, dots, apostrophes, case and spacing are taken
out of it; it is found or it is not. Names mean different teams in different leagues (Miami,
Washington, Buffalo), so every table belongs to one league. `TeamTable` refuses to exist
when two of its teams claim one name or one code: a table that cannot be wrong about whom it
means is what keeps a bet off the wrong game.
"""

import unicodedata
from collections.abc import Callable, Iterable
from types import MappingProxyType

import msgspec

from karb.domain.market.leagues import League
from karb.errors import DataError

COLLEGES = frozenset({League.NCAAF, League.NCAAB})
"""Leagues whose ticker codes are not unique enough to decide anything against a name."""

SERIES_LEAGUES = frozenset({League.MLB})
"""Leagues in which one pair meets on consecutive days, and twice a day (doubleheaders)."""

WEEKLY_LEAGUES = frozenset({League.NFL, League.NCAAF})
"""Leagues in which nobody plays twice within a few days."""

# Apostrophes are taken out before decomposition, which turns some of them into a space.
_DROPPED = str.maketrans("", "", ".'\u2018\u2019\u201b\u02bb\u02bc\u02b9\u0060\u00b4\u2032\uff07")


def normalize(text: str) -> str:
    """The form in which names are compared: `Montréal`, `St. Louis` are `montreal`, `st louis`."""
    plain = unicodedata.normalize("NFKD", text.translate(_DROPPED))
    bare = "".join(ch for ch in plain if not unicodedata.combining(ch))
    return " ".join(bare.casefold().translate(_DROPPED).split())


class Team(msgspec.Struct, frozen=True):
    """One team. `odds` are the odds source's names, `exchange` Kalshi's, `codes` its codes."""

    slug: str
    name: str
    odds: tuple[str, ...]
    exchange: tuple[str, ...]
    codes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that anybody uses for the team."""
        return (self.name, *self.odds, *self.exchange)


class TeamTable:
    """The teams of one league, found by exact name or code.

    Raises DataError when two teams share a name (of either side) or a code.
    """

    __slots__ = ("_codes", "_names", "_odds", "league", "teams")

    def __init__(self, league: League, teams: Iterable[Team]) -> None:
        self.league = league
        self.teams = tuple(teams)
        self._names = _unique(league, self.teams, lambda team: team.names, normalize, "name")
        self._codes = _unique(league, self.teams, lambda team: team.codes, str.upper, "code")
        self._odds = MappingProxyType(
            {normalize(name): team for team in self.teams for name in (team.name, *team.odds)}
        )

    def by_exchange(self, text: str) -> Team | None:
        """The team that Kalshi means by this text, such as `Los Angeles R` or `KC Chiefs`."""
        return self._names.get(normalize(text))

    def by_odds(self, name: str) -> Team | None:
        """The team that the odds source means by this name, such as `Los Angeles Rams`."""
        return self._odds.get(normalize(name))

    def by_code(self, code: str) -> Team | None:
        """The team of a ticker code, such as `LAR`."""
        return self._codes.get(code.upper())

    def sharing(self, text: str) -> tuple[Team, ...]:
        """Teams with a name that goes on where `text` ends: `New York` is Giants and Jets."""
        start = f"{normalize(text)} "
        found = {team.slug: team for name, team in self._names.items() if name.startswith(start)}
        return tuple(found.values()) if start.strip() else ()


def _unique(
    league: League,
    teams: tuple[Team, ...],
    texts: Callable[[Team], Iterable[str]],
    key: Callable[[str], str],
    what: str,
) -> MappingProxyType[str, Team]:
    """Index teams by their texts; an empty text or one with two owners is a DataError."""
    found: dict[str, Team] = {}
    for team in teams:
        for text in texts(team):
            owner = found.setdefault(key(text), team)
            if owner is not team or not key(text):
                raise DataError(
                    f"{league}: the {what} {text!r} belongs to {owner.slug} and to {team.slug}"
                    if owner is not team
                    else f"{league}: {team.slug} has an empty {what}",
                    means="a market could be linked to the wrong team, so nothing is linked",
                    do=f"give the {what} to one team in data/teams/{league.sport}.toml",
                )
    return MappingProxyType(found)
