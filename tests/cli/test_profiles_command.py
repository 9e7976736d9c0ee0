"""`karb profiles`: the six side by side, one in full, and a file of one's own."""

from pathlib import Path

from karb.config.profile_keys import KEYS
from karb.errors import ExitCode
from karb_process import document, karb


def test_the_six_stand_side_by_side_and_the_default_is_marked(tmp_path: Path) -> None:
    lines = karb("profiles", folder=tmp_path).stdout.splitlines()
    assert lines[0].split() == [
        "CONSERVATIVE",
        "STANDARD*",
        "AGGRESSIVE",
        "VERY_AGGRESSIVE",
        "ANY_EDGE",
        "SCALP",
    ]
    rows = {line[:13].strip(): line[13:].split() for line in lines[2:]}
    assert rows["min edge"] == ["6c", "5c", "3c", "2c", "1c", "1c"]
    assert rows["book spread"] == ["2.5c", "3c", "4c", "5c", "10c", "2c"]
    assert rows["max hours"] == ["36h", "48h", "72h", "96h", "168h", "24h"]
    assert rows["kelly"] == ["0.15", "0.25", "0.35", "0.50", "0.50", "0.75"]


def test_one_profile_shows_every_key_with_its_unit(tmp_path: Path) -> None:
    text = karb("profiles", "any_edge", folder=tmp_path).stdout
    assert "ANY_EDGE: Development/testing" in text
    assert "never trades live" in text
    for key in KEYS:
        assert key.rpartition(".")[2] in text or key in {"name", "summary", "live_allowed"}
    row = next(line.split() for line in text.splitlines() if "min_volume_contracts" in line)
    assert row == ["entry", "min_volume_contracts", "50", "contracts", "500", "contracts"]


def test_json_has_the_shape_of_the_file(tmp_path: Path) -> None:
    body = document(karb("profiles", "conservative", "--json", folder=tmp_path))
    (profile,) = body["profiles"]
    assert (body["schema"], body["default"]) == ("karb.profiles/1", "STANDARD")
    assert profile["name"] == "CONSERVATIVE"
    assert profile["entry"]["max_book_spread_cents"] == 2.5
    assert profile["entry"]["min_edge_cents"] == 6
    assert profile["guards"]["net_edge"] is True
    assert len(document(karb("profiles", "--json", folder=tmp_path))["profiles"]) == 6


def test_an_own_file_is_shown_beside_the_default(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('inherits = "SCALP"\n[size]\nkelly_fraction = 0.1\n')
    text = karb("profiles", "./mine.toml", folder=tmp_path).stdout
    assert text.startswith("MINE: ")
    row = next(line.split() for line in text.splitlines() if "kelly_fraction" in line)
    assert row == ["size", "kelly_fraction", "0.1", "of", "Kelly", "0.25", "of", "Kelly"]


def test_an_unknown_name_is_exit_3_with_the_nearest(tmp_path: Path) -> None:
    done = karb("profiles", "agresive", folder=tmp_path)
    assert (done.returncode, done.stdout) == (ExitCode.CONFIG, "")
    assert "AGGRESSIVE" in done.stderr
