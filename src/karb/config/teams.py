"""The alias tables that ship with karb, one file a league, as domain values.

`data/teams/LEAGUE.toml` holds `league = "NFL"` and under `[teams]` one row a team:
`slug = { name = "...", odds = [...], exchange = [...], codes = [...] }`. A broken file is a
broken installation and is said as such; an alias with two owners is a `DataError` from the
table itself.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from karb.domain.linking.teams import Team, TeamTable
from karb.domain.market.leagues import League
from karb.errors import DataError


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    odds: tuple[str, ...]
    exchange: tuple[str, ...]
    codes: tuple[str, ...]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    league: League
    teams: dict[str, _Row]


@lru_cache(maxsize=1)
def team_tables() -> Mapping[League, TeamTable]:
    """The table of every league, read once. Raises DataError for a broken or clashing file."""
    return MappingProxyType({league: _read(league) for league in League})


def _read(league: League) -> TeamTable:
    name = f"data/teams/{league.sport}.toml"
    text = files("karb").joinpath(name).read_text("utf-8")
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise DataError(
            f"karb's own {name} cannot be read: {error}",
            means="no market of that league can be linked",
            do="reinstall karb",
        ) from error
    if file.league is not league:
        raise DataError(f"karb's own {name} says it is for {file.league}")
    return TeamTable(
        league,
        (
            Team(slug, row.name, row.odds, row.exchange, row.codes)
            for slug, row in file.teams.items()
        ),
    )
