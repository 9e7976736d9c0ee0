"""The alias tables that ship: complete, unambiguous, and readable as they stand."""

import pytest

from karb.config.teams import team_tables
from karb.domain.linking.teams import COLLEGES
from karb.domain.market.leagues import League

COUNTS = {League.NFL: 32, League.NBA: 30, League.MLB: 30, League.NHL: 32}
AT_LEAST = {League.NCAAF: 260, League.NCAAB: 360}
"""The college tables grow as schools move up to Division I; they must not shrink."""


@pytest.mark.parametrize("league", COUNTS)
def test_professional_leagues_are_complete(league: League) -> None:
    assert len(team_tables()[league].teams) == COUNTS[league]


@pytest.mark.parametrize("league", AT_LEAST)
def test_college_leagues_hold_division_one(league: League) -> None:
    assert len(team_tables()[league].teams) >= AT_LEAST[league]


@pytest.mark.parametrize("league", League)
def test_every_team_can_be_met_from_both_sides(league: League) -> None:
    table = team_tables()[league]
    for team in table.teams:
        assert team.odds
        assert team.exchange
        assert team.codes
        assert all(table.by_odds(name) is team for name in team.odds)
        assert all(table.by_exchange(name) is team for name in team.exchange)
        assert all(table.by_code(code) is team for code in team.codes)


@pytest.mark.parametrize("league", COUNTS)
def test_a_professional_code_with_the_nickname_is_a_name(league: League) -> None:
    """The exchange also writes `KC Chiefs`, `BOS Bruins`: the first code must work so."""
    for team in team_tables()[league].teams:
        assert any(name.startswith(f"{team.codes[0]} ") for name in team.exchange), team.name


@pytest.mark.parametrize(
    ("league", "text", "odds_name"),
    [
        (League.NFL, "New York G", "New York Giants"),
        (League.NFL, "New York J", "New York Jets"),
        (League.NFL, "Los Angeles R", "Los Angeles Rams"),
        (League.NFL, "KC Chiefs", "Kansas City Chiefs"),
        (League.NBA, "Los Angeles C", "Los Angeles Clippers"),
        (League.NBA, "New York", "New York Knicks"),
        (League.MLB, "A's", "Athletics"),
        (League.MLB, "Chicago WS", "Chicago White Sox"),
        (League.MLB, "St. Louis", "St. Louis Cardinals"),
        (League.NHL, "BOS Bruins", "Boston Bruins"),
        (League.NHL, "Montreal", "Montréal Canadiens"),
        (League.NHL, "St. Louis", "St Louis Blues"),
        (League.NHL, "Vegas", "Vegas Golden Knights"),
        (League.NCAAF, "Miami (OH)", "Miami (OH) RedHawks"),
        (League.NCAAF, "Miami (FL)", "Miami Hurricanes"),
        (League.NCAAF, "North Carolina St.", "NC State Wolfpack"),
        (League.NCAAF, "Hawai'i", "Hawaii Rainbow Warriors"),
        (League.NCAAF, "USC", "USC Trojans"),
        (League.NCAAF, "South Carolina", "South Carolina Gamecocks"),
        (League.NCAAB, "NC State", "NC State Wolfpack"),
        (League.NCAAB, "Saint Mary's", "Saint Mary's Gaels"),
        (League.NCAAB, "Mount St. Mary's", "Mt. St. Mary's Mountaineers"),
        (League.NCAAB, "Loyola Chicago", "Loyola (Chi) Ramblers"),
        (League.NCAAB, "San Jose St.", "San José St Spartans"),
    ],
)
def test_names_that_are_easily_confused_mean_the_right_team(
    league: League, text: str, odds_name: str
) -> None:
    table = team_tables()[league]
    team = table.by_exchange(text)
    assert team is not None
    assert team is table.by_odds(odds_name)


@pytest.mark.parametrize(
    ("league", "code", "text"),
    [
        (League.NCAAB, "CSN", "Cal State Northridge"),
        (League.NCAAB, "CSF", "Cal State Fullerton"),
        (League.NCAAB, "HP", "High Point"),
        (League.NCAAB, "MHU", "Mercyhurst"),
        (League.NCAAB, "MERC", "Mercer"),
        (League.NCAAB, "MVS", "Mississippi Valley St."),
        (League.NCAAB, "NIAG", "Niagara"),
        (League.NCAAB, "SPC", "Saint Peter's"),
        (League.NCAAB, "UALR", "Little Rock"),
        (League.NCAAF, "CORN", "Cornell"),
    ],
)
def test_the_exchanges_own_short_forms_of_a_school_are_known(
    league: League, code: str, text: str
) -> None:
    table = team_tables()[league]
    assert table.by_code(code) is not None
    assert table.by_code(code) is table.by_exchange(text)


@pytest.mark.parametrize(
    ("league", "text"),
    [
        (League.NFL, "New York"),
        (League.NFL, "Los Angeles"),
        (League.MLB, "Chicago"),
        (League.NHL, "New York"),
        (League.NCAAF, "Miami"),
        (League.NCAAB, "Loyola"),
        (League.MLB, "American League"),
        (League.NBA, "Team Stars"),
    ],
)
def test_a_name_that_two_teams_claim_or_none_means_nobody(league: League, text: str) -> None:
    assert team_tables()[league].by_exchange(text) is None


@pytest.mark.parametrize("code", ["NLLS", "ALLS", "AL", "NL"])
def test_all_star_codes_are_no_teams(code: str) -> None:
    professional = [table for league, table in team_tables().items() if league not in COLLEGES]
    assert all(table.by_code(code) is None for table in professional)
