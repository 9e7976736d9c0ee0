"""QuestDB hangs or dies, processes die, disks are full: what was recorded is there, once."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from karb.adapters.embedded import questdb as embedded
from karb.adapters.questdb import writer as writing_module
from karb.adapters.questdb.address import connect
from karb.adapters.questdb.delivering import suspended
from karb.adapters.questdb.records import MAGIC
from karb.adapters.questdb.spool import Spool
from karb.config.settings import Settings
from karb.domain.units import CENT
from karb.errors import KarbError
from karb.wiring.opened import open_history
from recording import new_tables, tick, waits_until, writer, writing
from soak.history import Server, Stored, outage, stored
from spooled import record

# Java that starts on a busy machine is not what the limit of a test is for.
pytestmark = pytest.mark.timeout(120)

RATE = 2_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, questdb_archive: Path) -> Iterator[Server]:
    """A QuestDB that nobody else needs, whose tables can be suspended."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(embedded, "_SERVER", embedded._SERVER + "dev.mode.enabled=true\n")
        server = Server(tmp_path_factory.mktemp("away"), questdb_archive)
        yield server
        server.stop()


@pytest.fixture(autouse=True)
def _new_tables(server: Server) -> None:
    server.start()
    new_tables(server.where())


@pytest.mark.parametrize(("kill", "seconds"), [(False, 5), (True, 1.5)], ids=["hangs", "dies"])
def test_away_for_five_seconds_nothing_is_lost_and_nothing_twice(
    server: Server, tmp_path: Path, kill: bool, seconds: float
) -> None:
    """A server that died is away for as long again as its start takes."""
    result = outage(server, tmp_path / "spool", kill=kill, rate=RATE, seconds=seconds)
    print(result.beats)
    assert result.recorded >= RATE * (seconds + 1)
    assert result.stored == Stored(
        rows=result.recorded, different=result.recorded, pairs=result.recorded // 2
    )
    stats = result.stats
    assert (stats.dropped, stats.refused, stats.spooled) == ({}, {}, 0)
    assert sum(stats.written.values()) == result.recorded
    assert list((tmp_path / "spool").iterdir()) == []


def test_past_the_limit_what_is_missing_is_what_was_counted(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing_module, "MOST_PENDING", 5_000)
    result = outage(server, tmp_path / "spool", kill=False, rate=8_000, seconds=2.5, spool_mb=0.5)
    dropped = result.stats.dropped["kalshi_ticks"]
    assert dropped > 0
    assert result.stored.rows == result.stored.different == result.recorded - dropped
    assert sum(result.stats.written.values()) == result.recorded - dropped


def test_a_killed_process_loses_nothing_that_was_on_disk(server: Server, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    program = (
        "import os, signal, sys, time\n"
        "from pathlib import Path\n"
        "from recording import tick\n"
        "from karb.adapters.questdb.writer import HistoryWriter\n"
        "from karb.errors import StoreDownError\n"
        "def nowhere():\n    raise StoreDownError('none')\n"
        "history = HistoryWriter(nowhere, Path(sys.argv[1]), process=7, days=30,\n"
        "    spool_bytes=2**28)\n"
        "history.start()\n"
        "for number in range(5_000):\n"
        "    history.add_quote(tick(number), None)\n"
        "while history.stats().waiting:\n    time.sleep(0.01)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    folders = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", program, str(spool)],
        env={**os.environ, "PYTHONPATH": folders},
        check=False,
        timeout=25,
    )
    assert done.returncode == -signal.SIGKILL
    with writing(server.where, spool) as history:
        waits_until(lambda: history.stats().adopted == 5_000)
        found = stored(server.where(), 5_000)
    assert (found.rows, found.different) == (5_000, 5_000)
    assert list(spool.iterdir()) == []


def test_history_of_another_version_stays_where_that_finds_it_and_is_told(
    server: Server, tmp_path: Path
) -> None:
    settings = Settings.of({"karb_data_dir": str(tmp_path)})
    dead = Spool(tmp_path / "spool" / "dead", 2**20)
    dead.append(record(1))
    dead.close()
    (file,) = tmp_path.rglob("*.seg")
    file.write_bytes(file.read_bytes().replace(MAGIC, b"KARBH9\r\n"))
    told: list[KarbError] = []

    async def record_one() -> None:
        async with open_history(settings, told.append, questdb=lambda _: server.where()) as history:
            history.add_quote(tick(1), None)
            while not (history.stats().foreign and history.stats().written):
                await asyncio.sleep(0.01)

    asyncio.run(record_one())
    assert stored(server.where(), 1).rows == 1
    assert file.exists()
    (error,) = told
    assert "written by another version of karb" in error.what


def test_processes_write_side_by_side_and_equal_rows_of_two_stay(
    server: Server, tmp_path: Path
) -> None:
    at = time.time_ns()
    with (
        writing(server.where, tmp_path / "spool") as one,
        writing(server.where, tmp_path / "spool") as other,
    ):
        for number in range(1_000):
            one.add_quote(tick(number, at), 48 * CENT)
            other.add_quote(tick(number, at), 48 * CENT)
    found = stored(server.where(), 2_000)
    assert (found.rows, found.different) == (2_000, 1_000)


def test_a_suspended_table_is_told_and_set_going_again(server: Server, tmp_path: Path) -> None:
    with (
        writing(server.where, tmp_path / "spool") as history,
        closing(connect(server.where(), seconds=5)) as sql,
    ):
        waits_until(lambda: history.stats().connected)
        assert suspended(sql) is None
        sql.execute("ALTER TABLE kalshi_ticks SUSPEND WAL WITH 28, 'no room'")
        history.add_quote(tick(1), None)
        waits_until(lambda: sum(history.stats().written.values()) == 1)
        trouble = suspended(sql)
        assert stored(server.where(), 1).rows == 1
        assert suspended(sql) is None
    assert trouble is not None
    assert trouble.what == "QuestDB has suspended kalshi_ticks: no room"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=256k", "karb-test", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mounted, check=False, capture_output=True).returncode:
        pytest.skip("only root can make a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_under_the_spool_costs_counted_rows_and_nothing_else(
    server: Server, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing_module, "MOST_PENDING", 10_000)
    server.pause()
    history = writer(server.where, small_disk / "spool")
    history.start()
    recorded = 30_000
    for number in range(recorded):
        history.add_quote(tick(number), None)
    waits_until(lambda: "No space left" in history.stats().full)
    assert history.stats().waiting > 0
    server.resume()
    waits_until(lambda: history.stats().waiting == history.stats().spooled == 0)
    stats = history.stats()
    dropped = sum(stats.dropped.values())
    assert stats.running
    assert 0 < dropped < recorded
    found = stored(server.where(), recorded - dropped)
    assert found.rows == found.different == recorded - dropped
    history.add_quote(tick(recorded), None)
    history.close(10)
    assert sum(history.stats().written.values()) == recorded - dropped + 1
    assert list((small_disk / "spool").iterdir()) == []
