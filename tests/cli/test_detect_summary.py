"""The line that sums a run up names every place where a record stopped, each in its own words."""

import json
from pathlib import Path

import pytest

from karb.config.example import example_paths
from karb_process import karb

KALSHI, ODDS = example_paths()


def summary(folder: Path, *options: str, kalshi: Path = KALSHI) -> str:
    """The line of a run over the example."""
    paths = ("--kalshi", str(kalshi), "--odds", str(ODDS))
    done = karb("detect", "--once", *paths, *options, folder=folder, COLUMNS="200")
    return next(line for line in done.stdout.splitlines() if " records: " in line)


@pytest.mark.parametrize(
    ("as_of", "words"),
    [
        (
            "2026-11-28T17:00Z",
            "64 captured after --as-of, 7 odds captured after --as-of, 0 signals",
        ),
        ("2026-11-28T18:00Z", "52 captured long before --as-of"),
    ],
)
def test_captures_that_as_of_leaves_aside_are_not_said_to_lack_a_time(
    tmp_path: Path, as_of: str, words: str
) -> None:
    line = summary(tmp_path, "--as-of", as_of)
    assert words in line
    assert "without a capture time" not in line


def test_a_record_without_a_time_is_said_to_lack_one_and_an_older_capture_to_be_older(
    tmp_path: Path,
) -> None:
    page = json.loads((KALSHI / "nfl.json").read_text())
    older = {**page, "captured_at": "2026-11-28T17:04:51Z", "markets": page["markets"][:3]}
    timeless = json.loads((KALSHI / "nhl.json").read_text())
    del timeless["captured_at"]
    for name, content in {"a": older, "b": page, "c": timeless}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    line = summary(tmp_path, kalshi=tmp_path)
    assert f"{len(timeless['markets'])} without a capture time" in line
    assert "3 older captures" in line
