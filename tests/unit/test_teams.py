"""Names and codes: exact after normalizing, one owner each."""

import pytest

from karb.domain.linking.teams import Team, TeamTable, normalize
from karb.domain.market.leagues import League
from karb.errors import DataError

RAMS = Team("rams", "Los Angeles Rams", ("Los Angeles Rams",), ("Los Angeles R",), ("LA", "LAR"))
CHARGERS = Team("chargers", "Los Angeles Chargers", (), ("Los Angeles C",), ("LAC",))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Montréal Canadiens", "montreal canadiens"),
        ("St. Louis", "st louis"),
        ("A's", "as"),
        ("A\u2019s", "as"),
        ("Hawai\u02bbi", "hawaii"),
        ("San Jos\u00e9 St.", "san jose st"),
        ("San Jose\u0301 St", "san jose st"),
        ("  Green \u00a0 Bay ", "green bay"),
        ("Texas A&M", "texas a&m"),
        ("Hawai\u00b4i", "hawaii"),
    ],
)
def test_names_are_compared_without_accents_dots_apostrophes_and_case(
    text: str, plain: str
) -> None:
    assert normalize(text) == plain


def test_brackets_and_single_letters_stay_because_they_tell_teams_apart() -> None:
    assert normalize("Miami (OH)") != normalize("Miami (FL)")
    assert normalize("New York J") != normalize("New York G")


def test_a_table_finds_teams_by_either_sides_name_and_by_code() -> None:
    table = TeamTable(League.NFL, [RAMS, CHARGERS])
    assert table.by_exchange("los angeles r") is RAMS
    assert table.by_exchange("Los Angeles Rams") is RAMS
    assert table.by_odds("Los Angeles Chargers") is CHARGERS
    assert table.by_odds("Los Angeles R") is None
    assert table.by_code("LAR") is RAMS
    assert table.by_code("AR") is None


def test_a_shared_beginning_is_no_name_but_can_be_told() -> None:
    table = TeamTable(League.NFL, [RAMS, CHARGERS])
    assert table.by_exchange("Los Angeles") is None
    assert table.sharing("Los Angeles") == (RAMS, CHARGERS)
    assert table.sharing("") == ()


@pytest.mark.parametrize(
    "other",
    [
        Team("x", "X", (), ("LOS ANGELES R.",), ()),
        Team("x", "X", ("Los Angeles R",), (), ()),
        Team("x", "X", (), (), ("lar",)),
    ],
)
def test_a_name_or_code_with_two_owners_is_an_error_that_names_both(other: Team) -> None:
    with pytest.raises(DataError, match="belongs to rams and to x"):
        TeamTable(League.NFL, [RAMS, other])


def test_a_name_that_normalizes_to_nothing_is_an_error() -> None:
    with pytest.raises(DataError, match="empty name"):
        TeamTable(League.NFL, [Team("x", "X", (), (".",), ())])
