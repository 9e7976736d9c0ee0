"""Options that more than one command has: what makes no sense is said before anything starts."""

from pathlib import Path

import pytest

from karb.errors import ExitCode
from karb_process import karb

AGAIN = (["run"], ["ingest-odds"], ["map-events", "link"])


@pytest.mark.parametrize("command", AGAIN, ids=" ".join)
@pytest.mark.parametrize(
    ("every", "said"),
    [("0s", "shorter than a second"), ("999ms", "shorter than a second"), ("", "not a duration")],
)
def test_every_is_a_second_at_least(
    tmp_path: Path, command: list[str], every: str, said: str
) -> None:
    done = karb(*command, "--every", every, folder=tmp_path)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert done.stderr.startswith("karb: --every")
    assert said in done.stderr


@pytest.mark.parametrize("command", ["demo", "sim"])
@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf", "1e9"])
def test_time_in_the_box_neither_stands_nor_flies(tmp_path: Path, command: str, speed: str) -> None:
    data = tmp_path / "data"
    done = karb(command, "--speed", speed, folder=tmp_path, KARB_DATA_DIR=str(data))
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert done.stderr.startswith("karb: --speed ")
    assert "out of range; 0.1 to 1000" in done.stderr
    assert not data.exists()


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["--example", "--notify"], "--notify"),
        (["--once", "--notify"], "--notify"),
        (["--once", "--as-of", "2026-11-26T18:00Z"], "--as-of"),
        (["--once", "--max-skew", "10m"], "--max-skew"),
        (["--once", "--max-odds-age", "1m"], "--max-odds-age"),
        (["--as-of", "2026-11-26T18:00Z"], "--as-of"),
        (["--explain"], "--explain"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_detect_takes_no_option_that_would_do_nothing(
    tmp_path: Path, arguments: list[str], option: str
) -> None:
    data = tmp_path / "data"
    done = karb("detect", *arguments, folder=tmp_path, KARB_DATA_DIR=str(data))
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert done.stderr.startswith(f"karb: {option} ")
    assert not data.exists()


def test_the_stated_skew_is_the_default_one(tmp_path: Path) -> None:
    stated = karb("detect", "--example", "--max-skew", "10m", "--json", folder=tmp_path)
    assert stated.returncode == ExitCode.OK
    assert stated.stdout == karb("detect", "--example", "--json", folder=tmp_path).stdout
