"""Real captures of November 2025: a correct karb finds almost nothing on them."""

from typing import Any

import pytest

from data_files import recorded
from karb_process import document, karb

COUNTS = ("asks", "beat_gross", "beat_gross_1c", "beat_net", "beat_net_2c")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    markets = recorded("kalshi_rest/magnus/dev_game_winner_markets.jsonl")
    odds = recorded("odds_api/kevbowl/snapshots")
    done = karb(
        *("detect", "--once", "--json", "--kalshi", str(markets), "--odds", str(odds)),
        *("--max-skew", "1800s", "--max-odds-age", "600s"),
        folder=tmp_path_factory.mktemp("run"),
    )
    assert done.returncode == 0, done.stderr
    return document(done)


@pytest.mark.parametrize(
    ("league", "counts"), [("NFL", (172, 43, 3, 3, 0)), ("NCAAF", (20, 4, 0, 0, 0))]
)
def test_asks_that_beat_the_consensus_are_few_and_none_by_two_cents(
    found: dict[str, Any],
    league: str,
    counts: tuple[int, ...],
) -> None:
    """An independent count with other books had 172: 41, 3, 3, 0 for the NFL."""
    summary = found["summary"][league]
    assert tuple(summary[name] for name in COUNTS) == counts
    assert summary["sizes_known"] == 0


@pytest.mark.parametrize("league", ["NBA", "NHL", "NCAAB"])
def test_a_league_without_odds_says_so_instead_of_0(found: dict[str, Any], league: str) -> None:
    assert found["summary"][league]["asks"] is None
    assert "none" in found["summary"][league]["no_odds"]


def test_every_market_is_a_signal_a_refusal_or_unjudged_with_a_reason(
    found: dict[str, Any],
) -> None:
    total = sum(len(found[part]) for part in ("signals", "refused", "unjudged"))
    assert total == found["funnel"]["records"] == 244
    assert all(row["reasons"] for row in found["refused"])
    assert all(row["reason"] and row["detail"] for row in found["unjudged"])
    assert found["signals"] == []
