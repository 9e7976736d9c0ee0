"""Bad input ends `karb detect` with one clear line, the right exit code and no traceback."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from karb.cli.main import main
from karb.config.example import example_paths

KALSHI, ODDS = example_paths()
MARKETS = (KALSHI / "nfl.json").read_text()
GAMES = (ODDS / "nfl_20261128T170430Z.json").read_text()


class Ended(NamedTuple):
    """How a run ended."""

    code: int
    out: str
    err: str


class Karb:
    """Runs the command line in this process, as `karb` would be run in `folder`."""

    def __init__(
        self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> None:
        self._folder, self._patch, self._capture = folder, patch, capture
        for name in os.environ:
            if name.startswith(("KARB_", "KALSHI_", "TRADING_", "ODDS_")):
                patch.delenv(name)
        patch.chdir(folder)

    def detect(
        self,
        *,
        kalshi: str | bytes | Path = KALSHI,
        odds: str | bytes | Path = ODDS,
        name: str = "given.json",
        options: tuple[str, ...] = (),
    ) -> Ended:
        """Run `detect --once` over paths, or over a file with this content."""
        paths = [self._path(side, name) for side in (kalshi, odds)]
        files = ("--kalshi", str(paths[0]), "--odds", str(paths[1]))
        return self.run("detect", "--once", *files, *options)

    def run(self, *arguments: str) -> Ended:
        """Run any command."""
        self._patch.setattr(sys, "argv", ["karb", *arguments])
        self._patch.setattr(sys, "excepthook", sys.excepthook)
        with pytest.raises(SystemExit) as ended:
            main()
        seen = self._capture.readouterr()
        return Ended(int(ended.value.code or 0), seen.out, seen.err)

    def _path(self, content: str | bytes | Path, name: str) -> Path:
        if isinstance(content, Path):
            return content
        path = self._folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def karb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Karb:
    return Karb(tmp_path, monkeypatch, capsys)


def refused(ended: Ended, code: int, *words: str) -> None:
    """One line on stderr that says all these words; nothing on stdout."""
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.count("\n") == 1
    assert ended.err.startswith("karb: ")
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err


LINES = "\n".join(json.dumps(market) for market in json.loads(MARKETS)["markets"])
BROKEN_FILES: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "empty": (b"", ("the file is empty",)),
    "blank": (b"\n \n", ("the file is empty",)),
    "truncated": (MARKETS[:3000], ("ends in the middle", "given.json:")),
    "truncated lines": (LINES[:-40], ("ends in the middle", "given.json:10")),
    "html": ("<!doctype html><html><body>Sign in</body></html>", ("an HTML page",)),
    "gzip cut off": (gzip.compress(MARKETS.encode())[:-200], ("gzip file is damaged",)),
    "parquet": (b"PAR1\x15\x04\x15\x00PAR1", ("a Parquet file",)),
    "sqlite": (b"SQLite format 3\x00\x10\x00", ("an SQLite database",)),
    "pickle": (b"\x80\x04\x95\x05\x00\x00\x00", ("a Python pickle",)),
    "zip": (b"PK\x03\x04\x14\x00", ("a zip archive",)),
    "noise": (bytes(range(256)) * 8, ("binary data",)),
    "prose first": ("Fetched 12 markets\n" + MARKETS, ("not JSON", "remove line 1")),
    "unknown": ("markets: none\nprices: none\n", ("unknown format", "'markets: none'")),
    "utf-16": (MARKETS.encode("utf-16"), ("UTF-16 text",)),
    "latin-1": ('[{"a": "Montréal"}]'.encode("latin-1"), ("not UTF-8", "Latin-1")),
    "deep": ("[" * 100_000, ("nested too deeply",)),
    "two documents": ('{\n"a": 1\n}\n{\n"b": 2\n}', ("something follows the end",)),
    "other JSON": ('{"weather": "fine"}', ("given.json:1",)),
}  # fmt: skip


@pytest.mark.parametrize("side", ["kalshi", "odds"])
@pytest.mark.parametrize("case", BROKEN_FILES)
def test_a_broken_file_is_refused_in_one_line(karb: Karb, side: str, case: str) -> None:
    content, words = BROKEN_FILES[case]
    ended = karb.detect(kalshi=content) if side == "kalshi" else karb.detect(odds=content)
    refused(ended, 1, "given.json", *words)


def test_the_error_is_one_json_object_when_json_was_asked_for(karb: Karb) -> None:
    ended = karb.detect(kalshi="", options=("--json",))
    told = json.loads(ended.err)
    assert (ended.code, ended.out, told["exit_code"]) == (1, "", 1)
    assert "the file is empty" in told["what"]
    assert told["means"]
    assert told["do"]


def test_missing_paths_are_usage_errors(karb: Karb, tmp_path: Path) -> None:
    refused(karb.detect(kalshi=tmp_path / "gone.json"), 2, "gone.json", "no such file")
    refused(karb.detect(odds=tmp_path / "gone"), 2, "gone", "no such file")
    empty = tmp_path / "empty"
    empty.mkdir()
    refused(karb.detect(odds=empty), 1, "holds no file that karb can read")


def test_a_file_that_may_not_be_read_is_a_usage_error(karb: Karb, tmp_path: Path) -> None:
    path = tmp_path / "closed.json"
    path.write_text(MARKETS)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root reads every file")
    refused(karb.detect(kalshi=path), 2, "closed.json", "Permission denied")


def test_a_huge_file_is_refused_by_its_size(karb: Karb, tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    path.touch()
    os.truncate(path, 500 * 1024 * 1024)
    refused(karb.detect(kalshi=path), 1, "500 MB", "at most 256 MB", "split")


def test_swapped_sides_are_named(karb: Karb) -> None:
    refused(karb.detect(kalshi=ODDS), 1, "holds sportsbook odds", "--odds")
    refused(karb.detect(odds=KALSHI), 1, "holds Kalshi markets", "--kalshi")


def test_csv_is_read_for_markets_and_refused_for_odds(karb: Karb) -> None:
    row = "ticker,event_ticker,yes_bid\nA-B-C,A-B,48\n"
    assert karb.detect(kalshi=row, name="x.csv").code == 0
    refused(karb.detect(odds=row, name="x.csv"), 1, "a CSV file")
    refused(karb.detect(kalshi="a,b,c\n1,2,3\n"), 1, "no columns ticker and event_ticker")


def test_json_lines_gzip_without_a_name_and_a_byte_order_mark_are_accepted(karb: Karb) -> None:
    capture = ("--as-of", "2026-11-28T17:04:52Z", "--json")
    whole = karb.detect(kalshi=KALSHI / "nfl.json", options=capture)
    assert whole.code == 0
    for content in (LINES, gzip.compress(MARKETS.encode()), "\ufeff" + MARKETS):
        ended = karb.detect(kalshi=content, options=capture)
        assert (ended.code, ended.err) == (0, "")
        assert json.loads(ended.out)["signals"] == json.loads(whole.out)["signals"]


def market_with(**changes: object) -> str:
    """The page of NFL markets whose second one, Green Bay, has some fields changed."""
    page = json.loads(MARKETS)
    page["markets"][1].update(changes)
    return "[\n" + ",\n".join(json.dumps(market) for market in page["markets"]) + "\n]"


@pytest.mark.parametrize(
    "changes",
    [
        {"yes_ask_dollars": None},
        {"yes_ask_dollars": "-0.0100"},
        {"yes_ask_dollars": "1.0001"},
        {"yes_ask_dollars": "NaN"},
        {"yes_ask_dollars": float("nan")},
        {"yes_ask_dollars": 0.573},
        {"yes_ask_dollars": "57.3c"},
        {"yes_ask_dollars": None, "yes_ask": 57.3},
        {"yes_ask_dollars": None, "yes_ask": "57"},
        {"ticker": None},
    ],
    ids=str,
)
def test_one_bad_market_is_left_out_named_and_ends_with_7(
    karb: Karb, changes: dict[str, object]
) -> None:
    as_of = ("--as-of", "2026-11-28T17:04:52Z", "--json")
    ended = karb.detect(kalshi=market_with(**changes), options=as_of)
    assert ended.code == 7
    told = json.loads(ended.out)
    assert "KXNFLGAME-26NOV29CHIGB-GB" not in json.dumps(told["signals"])
    assert "given.json:3" in ended.out + ended.err
    assert "Traceback" not in ended.err


def test_one_bad_book_is_only_one_book_less(karb: Karb) -> None:
    bad = GAMES.replace('"price": 1.57', '"price": "1.57"', 1)
    assert bad != GAMES
    assert karb.detect(odds=bad, name="nfl_20261128T170430Z.json").code in (0, 7)


def test_the_whole_command_line_ends_without_a_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "karb", "detect", "--once", "--kalshi", "gone", "--odds", "x"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    refused(Ended(ended.returncode, ended.stdout, ended.stderr), 2, "gone")
