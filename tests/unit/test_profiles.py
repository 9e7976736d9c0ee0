"""Profiles: the numbers that were asked for, a user's own file, and what is refused."""

from pathlib import Path

import pytest

from karb.config.profile_keys import KEYS
from karb.config.profiles import folder, load_profile, open_profile, profile_names, shipped
from karb.domain.edge.profile import ConfidenceRules, Guard, InPlay, Profile
from karb.domain.fair.rules import FairRules, Method
from karb.domain.market.leagues import Kind
from karb.domain.units import HOUR, SECOND
from karb.errors import ConfigError

# The specification's table, then the issue's: cents, books, contracts, hours.
TABLE = {
    "CONSERVATIVE": (6, 3, 2.5, 0.15, 4, 8, 1000, 3, 36, 30, 80, (75, 55, 35)),
    "STANDARD": (5, 3, 3.0, 0.25, 3, 10, 500, 2, 48, 25, 85, (70, 50, 30)),
    "AGGRESSIVE": (3, 3, 4.0, 0.35, 2, 12, 300, 1, 72, 20, 88, (60, 40, 25)),
    "VERY_AGGRESSIVE": (2, 2, 5.0, 0.50, 1, 15, 100, 0.5, 96, 15, 92, (50, 30, 15)),
    "ANY_EDGE": (1, 2, 10.0, 0.50, 0, 20, 50, 0.25, 168, 5, 98, (30, 15, 5)),
    "SCALP": (1, 3, 2.0, 0.75, 1, 6, 2000, 0.5, 24, 30, 70, (40, 25, 10)),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_shipped_profile_has_the_numbers_that_were_asked_for(name: str) -> None:
    p = load_profile(name)
    assert (
        p.min_edge / 10_000,
        p.min_books,
        p.max_book_spread / 10_000,
        p.kelly,
        p.min_edge_agreeing / 10_000,
        p.max_kalshi_spread / 100,
        p.min_volume / 100,
        p.min_time / HOUR,
        p.max_time / HOUR,
        p.min_price / 100,
        p.max_price / 100,
        (p.confidence.high, p.confidence.medium, p.confidence.low),
    ) == TABLE[name]


def test_six_profiles_ship_and_each_is_a_file() -> None:
    files = {path.stem.upper() for path in folder().glob("*.toml") if ".local" not in path.name}
    assert set(profile_names()) == set(TABLE) == files
    assert [profile.name for profile in shipped().values()] == list(profile_names())


def test_standard_spells_out_what_the_code_has_as_defaults() -> None:
    standard = load_profile("STANDARD")
    assert standard.confidence == ConfidenceRules(high=70, medium=50, low=30)
    assert standard.fair == FairRules()
    plain = Profile(
        name="STANDARD",
        summary=standard.summary,
        min_edge=50_000,
        min_edge_agreeing=30_000,
        min_books=3,
        max_book_spread=30_000,
        max_kalshi_spread=1_000,
        min_volume=50_000,
        min_time=2 * HOUR,
        max_time=48 * HOUR,
        min_price=2_500,
        max_price=8_500,
        kelly=0.25,
        confidence=standard.confidence,
    )
    assert standard == plain


def test_only_any_edge_is_kept_from_real_money() -> None:
    refused = [name for name, profile in shipped().items() if not profile.live_allowed]
    assert refused == ["ANY_EDGE"]


def test_only_scalp_leaves_before_the_game_runs() -> None:
    leaving = [n for n, profile in shipped().items() if profile.in_play is InPlay.FLATTEN]
    assert leaving == ["SCALP"]


@pytest.mark.parametrize("name", ["very_aggressive", "Very-Aggressive", " VERY AGGRESSIVE "])
def test_a_name_is_read_in_any_case(name: str) -> None:
    assert load_profile(name).name == "VERY_AGGRESSIVE"


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean CONSERVATIVE"):
        load_profile("conservativ")


def own(tmp_path: Path, text: str, name: str = "mine.toml") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_an_own_file_changes_what_it_says_and_inherits_the_rest(tmp_path: Path) -> None:
    text = """
inherits = "aggressive"
[entry]
min_edge_cents = 4.5
markets = ["game", "champion"]
[guards]
too_good = false
[fair]
devig = "power"
outlier_cents = 2.5
[orders]
rest = "2m"
[exits]
max_hold = "6h"
"""
    mine, base = load_profile(own(tmp_path, text)), load_profile("AGGRESSIVE")
    assert mine.name == "MINE"
    assert mine.min_edge == 45_000
    assert mine.markets == {Kind.GAME, Kind.CHAMPION}
    assert mine.guards == set(Guard) - {Guard.TOO_GOOD}
    assert mine.fair.method is Method.POWER
    assert mine.fair.outlier == 0.025
    assert (mine.rest, mine.max_hold) == (120 * SECOND, 6 * HOUR)
    assert (mine.max_time, mine.kelly, mine.confidence) == (
        base.max_time,
        base.kelly,
        base.confidence,
    )


def test_a_complete_file_needs_no_parent(tmp_path: Path) -> None:
    text = (folder() / "standard.toml").read_text(encoding="utf-8")
    mine = load_profile(own(tmp_path, text.replace('"STANDARD"', '"Complete"')))
    assert mine.name == "Complete"
    assert mine.min_edge == load_profile("STANDARD").min_edge


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("min_edge_cent = 3", "did you mean min_edge_cents"),
        ("kelly_fraction = 0.2", "did you mean [size] kelly_fraction"),
        ("min_edge_cents = -1", "[entry] min_edge_cents = -1 is below 0"),
        ("min_edge_cents = 101", "is above 100"),
        ("min_edge_cents = '5'", "is not a number"),
        ("min_edge_cents = true", "is not a number"),
        ("min_edge_cents = nan", "is not a plain number"),
        ("min_edge_cents = 1e3", "is not a plain number"),
        ("min_edge_cents = 2.00001", "finer than"),
        ("max_kalshi_spread_cents = 8.123", "finer than"),
        ("min_books = 1", "is below 2"),
        ("min_books = 2.5", "finer than"),
        ("min_hours = 50", "min_hours is not below max_hours"),
        ("min_price_cents = 90", "min_price_cents is not below max_price_cents"),
        ("min_edge_agreeing_cents = 6", "is above min_edge_cents"),
        ('markets = ["games"]', "did you mean game"),
        ("markets = []", "is not a list"),
        ("champion_hours = [9, 3]", "does not rise"),
        ("champion_hours = 7", "two numbers"),
        ("x = 1\n[size]\nkelly_fraction = 1.01", "[entry] x"),
        ("[size]\nkelly_fraction = 1.01", "is above 1"),
        ("[confidence]\nmedium = 80", "do not descend"),
        ("[confidence]\nhigh = 101", "is above 100"),
        ('[fair]\ndevig = "shinn"', "did you mean shin"),
        ("[guards]\nnet_edge = 1", "is not true or false"),
        ('[guards]\nmax_quote_age = "2"', "is not a duration"),
        ("[guard]\nnet_edge = false", "did you mean guards"),
        ("[exits]\nin_play = 'sell'", "is none of hold, manage, flatten"),
        ("[entry.min_hours]\nx = 1", "is not a number"),
    ],
)
def test_what_cannot_be_is_refused_with_file_and_key(
    tmp_path: Path, line: str, expected: str
) -> None:
    path = own(tmp_path, f'inherits = "STANDARD"\n[entry]\n{line}\n')
    with pytest.raises(ConfigError) as refused:
        load_profile(path)
    assert str(refused.value).startswith(path)
    assert expected in str(refused.value)


def test_a_file_without_a_parent_must_be_complete(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="keys are missing") as refused:
        load_profile(own(tmp_path, "[entry]\nmin_edge_cents = 3\n"))
    assert 'inherits = "STANDARD"' in refused.value.do


@pytest.mark.parametrize("parent", ['"MINE"', "7", '["STANDARD"]'])
def test_only_a_shipped_profile_can_be_inherited(tmp_path: Path, parent: str) -> None:
    with pytest.raises(ConfigError):
        load_profile(own(tmp_path, f"inherits = {parent}\n"))


@pytest.mark.parametrize("name", ["STANDARD", "any edge", "Any-Edge", " very_aggressive"])
def test_a_shipped_name_means_the_shipped_numbers(tmp_path: Path, name: str) -> None:
    """However it is spelled: a name is read in any case, so this one would pass for the other."""
    for path in (
        own(tmp_path, f'inherits = "STANDARD"\nname = "{name}"\n'),
        own(tmp_path, 'inherits = "STANDARD"\n', f"{name}.toml"),
    ):
        with pytest.raises(ConfigError, match="belongs to a profile that ships"):
            load_profile(path)


def test_an_heir_of_any_edge_never_trades_live(tmp_path: Path) -> None:
    heir = load_profile(own(tmp_path, 'inherits = "ANY_EDGE"\n'))
    assert not heir.live_allowed
    with pytest.raises(ConfigError, match="may never trade live"):
        load_profile(own(tmp_path, 'inherits = "ANY_EDGE"\nlive_allowed = true\n'))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"name = ", b"\x1f\x8b\x08\x00binary"])
def test_a_file_that_is_no_profile_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"bad\.toml"):
        load_profile(str(path))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError, match=str(path)):
            load_profile(f"{path}/" if path is tmp_path else str(path))


def test_what_is_shown_is_every_key_as_written() -> None:
    opened = open_profile("CONSERVATIVE")
    assert list(opened.keys) == list(KEYS)
    assert opened.keys["entry.max_book_spread_cents"] == "2.5"


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        ('"STANDRAD"', "did you mean STANDARD?"),
        ('"mine"', "is not the name of a profile; the profile is not used; take one of"),
        ("7", "inherits = '7' is not the name of a profile"),
        ('"./gone.toml"', "inherits = './gone.toml': "),
        ('"./mine.toml"', "leads back to itself"),
    ],
)
def test_a_wrong_parent_names_the_users_file_and_the_key(
    tmp_path: Path, parent: str, expected: str
) -> None:
    path = own(tmp_path, f"inherits = {parent}\n")
    with pytest.raises(ConfigError) as refused:
        load_profile(path)
    assert str(refused.value).startswith(f"{path}: inherits = ")
    assert expected in str(refused.value)


def test_a_file_may_inherit_from_a_file_beside_it(tmp_path: Path) -> None:
    own(tmp_path, 'inherits = "SCALP"\n[entry]\nmax_hours = 7\n', "base.toml")
    heir = load_profile(own(tmp_path, 'inherits = "./base.toml"\n[size]\nkelly_fraction = 0.1\n'))
    assert (heir.name, heir.kelly, heir.max_time) == ("MINE", 0.1, 7 * HOUR)
    assert heir.min_books == load_profile("SCALP").min_books


def test_files_that_inherit_from_each_other_are_refused(tmp_path: Path) -> None:
    own(tmp_path, 'inherits = "./mine.toml"\n', "base.toml")
    with pytest.raises(ConfigError, match="leads back to itself"):
        load_profile(own(tmp_path, 'inherits = "./base.toml"\n'))


def test_never_live_is_inherited_through_a_file(tmp_path: Path) -> None:
    own(tmp_path, 'inherits = "ANY_EDGE"\n', "base.toml")
    assert not load_profile(own(tmp_path, 'inherits = "base.toml"\n')).live_allowed
    with pytest.raises(ConfigError, match="BASE may never trade live"):
        load_profile(own(tmp_path, 'inherits = "base.toml"\nlive_allowed = true\n'))


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("[entry]\nmin_edge_cents = 0.04", "write 4 for 4 cents"),
        ("[entry]\nmin_price_cents = 0.025", "write 2.5 for 2.5 cents"),
        ("[fair]\noutlier_cents = 0.03", "write 3 for 3 cents"),
    ],
)
def test_dollars_under_a_key_in_cents_are_noticed(tmp_path: Path, line: str, hint: str) -> None:
    with pytest.raises(ConfigError, match="the unit is cents") as refused:
        load_profile(own(tmp_path, f'inherits = "STANDARD"\n{line}\n'))
    assert hint in str(refused.value)


def test_a_tenth_of_a_cent_and_none_at_all_are_allowed(tmp_path: Path) -> None:
    text = 'inherits = "STANDARD"\n[entry]\nmin_edge_cents = 0.1\nmin_edge_agreeing_cents = 0\n'
    assert load_profile(own(tmp_path, text)).min_edge == 1_000
