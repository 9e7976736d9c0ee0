"""Which odds events can be a game at all."""

import pytest

from karb.config.teams import team_tables
from karb.domain.linking.fixtures import Fixtures
from karb.domain.market.leagues import League
from linking_cases import game, ids, pair

TIME = "2026-08-12 19:07"


@pytest.mark.parametrize("away", ["Athletics", "Oakland Athletics"])
def test_one_team_twice_is_no_game(away: str) -> None:
    """Both names are known, and mean one team."""
    event = game("x", League.MLB, away, "Athletics", TIME)
    made = Fixtures(team_tables(), [event])
    assert made.strangers[League.MLB] == [event]
    assert made.of_team(League.MLB, "athletics") == []
    assert made.of_pair(League.MLB, frozenset({"athletics"})) == []


def test_a_market_never_links_to_a_team_that_plays_itself() -> None:
    markets = pair("KXMLBGAME-26AUG121907ATHTOR", ("ATH", "A's"), ("TOR", "Toronto"))
    twice = game("x", League.MLB, "Oakland Athletics", "Athletics", TIME)
    right = game("y", League.MLB, "Athletics", "Toronto Blue Jays", TIME)
    assert ids(markets, twice, right) == ["y", "y"]
    assert "x" not in ids(markets, twice)


def test_two_different_teams_are_a_game_of_each() -> None:
    event = game("y", League.MLB, "Athletics", "Toronto Blue Jays", TIME)
    made = Fixtures(team_tables(), [event])
    (fixture,) = made.of_team(League.MLB, "athletics")
    assert fixture.event == event
    assert made.of_pair(League.MLB, frozenset(fixture.names)) == [fixture]
    assert made.strangers[League.MLB] == []
