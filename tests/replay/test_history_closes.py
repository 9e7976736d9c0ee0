"""De-vigged closing prices against what happened: the figures other people's code also finds."""

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from math import fsum, log

import pytest

from data_files import recorded
from karb.domain.fair.american import decimal_from_american
from karb.domain.fair.devig import devig, overround
from karb.domain.fair.rules import Method
from karb.errors import DataError

Close = tuple[tuple[float, float], bool]
"""Decimal odds of home and away, and whether home won."""


def closes(home_ml: object, away_ml: object, home: object, away: object) -> Iterator[Close]:
    """The game, unless a price is missing or impossible, or nobody won."""
    try:
        prices = float(str(home_ml)), float(str(away_ml))
        scores = float(str(home)), float(str(away))
        odds = decimal_from_american(prices[0]), decimal_from_american(prices[1])
    except (ValueError, DataError):
        return
    if scores[0] != scores[1] and 1.0 < overround(odds) < 1.12:
        yield odds, scores[0] > scores[1]


def nfl() -> list[Close]:
    games = json.loads(recorded("sbr_history/nfl_archive_10Y.json").read_bytes())
    return [
        close
        for g in games
        for close in closes(
            g["home_close_ml"], g["away_close_ml"], g["home_final"], g["away_final"]
        )
    ]


def from_csv(league: str, suffix: str) -> list[Close]:
    path = recorded(f"sbr_history/bettingtools/{league}_odds_all.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return [
            close
            for g in csv.DictReader(lines)
            for close in closes(
                g[f"home{suffix}"], g[f"away{suffix}"], g["home_score"], g["away_score"]
            )
        ]


def mlb() -> list[Close]:
    return from_csv("mlb", "_close_ml")


def nba() -> list[Close]:
    return from_csv("nba", "_ml")


CASES = [
    pytest.param(nfl, Method.ADDITIVE, 2_932, 0.2102, 0.6078, id="nfl"),
    pytest.param(mlb, Method.ADDITIVE, 14_753, 0.2397, 0.6721, id="mlb"),
    pytest.param(nba, Method.ADDITIVE, 3_595, 0.2052, 0.5974, id="nba"),
    pytest.param(nba, Method.MULTIPLICATIVE, 3_595, 0.2050, 0.5967, id="nba-multiplicative"),
]


@pytest.mark.parametrize(("games", "method", "n", "brier", "log_loss"), CASES)
def test_a_de_vigged_close_scores_as_published(
    games: Callable[[], list[Close]], method: Method, n: int, brier: float, log_loss: float
) -> None:
    played = games()
    forecasts = [(devig(odds, method)[0], won) for odds, won in played]
    assert len(forecasts) == n
    assert round(fsum((p - won) ** 2 for p, won in forecasts) / n, 4) == brier
    assert round(-fsum(log(p if won else 1 - p) for p, won in forecasts) / n, 4) == log_loss
