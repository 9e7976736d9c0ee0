"""`karb map-events` as a person and a script meet it."""

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from karb.config.example import example_paths

KALSHI = [
    {
        "ticker": f"KXNFLGAME-25NOV16KCDEN-{code}",
        "event_ticker": "KXNFLGAME-25NOV16KCDEN",
        "title": "Kansas City at Denver Winner?",
        "yes_sub_title": team,
        "yes_bid": "48",
    }
    for code, team in (("KC", "Kansas City"), ("DEN", "Denver"), ("DEN", "Denver"))
]
ODDS = [
    {
        "event_id": "a1",
        "sport_key": "americanfootball_nfl",
        "home_team": "Denver Broncos",
        "away_team": "Kansas City Chiefs",
        "commence_time": "2025-11-16T21:25:00Z",
        "commence_times_seen": "2025-11-16T21:25:00Z;2025-11-16T21:28:00Z",
    }
]
TRUTH = [
    {
        "kalshi_event_ticker": "KXNFLGAME-25NOV16KCDEN",
        "league": "NFL",
        "odds_event_id": "a1",
        "kind": "match",
    }
]
Rows = list[dict[str, str]]


def write(path: Path, rows: Rows) -> Path:
    """The rows in the format that the file's name asks for."""
    plain = path.name.removesuffix(".gz")
    if plain.endswith(".csv"):
        lines = [",".join(rows[0])] + [",".join(row.values()) for row in rows]
        text = "\n".join(lines) + "\n"
    elif plain.endswith(".jsonl"):
        text = "".join(json.dumps(row) + "\n" for row in rows)
    else:
        text = json.dumps(rows, indent=1)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def karb(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "karb", "map-events", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def audit(
    tmp_path: Path, kalshi: Rows = KALSHI, odds: Rows = ODDS, truth: Rows = TRUTH
) -> tuple[int, dict[str, Any]]:
    done = karb(
        "audit",
        *("--kalshi", write(tmp_path / "k.json", kalshi)),
        *("--odds", write(tmp_path / "o.json", odds)),
        *("--truth", write(tmp_path / "t.json", truth)),
        "--json",
    )
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".csv.gz", ".jsonl.gz"])
def test_every_format_gives_the_same_clean_audit(tmp_path: Path, suffix: str) -> None:
    done = karb(
        "audit",
        *("--kalshi", write(tmp_path / f"k{suffix}", KALSHI)),
        *("--odds", write(tmp_path / f"o{suffix}", ODDS)),
        *("--truth", write(tmp_path / f"t{suffix}", TRUTH)),
        "--json",
    )
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["schema"] == "karb.audit/1"
    summary = {"expected": 1, "linked": 1, "right": 1, "wrong": 0, "missed": 0}
    assert answer["summary"] == summary | {"precision": 1.0, "recall": 1.0}
    assert answer["leagues"]["NFL"] == answer["summary"]
    assert answer["wrong"] == answer["misses"] == []


def test_a_miss_has_its_reason_and_ends_with_findings(tmp_path: Path) -> None:
    typo = [row | {"yes_sub_title": "Kansas Citty"} for row in KALSHI[:1]]
    code, answer = audit(tmp_path, kalshi=typo)
    assert code == 7
    (miss,) = answer["misses"]
    assert (miss["event_ticker"], miss["reason"]) == (
        TRUTH[0]["kalshi_event_ticker"],
        "unknown_team",
    )
    assert "Kansas City Chiefs" in miss["proposals"]
    assert (answer["summary"]["recall"], answer["summary"]["precision"]) == (0.0, 1.0)


def test_an_event_that_is_not_among_the_markets_is_a_miss(tmp_path: Path) -> None:
    absent = TRUTH[0] | {"kalshi_event_ticker": "KXNFLGAME-25NOV16TBBUF", "odds_event_id": "b"}
    code, answer = audit(tmp_path, truth=[*TRUTH, absent])
    assert code == 7
    assert answer["misses"][0]["reason"] == "not_among_the_markets"
    assert answer["summary"]["recall"] == 0.5


@pytest.mark.parametrize(
    "truth",
    [
        [TRUTH[0] | {"odds_event_id": "zz"}],
        [TRUTH[0] | {"odds_event_id": "NONE"}],
        [TRUTH[0] | {"odds_event_id": ""}],
        [TRUTH[0] | {"kalshi_event_ticker": "KXNFLGAME-25NOV16TBBUF", "odds_event_id": "NONE"}],
    ],
)
def test_another_id_none_and_an_unlisted_event_make_a_link_wrong(
    tmp_path: Path, truth: Rows
) -> None:
    code, answer = audit(tmp_path, truth=truth)
    assert code == 7
    assert answer["summary"]["wrong"] == 1
    assert answer["summary"]["precision"] == 0.0
    assert answer["wrong"][0]["linked_to"] == ["a1"]


@pytest.mark.parametrize("none", ["NONE", ""])
def test_none_is_right_when_the_event_stays_unlinked(tmp_path: Path, none: str) -> None:
    odds = [ODDS[0] | {"commence_time": "2025-12-25T21:25:00Z", "commence_times_seen": ""}]
    code, answer = audit(tmp_path, odds=odds, truth=[TRUTH[0] | {"odds_event_id": none}])
    assert code == 0
    assert answer["summary"]["expected"] == answer["summary"]["linked"] == 0


def test_another_kind_than_match_is_not_counted(tmp_path: Path) -> None:
    code, answer = audit(tmp_path, truth=[TRUTH[0] | {"kind": "unclear", "odds_event_id": "zz"}])
    assert code == 0
    assert answer["summary"]["linked"] == 0


def test_people_get_a_table_with_every_league_and_every_miss(tmp_path: Path) -> None:
    odds = [ODDS[0] | {"home_team": "Las Vegas Raiders"}]
    done = karb(
        "audit",
        *("--kalshi", write(tmp_path / "k.csv", KALSHI)),
        *("--odds", write(tmp_path / "o.csv", odds)),
        *("--truth", write(tmp_path / "t.csv", TRUTH)),
    )
    assert done.returncode == 7
    assert "NFL" in done.stdout
    assert "recall" in done.stdout
    assert "no_such_fixture" in done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("<html><body>Sign in</body></html>", "HTML"),
        ("Here is your export:\n[{}]\n", "begins with text that is not JSON"),
        ('[{"ticker": "KXN', "ends in the middle"),
        (
            "ticker,event_tickr,title,yes_sub_title\na,b,c,d\n",
            "rename 'event_tickr' to 'event_ticker'",
        ),
        ("ticker,event_ticker,title,yes_sub_title\n", "there is no row"),
        ("ticker,event_ticker,title,yes_sub_title\n,b,c,d\n", "ticker is empty"),
        ('["KXNFLGAME-25NOV16KCDEN-KC"]', "object was expected"),
        (
            '[{"ticker": 7, "event_ticker": "", "title": "", "yes_sub_title": ""}]',
            "text was expected",
        ),
    ],
)
def test_bad_markets_are_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    kalshi = tmp_path / ("k.json" if "[" in text else "k.csv")
    kalshi.write_text(text)
    done = karb(
        "audit",
        *("--kalshi", kalshi),
        *("--odds", write(tmp_path / "o.csv", ODDS)),
        *("--truth", write(tmp_path / "t.csv", TRUTH)),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert str(kalshi) in done.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"commence_time": "2025-11-16 21:25"}, "not a time with its zone"),
        ({"commence_time": "soon"}, "not a time with its zone"),
        ({"commence_times_seen": "2025-11-16T21:25:00Z;later"}, "not a time with its zone"),
        ({"event_id": ""}, "event_id is empty"),
        ({"sport_key": "soccer_epl"}, "soccer_epl"),
    ],
)
def test_bad_odds_are_one_clear_line(tmp_path: Path, change: dict[str, str], said: str) -> None:
    done = karb(
        "audit",
        *("--kalshi", write(tmp_path / "k.csv", KALSHI)),
        *("--odds", write(tmp_path / "o.csv", [ODDS[0] | change])),
        *("--truth", write(tmp_path / "t.csv", TRUTH)),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_truth_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    done = karb(
        "audit",
        *("--kalshi", write(tmp_path / "k.csv", KALSHI)),
        *("--odds", write(tmp_path / "o.csv", ODDS)),
        *("--truth", write(tmp_path / "t.csv", [*TRUTH, TRUTH[0] | {"odds_event_id": "b"}])),
    )
    assert done.returncode == 1
    assert "two answers" in done.stderr


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    done = karb(
        "audit",
        *("--kalshi", tmp_path / "nowhere.csv"),
        *("--odds", write(tmp_path / "o.csv", ODDS)),
        *("--truth", write(tmp_path / "t.csv", TRUTH)),
    )
    assert done.returncode == 2
    assert "nowhere.csv" in done.stderr


def explain(tmp_path: Path, ticker: str, *more: str) -> subprocess.CompletedProcess[str]:
    return karb(
        "explain",
        ticker,
        *("--kalshi", write(tmp_path / "k.csv", KALSHI)),
        *("--odds", write(tmp_path / "o.csv", ODDS)),
        *more,
    )


def test_explain_shows_the_chain_of_evidence_for_a_market_and_its_sibling(tmp_path: Path) -> None:
    done = explain(tmp_path, "KXNFLGAME-25NOV16KCDEN-KC", "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert answer["schema"] == "karb.link/1"
    assert [one["outcome"] for one in answer["answers"]] == ["Kansas City Chiefs", "Denver Broncos"]
    assert all(len(one["evidence"]) >= 4 for one in answer["answers"])


def test_explain_takes_an_event_and_the_shorthand_of_a_dated_team(tmp_path: Path) -> None:
    assert "Denver Broncos" in explain(tmp_path, "KXNFLGAME-25NOV16KCDEN").stdout
    shorthand = explain(tmp_path, "KXNFL-25NOV16-DEN")
    assert shorthand.returncode == 0
    assert "a1: Denver Broncos" in shorthand.stdout
    assert "ticker alone" in shorthand.stderr


def test_explain_tells_why_not_and_what_comes_near(tmp_path: Path) -> None:
    done = explain(tmp_path, "KXNFL-25NOV23-DEN")
    assert done.returncode == 7
    assert "other_date" in done.stdout
    assert "2025-11-16 16:25" in done.stdout


def test_the_csv_helper_writes_what_a_csv_reader_reads(tmp_path: Path) -> None:
    with write(tmp_path / "k.csv", KALSHI).open(newline="") as file:
        assert list(csv.DictReader(file)) == KALSHI


MARKETS, GAMES = example_paths()
GREEN_BAY = "KXNFLGAME-26NOV29CHIGB-GB"


def example_records() -> list[dict[str, Any]]:
    """The example's NFL markets as an answer of the exchange has them."""
    records: list[dict[str, Any]] = json.loads((MARKETS / "nfl.json").read_text())["markets"]
    return records


SHAPES: dict[str, Callable[[list[dict[str, Any]]], str]] = {
    "list": json.dumps,
    "page": lambda records: json.dumps({"cursor": "", "markets": records}),
    "lines": lambda records: "\n".join(map(json.dumps, records)),
    "dated lines": lambda records: "\n".join(
        json.dumps({"market": one, "captured_at": "2026-11-28T17:04:52Z"}) for one in records
    ),
    "event": lambda records: json.dumps(
        {"event": {"event_ticker": records[0]["event_ticker"], "title": "x"}, "markets": records}
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_explain_reads_every_shape_that_detect_reads(tmp_path: Path, shape: str) -> None:
    (tmp_path / "k.json").write_text(SHAPES[shape](example_records()[:2]))
    files = ("--kalshi", tmp_path / "k.json", "--odds", GAMES / "nfl_20261128T170430Z.json")
    done = karb("explain", GREEN_BAY, *files, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["known"] is True
    assert {one["outcome"] for one in answer["answers"]} == {"Chicago Bears", "Green Bay Packers"}


@pytest.mark.parametrize("ticker", [GREEN_BAY, GREEN_BAY.lower(), "kxnflgame-26nov29chigb"])
def test_explain_has_an_example_and_takes_a_ticker_in_any_case(ticker: str) -> None:
    done = karb("explain", ticker, "--example")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Green Bay Packers" in done.stdout


def test_a_folder_and_several_files_are_read(tmp_path: Path) -> None:
    folders = karb("explain", GREEN_BAY, "--kalshi", MARKETS, "--odds", GAMES, "--json")
    assert folders.returncode == 0
    several = ("--kalshi", MARKETS / "mlb.json", "--kalshi", MARKETS / "nfl.json")
    done = karb("explain", GREEN_BAY, *several, "--odds", GAMES, "--json")
    assert json.loads(done.stdout)["answers"] == json.loads(folders.stdout)["answers"]


def test_explain_knows_a_champion_and_an_unsupported_series() -> None:
    linked = json.loads(karb("explain", "KXNFL-27-BUF", "--example", "--json").stdout)
    assert linked["answers"][0]["outcome"] == "Buffalo Bills"
    other = json.loads((MARKETS / "nfl_other.json").read_text())["markets"][0]["ticker"]
    refused = karb("explain", other, "--example", "--json")
    assert refused.returncode == 7
    answer = json.loads(refused.stdout)
    assert (answer["known"], answer["answers"][0]["reason"]) == (True, "unsupported_series")


def test_audit_scores_answers_against_a_truth(tmp_path: Path) -> None:
    event = json.loads((GAMES / "nfl_20261128T170430Z.json").read_text())[0]["id"]
    row = {"kalshi_event_ticker": GREEN_BAY.removesuffix("-GB"), "odds_event_id": event}
    (tmp_path / "k.json").write_text(SHAPES["page"](example_records()[:2]))
    truth = write(tmp_path / "t.csv", [row])
    files = ("--kalshi", tmp_path / "k.json", "--odds", GAMES, "--truth", truth)
    done = karb("audit", *files, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["summary"]["right"] == 1


def test_a_record_that_cannot_be_used_is_left_out_and_named(tmp_path: Path) -> None:
    records = [*example_records()[:2], {"event_ticker": "KXNFLGAME-26NOV29CHIGB"}]
    (tmp_path / "k.json").write_text(SHAPES["lines"](records))
    files = ("--kalshi", tmp_path / "k.json", "--odds", GAMES)
    done = karb("explain", GREEN_BAY, *files)
    assert done.returncode == 7
    assert "left out: " in done.stderr
    assert "k.json:3: a market without a ticker" in done.stderr
    answer = json.loads(karb("explain", GREEN_BAY, *files, "--json").stdout)
    assert len(answer["left_out"]) == 1


def test_a_market_without_a_price_is_linked_all_the_same(tmp_path: Path) -> None:
    records = [
        {name: held for name, held in record.items() if "_bid" not in name and "_ask" not in name}
        for record in example_records()[:2]
    ]
    (tmp_path / "k.json").write_text(SHAPES["page"](records))
    done = karb("explain", GREEN_BAY, "--kalshi", tmp_path / "k.json", "--odds", GAMES)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("kalshi", "odds", "code", "said"),
    [
        ('[{"tickr": "A", "title": "B"}]', None, 1, "neither a market, an event"),
        ('[{"ticker": "A", "event_tickr": "B"}]', None, 1, "rename 'event_tickr'"),
        (None, '[{"event_idd": "a", "sport_key": "b"}]', 1, "rename 'event_idd' to 'event_id'"),
        (None, '{"weather": "fine"}', 1, "not an answer of The Odds API"),
        (None, "[]", 1, "there is no event in it"),
        ("[]", None, 1, "there is no market in it"),
        ('[{"id": "a", "bookmakers": []}]', None, 1, "give it with --odds"),
    ],
)
def test_json_of_another_kind_is_one_clear_line(
    tmp_path: Path, kalshi: str | None, odds: str | None, code: int, said: str
) -> None:
    paths = [MARKETS / "nfl.json", GAMES / "nfl_20261128T170430Z.json"]
    for place, content in enumerate((kalshi, odds)):
        if content is not None:
            paths[place] = tmp_path / f"{place}.json"
            paths[place].write_text(content)
    done = karb("explain", GREEN_BAY, "--kalshi", paths[0], "--odds", paths[1])
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--kalshi", "", "--odds", "x"], "--kalshi is empty"),
        (["--kalshi", "x"], "--odds is missing"),
        (["--odds", "x"], "--kalshi is missing"),
        (["--example", "--odds", "x"], "--example brings its own files"),
        (["--kalshi", "nowhere", "--odds", "x"], "nowhere"),
    ],
)
def test_wrong_options_of_explain_are_usage_errors(arguments: list[str], said: str) -> None:
    done = karb("explain", GREEN_BAY, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_empty_folder_and_a_folder_for_the_truth_are_one_clear_line(tmp_path: Path) -> None:
    empty = karb("explain", GREEN_BAY, "--kalshi", tmp_path, "--odds", GAMES)
    assert (empty.returncode, empty.stderr.count("\n")) == (1, 1)
    assert "holds no file that karb can read" in empty.stderr
    truth = karb("audit", "--kalshi", MARKETS, "--odds", GAMES, "--truth", tmp_path)
    assert (truth.returncode, truth.stderr.count("\n")) == (2, 1)
    assert "directory" in truth.stderr


@pytest.mark.parametrize("command", ["audit", "explain"])
def test_the_help_names_the_columns(command: str) -> None:
    text = karb(command, "--help").stdout
    for column in ("event_ticker", "yes_sub_title", "event_id", "commence_time"):
        assert column in text
    assert ("kalshi_event_ticker" in text) is (command == "audit")


def test_a_table_without_texts_is_read_by_codes_as_detect_does(tmp_path: Path) -> None:
    row = {"ticker": GREEN_BAY, "event_ticker": GREEN_BAY.removesuffix("-GB"), "yes_bid": "56"}
    files = ("--kalshi", write(tmp_path / "k.csv", [row]), "--odds", GAMES)
    done = karb("explain", GREEN_BAY, *files)
    assert (done.returncode, done.stderr) == (0, "")
    assert "by code GB" in done.stdout
