"""`--watch [SECONDS]` of the commands that read, as a person and a pipe use it."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from karb.errors import ExitCode
from karb_process import clean_environment, karb

READING = (
    ["history", "latest"],
    ["history", "volume"],
    ["history", "signals"],
    ["history", "sql", "SELECT 1"],
    ["cache", "keys"],
    ["cache", "get", "some:key"],
    ["services", "status"],
    ["map-events", "unmapped"],
    ["map-events", "review"],
)


def test_each_round_is_one_document_until_ctrl_c(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "karb", "services", "status", "--watch", "0.1", "--json"],
        cwd=tmp_path,
        env=clean_environment(KARB_DATA_DIR=str(tmp_path / "data")),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    rounds = [json.loads(process.stdout.readline()) for _ in range(3)]
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert (process.returncode, told) == (ExitCode.INTERRUPTED, "")
    assert {each["schema"] for each in rounds} == {"karb.services.status/1"}


@pytest.mark.parametrize("command", READING, ids=" ".join)
@pytest.mark.parametrize("seconds", ["0", "-1", "100000"])
def test_a_pause_that_makes_no_sense_is_refused(
    tmp_path: Path, command: list[str], seconds: str
) -> None:
    done = karb(*command, "--watch", seconds, folder=tmp_path)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert f"--watch {seconds} is out of range" in done.stderr


def test_the_number_may_be_left_out_wherever_the_option_stands(tmp_path: Path) -> None:
    """Where the cache is away each round says so; `some:key` is the key and no number."""
    process = subprocess.Popen(
        [sys.executable, "-m", "karb", "cache", "get", "--watch", "some:key"],
        cwd=tmp_path,
        env=clean_environment(REDIS_URL="unix:///nowhere/v.sock"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("karb: Redis does not answer")
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in told
