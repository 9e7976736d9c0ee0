"""The process that writes history is killed, hangs or cannot run; or the one it writes for is."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import psutil
import pytest

from canary import Canaries, Process
from karb.adapters.questdb import child
from karb.adapters.questdb.writer import HistoryWriter
from recorder import recorder
from recording import new_tables, tick, waits_until, writer, writing
from soak.history import Server, stored
from spooled import left

# Java that starts on a busy machine is not what the limit of a test is for.
pytestmark = pytest.mark.timeout(120)

ROWS = 5_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, questdb_archive: Path) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("processes"), questdb_archive)
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _new_tables(server: Server) -> None:
    server.start()
    new_tables(server.where())


def lives(pid: int) -> bool:
    """Whether a process still does anything: one that nobody buries does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def another(history: HistoryWriter, than: int | None = None) -> int:
    """The number of the process that writes, once that is another one and connected."""
    waits_until(lambda: history.pid not in (None, than) and history.stats().connected)
    assert history.pid is not None
    return history.pid


def test_killed_again_and_again_nothing_is_lost_nothing_twice_and_all_is_counted(
    server: Server, tmp_path: Path
) -> None:
    recorded, pid = 0, None
    with writing(server.where, tmp_path / "spool") as history:
        for kill in range(4):
            pid = another(history, pid)
            for _ in range(ROWS):
                history.add_quote(tick(recorded), None)
                recorded += 1
            time.sleep(0.05 * kill)
            os.kill(pid, signal.SIGKILL)
        waits_until(lambda: sum(history.stats().written.values()) == recorded)
        assert (history.stats().dropped, history.stats().trouble) == ({}, None)
        found = stored(server.where(), recorded)
    assert (found.rows, found.different) == (recorded, recorded)
    assert sum(history.stats().written.values()) == recorded
    assert list((tmp_path / "spool").iterdir()) == []


def test_its_death_is_told_with_its_cause(server: Server, tmp_path: Path) -> None:
    with writing(server.where, tmp_path / "spool") as history:
        pid = another(history)
        os.kill(pid, signal.SIGKILL)
        waits_until(lambda: history.stats().trouble is not None)
        trouble = history.stats().trouble
        another(history, pid)
    assert "process that writes history does not run: signal 9" in str(trouble)


def test_it_delivers_what_a_killed_process_has_handed_over_and_ends(
    server: Server, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    with recorder(server.where(), spool, ROWS) as there:
        os.kill(there.writing, signal.SIGSTOP)
        there.record()
        there.process.kill()
        there.process.wait()
        os.kill(there.writing, signal.SIGCONT)
        waits_until(lambda: not lives(there.writing))
    found = stored(server.where(), ROWS)
    assert (found.rows, found.different) == (ROWS, ROWS)
    assert list(spool.iterdir()) == []


def test_without_a_server_it_leaves_that_on_disk_and_ends(server: Server, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    with recorder(server.where(), spool, ROWS) as there:
        os.kill(there.writing, signal.SIGSTOP)
        there.record()
        there.process.kill()
        there.process.wait()
        server.kill()
        os.kill(there.writing, signal.SIGCONT)
        waits_until(lambda: not lives(there.writing))
    rows = left(spool)
    assert len(rows) == len(set(rows)) == ROWS


@pytest.mark.parametrize("request_to_end", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_the_whole_group_ends_it_behind_the_others(
    server: Server, tmp_path: Path, request_to_end: signal.Signals
) -> None:
    with recorder(server.where(), tmp_path / "spool", ROWS) as there:
        os.kill(there.writing, signal.SIGSTOP)
        there.record()
        os.killpg(there.process.pid, request_to_end)
        os.kill(there.writing, request_to_end)
        os.kill(there.writing, signal.SIGCONT)
        assert there.written() == ROWS
        assert there.process.wait(10) == 0
        assert not lives(there.writing)
    assert stored(server.where(), ROWS).rows == ROWS


def test_one_that_hangs_delays_nobody_and_is_ended(server: Server, tmp_path: Path) -> None:
    history = writer(server.where, tmp_path / "spool")
    history.start()
    pid = another(history)
    os.kill(pid, signal.SIGSTOP)
    for number in range(ROWS):
        history.add_quote(tick(number), None)
    waits_until(lambda: history.stats().waiting == 0)
    began = time.monotonic()
    history.close(0.1)
    assert time.monotonic() - began < 10
    assert not psutil.pid_exists(pid)
    stats = history.stats()
    assert (stats.written, stats.dropped) == ({}, {})
    assert len(left(tmp_path / "spool")) == ROWS


def test_one_that_cannot_run_is_told_and_rows_wait(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "PROGRAM", "karb.nothing")
    history = writer(server.where, tmp_path / "spool")
    history.start()
    history.add_quote(tick(1), None)
    waits_until(lambda: history.stats().trouble is not None)
    trouble = history.stats().trouble
    history.close(1)
    assert "No module named karb.nothing" in str(trouble)
    assert len(left(tmp_path / "spool")) == 1


def test_nobody_sees_a_secret_in_its_command_line_or_environment(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    word, at = f"c4n4ry{token_hex(8)}", server.where()
    monkeypatch.setenv("QUESTDB_PG_PASSWORD", word)
    canaries = Canaries({"password": at.password, "environment": word})
    with writing(lambda: at, tmp_path / "spool") as history:
        seen = psutil.Process(another(history))
        shown = Process("it", "\0".join(seen.cmdline()).encode(), str(seen.environ()).encode())
    assert canaries.in_processes([shown]) == []


def test_what_it_says_of_a_server_that_refuses_it_has_no_secret(
    server: Server, tmp_path: Path
) -> None:
    at = replace(server.where(), password=f"c4n4ry{token_hex(8)}")
    history = writer(lambda: at, tmp_path / "spool")
    history.start()
    waits_until(lambda: history.stats().trouble is not None)
    trouble = history.stats().trouble
    history.close(1)
    assert Canaries({"password": at.password}).in_text("it", repr(trouble)) == []
    assert "does not let karb in" in str(trouble)


def test_closing_leaves_no_process_and_no_descriptor(server: Server, tmp_path: Path) -> None:
    us = psutil.Process()
    before = us.num_fds(), len(us.children())
    for _ in range(2):
        with writing(server.where, tmp_path / "spool") as history:
            another(history)
    assert (us.num_fds(), len(us.children())) == before
