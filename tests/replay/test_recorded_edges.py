"""Real captures of November 2025: a correct karb finds almost nothing on them."""

import json
import subprocess
import sys
from typing import Any

import pytest

from data_files import recorded

COUNTS = ("asks", "beat_gross", "beat_gross_1c", "beat_net", "beat_net_2c")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    markets = recorded("kalshi_rest/magnus/dev_game_winner_markets.jsonl")
    odds = recorded("odds_api/kevbowl/snapshots")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "karb",
            "detect",
            "--once",
            "--json",
            "--kalshi",
            str(markets),
            "--odds",
            str(odds),
            "--max-skew",
            "1800s",
            "--max-odds-age",
            "600s",
        ],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("league", "counts"), [("NFL", (172, 43, 3, 3, 0)), ("NCAAF", (20, 4, 0, 0, 0))]
)
def test_asks_that_beat_the_consensus_are_few_and_none_by_two_cents(
    document: dict[str, Any],
    league: str,
    counts: tuple[int, ...],
) -> None:
    """An independent count with other books had 172: 41, 3, 3, 0 for the NFL."""
    found = document["summary"][league]
    assert tuple(found[name] for name in COUNTS) == counts
    assert found["sizes"] == "size unknown"


@pytest.mark.parametrize("league", ["NBA", "NHL", "NCAAB"])
def test_a_league_without_odds_says_so_instead_of_0(document: dict[str, Any], league: str) -> None:
    assert "asks" not in document["summary"][league]
    assert "none" in document["summary"][league]["odds"]


def test_every_market_is_a_signal_a_refusal_or_unjudged_with_a_reason(
    document: dict[str, Any],
) -> None:
    total = sum(len(document[part]) for part in ("signals", "refused", "unjudged"))
    assert total == document["funnel"]["markets"] == 244
    assert all(row["reasons"] for row in document["refused"])
    assert all(row["reason"] and row["detail"] for row in document["unjudged"])
    assert document["signals"] == []
