"""The six leagues as both venues name them: series, sport keys, words in titles and rules.

The exchange's names are those of its public markets, the odds source's those of its
documentation. Season titles exist for the professional leagues.
"""

from typing import NamedTuple


class Title(NamedTuple):
    """A season's championship: its series, sport key and name, and the day it is decided."""

    series: str
    sport: str
    name: str
    month: int
    day: int


class League(NamedTuple):
    """One league. `fee_multiplier` is the series' own; `hours` is how long a game takes."""

    name: str
    series: str
    sport: str
    sport_title: str
    group: str
    competition: str
    game_words: str
    team_key: str
    milestone: str
    exchange_index: int
    fee_multiplier: float
    hours: float
    title: Title | None = None


NFL = League(
    "NFL",
    "KXNFLGAME",
    "americanfootball_nfl",
    "NFL",
    "American Football",
    "Pro Football",
    "professional football",
    "football_team",
    "football_game",
    exchange_index=0,
    fee_multiplier=1.0,
    hours=3.2,
    title=Title("KXNFL", "americanfootball_nfl_super_bowl_winner", "Pro Football Champion", 2, 14),
)
NCAAF = League(
    "NCAAF",
    "KXNCAAFGAME",
    "americanfootball_ncaaf",
    "NCAAF",
    "American Football",
    "College Football",
    "college football",
    "football_team",
    "football_game",
    exchange_index=0,
    fee_multiplier=1.0,
    hours=3.4,
)
NBA = League(
    "NBA",
    "KXNBAGAME",
    "basketball_nba",
    "NBA",
    "Basketball",
    "Pro Basketball (M)",
    "professional basketball",
    "basketball_team",
    "basketball_game",
    exchange_index=3,
    fee_multiplier=1.0,
    hours=2.4,
    title=Title("KXNBA", "basketball_nba_championship_winner", "Pro Basketball Champion", 6, 18),
)
NCAAB = League(
    "NCAAB",
    "KXNCAAMBGAME",
    "basketball_ncaab",
    "NCAAB",
    "Basketball",
    "College Basketball (M)",
    "college basketball",
    "basketball_team",
    "basketball_game",
    exchange_index=3,
    fee_multiplier=1.0,
    hours=2.1,
)
MLB = League(
    "MLB",
    "KXMLBGAME",
    "baseball_mlb",
    "MLB",
    "Baseball",
    "Pro Baseball",
    "professional baseball",
    "baseball_team",
    "baseball_game",
    exchange_index=3,
    fee_multiplier=0.5,
    hours=2.7,
    title=Title("KXMLB", "baseball_mlb_world_series_winner", "Pro Baseball Champion", 10, 30),
)
NHL = League(
    "NHL",
    "KXNHLGAME",
    "icehockey_nhl",
    "NHL",
    "Ice Hockey",
    "Pro Hockey",
    "professional hockey",
    "hockey_team",
    "hockey_match",
    exchange_index=0,
    fee_multiplier=1.0,
    hours=2.5,
    title=Title("KXNHL", "icehockey_nhl_championship_winner", "Pro Hockey Champion", 6, 14),
)

LEAGUES = {league.name: league for league in (NFL, NCAAF, NBA, NCAAB, MLB, NHL)}
"""Every league by its name, in the order of the slate."""
