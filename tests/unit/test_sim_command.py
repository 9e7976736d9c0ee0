"""`karb sim` as people and scripts run it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from typing import IO, Any
from urllib.request import urlopen

import pytest

from karb.config.keyfile import key_kind
from karb.errors import ExitCode
from karb_process import clean_environment, karb

NAMES = [
    "KALSHI_BASE_URL",
    "KARB_KALSHI_WS_URL",
    "KALSHI_KEY_ID",
    "KALSHI_PRIVATE_KEY_PATH",
    "KARB_ODDS_API_URL",
    "ODDS_API_KEY",
]


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """`karb sim` in a data folder of its own; ended with the block, if not before."""
    process = subprocess.Popen(
        [sys.executable, "-m", "karb", "sim", *arguments],
        cwd=folder,
        env=clean_environment(KARB_DATA_DIR=str(folder / "data")),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def document(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """The one document that it prints once it is open."""
    text = ""
    for line in _out(process):
        text += line
        if line.startswith("}"):
            break
    told: dict[str, Any] = json.loads(text)
    return told


def _out(process: "subprocess.Popen[str]") -> IO[str]:
    assert process.stdout is not None
    return process.stdout


def ended(process: "subprocess.Popen[str]", by: signal.Signals) -> tuple[int, str]:
    process.send_signal(by)
    _, stderr = process.communicate(timeout=10)
    return process.returncode, stderr


def test_it_prints_what_to_type_serves_and_ends_well(tmp_path: Path) -> None:
    with running(tmp_path, "--json") as process:
        told = document(process)
        assert told["schema"] == "karb.sim/1"
        assert (told["markets"], told["games"]) == (172, 48)
        environment = told["environment"]
        assert list(environment) == NAMES
        assert key_kind(Path(environment["KALSHI_PRIVATE_KEY_PATH"]), _owner(tmp_path)) == "RSA"
        with urlopen(f"{environment['KALSHI_BASE_URL']}/exchange/status") as answer:
            assert json.load(answer)["exchange_active"] is True
        code, stderr = ended(process, signal.SIGTERM)
        assert (code, stderr) == (0, "")


def _owner(path: Path) -> int:
    return path.stat().st_uid


def test_lines_for_people_are_lines_for_a_shell(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        exports = []
        for line in _out(process):
            if line.startswith("export "):
                exports.append(line.split("=", 1)[0].removeprefix("export "))
            if len(exports) == len(NAMES):
                break
        assert exports == NAMES
        code, stderr = ended(process, signal.SIGINT)
        assert code == ExitCode.INTERRUPTED
        assert stderr == "Ctrl-C closes it.\n"


def test_opened_again_it_knows_the_key_that_was_typed(tmp_path: Path) -> None:
    environments = []
    for _ in range(2):
        with running(tmp_path, "--json", "--seed", "3") as process:
            environments.append(document(process)["environment"])
            ended(process, signal.SIGTERM)
    for name in ("KALSHI_KEY_ID", "KALSHI_PRIVATE_KEY_PATH", "ODDS_API_KEY"):
        assert environments[0][name] == environments[1][name]


def test_faults_by_name(tmp_path: Path) -> None:
    with running(tmp_path, "--json", "--fault", "maintenance", "--fault", "gap") as process:
        url = document(process)["environment"]["KALSHI_BASE_URL"]
        deadline = time.monotonic() + 10
        active = True
        while active and time.monotonic() < deadline:
            with urlopen(f"{url}/exchange/status") as answer:
                active = json.load(answer)["exchange_active"]
        assert not active


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = karb("sim", "--port", str(port), folder=tmp_path, KARB_DATA_DIR=str(tmp_path / "d"))
    assert (done.returncode, done.stdout) == (ExitCode.FAILURE, "")
    assert done.stderr.startswith(f"karb: port {port} is in use; the venue was not opened; ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--fault", "fire"], ExitCode.USAGE, "--fault fire does not exist"),
        (["--port", "70000"], ExitCode.USAGE, "--port 70000 is not a port"),
        (["--speed", "0"], ExitCode.USAGE, "--speed 0 is out of range"),
        (["--static", "nowhere"], ExitCode.USAGE, "--static nowhere does not exist"),
    ],
)
def test_what_cannot_be_opened(
    tmp_path: Path, arguments: list[str], code: ExitCode, said: str
) -> None:
    done = karb("sim", *arguments, folder=tmp_path, KARB_DATA_DIR=str(tmp_path / "d"))
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_data_folder_of_a_user_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    done = karb("sim", folder=tmp_path, KARB_DATA_DIR="~nobody-of-that-name")
    assert (done.returncode, done.stdout) == (ExitCode.CONFIG, "")
    assert "KARB_DATA_DIR (~nobody-of-that-name) is no path of this user" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_files_that_are_no_answers_are_named(tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text('{"hello": 1}')
    (tmp_path / "torn.json").write_text('{"markets": [')
    for name, said in (("odd.json", "neither markets, events"), ("torn.json", "truncated")):
        done = karb("sim", "--static", name, folder=tmp_path, KARB_DATA_DIR=str(tmp_path / "d"))
        assert done.returncode == ExitCode.USAGE
        assert name in done.stderr
        assert said in done.stderr


def test_a_key_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "d" / "sim"
    folder.mkdir(parents=True, mode=0o700)
    (tmp_path / "d").chmod(0o700)
    (folder / "key.pem").write_text("no key")
    done = karb("sim", folder=tmp_path, KARB_DATA_DIR=str(tmp_path / "d"))
    assert done.returncode == ExitCode.CONFIG
    assert "key.pem cannot be used: it is not a private key" in done.stderr
