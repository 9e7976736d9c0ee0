"""The Odds API's names for sports and books, and karb's."""

import msgspec

from karb.domain.market.leagues import Kind, League


class Sport(msgspec.Struct, frozen=True):
    """What one of the source's sport keys holds."""

    league: League
    kind: Kind
    preseason: bool = False

    @property
    def market(self) -> str:
        """The market that prices it: who wins this game, or who wins the title."""
        return "h2h" if self.kind is Kind.GAME else "outrights"


_GAMES = {
    "americanfootball_nfl": League.NFL,
    "americanfootball_ncaaf": League.NCAAF,
    "basketball_nba": League.NBA,
    "basketball_ncaab": League.NCAAB,
    "baseball_mlb": League.MLB,
    "icehockey_nhl": League.NHL,
}

_TITLES = {
    "americanfootball_nfl_super_bowl_winner": League.NFL,
    "americanfootball_ncaaf_championship_winner": League.NCAAF,
    "basketball_nba_championship_winner": League.NBA,
    "basketball_ncaab_championship_winner": League.NCAAB,
    "baseball_mlb_world_series_winner": League.MLB,
    "icehockey_nhl_championship_winner": League.NHL,
}

SPORTS = {
    **{key: Sport(league, Kind.GAME) for key, league in _GAMES.items()},
    **{f"{key}_preseason": Sport(league, Kind.GAME, True) for key, league in _GAMES.items()},
    **{key: Sport(league, Kind.CHAMPION) for key, league in _TITLES.items()},
}
"""Every sport key that karb reads; events under any other are counted and skipped."""

_BOOKS = {"williamhill_us": "caesars"}
_KEYS = {name: key for key, name in _BOOKS.items()}


def book_name(key: str) -> str:
    """A book's name in karb: the specification's where the source has an older one."""
    return _BOOKS.get(key, key)


def book_key(name: str) -> str:
    """The source's key of a book that karb names; a wrong one refuses the whole request."""
    return _KEYS.get(name, name)
