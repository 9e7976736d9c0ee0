"""The slate: the same games for a seed, and every oddity that a reader has to cope with."""

import pytest

from karb.sim.leagues import LEAGUES, MLB
from karb.sim.slate import EASTERN, Slate, draw_slate
from karb.sim.units import SECOND, utc
from sim_judge import OPENING

HOUR = 3_600 * SECOND
ALL = tuple(LEAGUES)


@pytest.fixture(scope="module")
def slate() -> Slate:
    return draw_slate(1, OPENING, ALL, 4)


def test_the_same_seed_draws_the_same_slate(slate: Slate) -> None:
    assert draw_slate(1, OPENING, ALL, 4) == slate
    assert draw_slate(2, OPENING, ALL, 4) != slate


def test_another_day_changes_dates_and_nothing_else(slate: Slate) -> None:
    later = draw_slate(1, OPENING + 73 * HOUR, ALL, 4)
    for one, other in zip(slate.games, later.games, strict=True):
        assert (one.home, one.away, one.chance) == (other.home, other.away, other.chance)
        assert one.key != other.key


def test_games_start_within_sixty_hours_and_some_already_run(slate: Slate) -> None:
    hours = [(game.start - OPENING) / HOUR for game in slate.games]
    assert -2 < min(hours) < 0
    assert 36 < max(hours) < 60
    assert sum(2.2 < each < 40 for each in hours) >= 12
    assert all((game.played > 0) == (game.start < OPENING) for game in slate.games)


def test_a_team_plays_once_but_for_the_doubleheader(slate: Slate) -> None:
    for league in LEAGUES.values():
        games = [game for game in slate.games if game.league is league]
        teams = [team for game in games for team in (game.home, game.away)]
        twice = len(teams) - len(set(teams))
        assert twice == (2 if league is MLB else 0)


def test_the_doubleheader_is_one_pair_on_one_eastern_day(slate: Slate) -> None:
    first, second = [game for game in slate.games if game.league is MLB][:2]
    assert {first.home, first.away} == {second.home, second.away}
    assert first.key != second.key
    days = [utc(game.start).astimezone(EASTERN).date() for game in (first, second)]
    assert days[0] == days[1]
    assert second.start - first.start > 4 * HOUR


def test_each_source_has_a_game_that_the_other_does_not_have(slate: Slate) -> None:
    assert sum(not game.offered for game in slate.games) == 1
    assert sum(not game.listed for game in slate.games) == 1


def test_tickers_have_the_exchanges_shape(slate: Slate) -> None:
    for game in slate.games:
        when = utc(game.start).astimezone(EASTERN)
        clock = f"{when:%H%M}" if game.league is MLB else ""
        date = f"{when:%y%b%d}".upper()
        pair = f"{game.away.code}{game.home.code}"
        assert game.key == f"{game.league.series}-{date}{clock}{pair}"
        assert game.ticker(game.home) == f"{game.key}-{game.home.code}"


def test_every_professional_league_has_its_next_title(slate: Slate) -> None:
    assert [each.key for each in slate.champions] == [
        "KXNFL-27",
        "KXNBA-27",
        "KXMLB-27",
        "KXNHL-27",
    ]
    for champion in slate.champions:
        assert champion.decided > OPENING
        assert sum(chance for _, chance in champion.chances) == pytest.approx(1.0)


@pytest.mark.parametrize(("leagues", "games"), [((), 4), (("XFL",), 4), (ALL, 0), (ALL, 13)])
def test_what_cannot_be_drawn_is_refused(leagues: tuple[str, ...], games: int) -> None:
    with pytest.raises(ValueError, match=r"no such league|games a league"):
        draw_slate(1, OPENING, leagues, games)


@pytest.mark.parametrize("games", [1, 2, 12])
def test_small_and_large_slates_are_drawn(games: int) -> None:
    drawn = draw_slate(3, OPENING, ALL, games)
    assert len(drawn.games) == 6 * games + 1
    assert len({game.key for game in drawn.games}) == len(drawn.games)
