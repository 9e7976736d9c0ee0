"""The example that ships shows what its README.txt says it shows, in every league."""

import json
from pathlib import Path
from typing import Any

import pytest

from karb.adapters.files.kalshi import read_kalshi
from karb.adapters.files.odds import read_odds
from karb.config.example import example_paths
from karb.domain.market.leagues import League
from karb_process import document, karb


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("example")
    done = karb("detect", "--example", "--profile", "STANDARD", "--json", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return document(done)


def test_the_signals_are_four_of_one_to_three_cents_net(report: dict[str, Any]) -> None:
    found = {signal["ticker"].split("-")[2]: signal for signal in report["signals"]}
    assert sorted(found) == ["ALA", "BOS", "GB", "MIA"]
    assert all(1 <= signal["net_edge_cents"] <= 3 for signal in found.values())
    assert all(1 <= signal["recommended_contracts"] <= 25 for signal in found.values())


@pytest.mark.parametrize(
    ("ticker", "reason"),
    [
        ("KXNCAAMBGAME-26NOV28UKGONZ-GONZ", "too_good"),
        ("KXNFLGAME-26NOV29TBCAR-CAR", "book_spread"),
        ("KXNBAGAME-26NOV28SACPOR-POR", "kalshi_spread"),
        ("KXNCAAFGAME-26NOV28FLAFSU-FSU", "volume"),
        ("KXNFLGAME-26NOV30PITCLE-CLE", "hours_to_event"),
        ("KXNBAGAME-26NOV28DENOKC-OKC", "price_bounds"),
        ("KXNFLGAME-26NOV29LARSEA-SEA", "net_edge"),
        ("KXNFL-27-BUF", "kind"),
    ],
)
def test_every_refusal_that_the_readme_names_can_be_seen(
    report: dict[str, Any], ticker: str, reason: str
) -> None:
    (refused,) = (signal for signal in report["refused"] if signal["ticker"] == ticker)
    assert reason in json.dumps(refused["reasons"])
    assert refused["edge"]["best_edge"] > 0


def test_what_is_never_priced_says_why(report: dict[str, Any]) -> None:
    why = {entry["ticker"].split("-")[2]: entry["reason"] for entry in report["unjudged"]}
    assert why["CHAM"] == "unknown_team"
    assert why["OSU"] == "straddles_start"
    assert why["VGK"] == "too_few_books"
    assert report["funnel"]["series: unsupported_series"] == 4


def test_a_doubleheader_is_told_apart_by_the_clock(report: dict[str, Any]) -> None:
    games = [s for s in report["refused"] if "CINPIT-PIT" in s["ticker"]]
    assert [game["start"][11:16] for game in sorted(games, key=lambda g: g["ticker"])] == [
        "17:05",
        "22:40",
    ]


def test_the_files_are_sound_and_cover_six_leagues() -> None:
    kalshi, odds = example_paths()
    markets, offers = read_kalshi([kalshi]), read_odds([odds])
    assert (markets.bad, offers.bad) == ((), ())
    assert all(record.at for record in markets.records)
    assert {event.league for one in offers.snapshots for event in one.events} == set(League)
    assert len(markets.series) == len(League)
    assert (Path(kalshi).parent / "README.txt").exists()
