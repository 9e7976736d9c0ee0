"""`karb demo`: no keys, no network, no set-up; it shows edges and leaves nothing running."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from karb_process import clean_environment, karb

BROKEN = """
from karb.sim.world import World
def broken(self):
    raise RuntimeError("the world broke")
World.advance = broken
from karb.cli.main import main
main()
"""
"""karb with an exchange that breaks at its first step."""


@contextmanager
def demo(
    folder: Path,
    *options: str,
    program: Sequence[str] = ("-m", "karb"),
    settings: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """A demo in a process of its own, in a folder of its own."""
    process = subprocess.Popen(
        [sys.executable, *program, "demo", "--json", *options],
        cwd=folder,
        env=clean_environment(KARB_DATA_DIR=str(folder / "data"), **(settings or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
        karb("services", "stop", folder=folder, KARB_DATA_DIR=str(folder / "data" / "demo"))


def lines(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """What it prints, one document a line."""
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


def left_running(folder: Path) -> list[str]:
    """Processes that still have something to do with this folder."""
    place, found = os.fsencode(folder), []
    for process in psutil.process_iter(["pid"]):
        try:
            words = b" ".join(map(os.fsencode, process.cmdline()))
            where = os.fsencode(process.cwd())
        except (psutil.Error, OSError):
            continue
        if process.pid != os.getpid() and (place in words or place in where):
            found.append(words.decode(errors="replace"))
    return found


def test_the_demo_finds_an_edge_and_ends_on_request_with_nothing_left_running(
    tmp_path: Path,
) -> None:
    with demo(tmp_path, "--speed", "4", "--profile", "AGGRESSIVE") as process:
        found = next(line for line in lines(process) if line["schema"] == "karb.signal/1")
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=25)
    assert process.returncode == 0, told
    assert found["should_trade"]
    assert 0 < found["net_edge_cents"] < found["edge"]["best_edge"]
    assert found["recommended_contracts"] >= 1
    assert told.index("stopping its servers") < told.index("karb demo: ran ")
    assert left_running(tmp_path) == []


def test_requests_to_stop_that_follow_each_other_stop_its_servers_all_the_same(
    tmp_path: Path,
) -> None:
    """A closing terminal sends several; the first one counts, whatever comes after it."""
    with demo(tmp_path) as process:
        next(lines(process))
        for request in (signal.SIGHUP, signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            process.send_signal(request)
            time.sleep(0.05)
        _, told = process.communicate(timeout=25)
    assert process.returncode == 0, told
    assert left_running(tmp_path) == []


def test_an_exchange_that_breaks_ends_the_demo_and_its_servers(tmp_path: Path) -> None:
    with demo(tmp_path, program=("-c", BROKEN)) as process:
        _, told = process.communicate(timeout=25)
    assert process.returncode == 1
    assert "RuntimeError: the world broke" in told
    assert left_running(tmp_path) == []


def test_settings_for_the_users_own_karb_do_not_reach_the_demo(tmp_path: Path) -> None:
    """Not even those that contradict each other, or that karb would refuse."""
    theirs = {
        "LIVE_TRADING": "true",
        "PAPER_TRADING": "true",
        "KALSHI_ENV": "prod",
        "KALSHI_BASE_URL": "https://demo-api.kalshi.co/trade-api/v2",
        "TRADING_PROFILE": "reckless",
        "MAX_DAILY_LOSS": "much",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    with demo(tmp_path, settings=theirs) as process:
        status = next(line for line in lines(process) if line["schema"] == "karb.status/1")
    assert status["profile"] == "STANDARD"


def test_a_second_demo_is_refused_in_one_sentence_and_the_first_goes_on(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        next(lines(process))
        done = karb("demo", folder=tmp_path, KARB_DATA_DIR=str(tmp_path / "data"))
        assert process.poll() is None
    assert done.returncode == 1
    assert "a demo is running already" in done.stderr
    assert "Traceback" not in done.stderr


def test_run_says_which_key_is_missing_and_how_to_go_on_without(tmp_path: Path) -> None:
    done = karb("run", folder=tmp_path, KARB_DATA_DIR=str(tmp_path / "data"))
    assert done.returncode == 3
    assert "KALSHI_KEY_ID is not set" in done.stderr
    assert "karb demo" in done.stderr
    assert not (tmp_path / "data").exists()


def test_stream_needs_a_key_before_it_touches_anything(tmp_path: Path) -> None:
    done = karb(
        "stream",
        folder=tmp_path,
        KALSHI_KEY_ID="some-id",
        KALSHI_PRIVATE_KEY_PATH=str(tmp_path / "none.pem"),
        KARB_DATA_DIR=str(tmp_path / "data"),
    )
    assert done.returncode == 3
    assert "none.pem" in done.stderr
    assert not (tmp_path / "data").exists()


def test_detection_over_an_empty_cache_says_what_to_start(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    done = karb("detect", "--once", folder=tmp_path, KARB_DATA_DIR=data)
    karb("services", "stop", folder=tmp_path, KARB_DATA_DIR=data)
    assert done.returncode == 1
    assert "the cache lists no market" in done.stderr
    assert "karb stream" in done.stderr


def test_a_demo_whose_terminal_is_gone_ends_and_stops_its_servers(tmp_path: Path) -> None:
    """Without a session's terminal there is no hang-up signal, and nobody to press Ctrl-C."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "karb", "demo"],
        cwd=tmp_path,
        env=clean_environment(KARB_DATA_DIR=str(tmp_path / "data"), TERM="xterm"),
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        seen = b""
        while b"LIVE" not in seen:
            seen += os.read(ours, 65_536)
        os.close(ours)
        assert process.wait(timeout=20) == 1
    finally:
        process.kill()
        karb("services", "stop", folder=tmp_path, KARB_DATA_DIR=str(tmp_path / "data" / "demo"))
    assert left_running(tmp_path) == []
