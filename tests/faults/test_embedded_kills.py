"""Servers and starters that are killed: nothing acknowledged is lost, and one server comes back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import psutil
import psycopg
import pytest
import redis

from karb.adapters.embedded.place import Place
from karb.adapters.embedded.postgres import postgres_place, start_postgres
from karb.adapters.embedded.questdb import QuestDBAt, questdb_place, start_questdb
from karb.adapters.embedded.stopper import stop
from karb.adapters.embedded.valkey import start_valkey, valkey_place
from karb_process import clean_environment
from servers import jar, own_servers

STARTERS = {
    "valkey": "from karb.adapters.embedded.valkey import start_valkey as start",
    "postgres": "from karb.adapters.embedded.postgres import start_postgres as start",
}


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder of the test's own."""
    with own_servers(tmp_path / "data") as folder:
        yield folder


def starter(name: str, data: Path) -> subprocess.Popen[str]:
    """A process that starts one server and prints what the start returned."""
    program = f"import sys, pathlib\n{STARTERS[name]}\nprint(start(pathlib.Path(sys.argv[1])))"
    return subprocess.Popen(
        [sys.executable, "-c", program, data],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )


def kill(place: Place) -> None:
    """kill -9 of a server, children included, until its lock is free."""
    pid = place.pid()
    assert pid is not None
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # a child may end by itself meanwhile
            process.kill()
    wait_until(lambda: not place.held())


def wait_until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it did not happen within 20 s"
        time.sleep(0.002)


class Kept(NamedTuple):
    """How a store is started, and how a word is left in it and found again."""

    place: Callable[[Path], Place]
    start: Callable[[Path], object]
    leave: Callable[[Path], None]
    found: Callable[[Path], bool]


def valkey(data: Path) -> "closing[redis.Redis]":
    return closing(redis.Redis(unix_socket_path=str(start_valkey(data))))


def leave_in_valkey(data: Path) -> None:
    with valkey(data) as client:
        client.set("word", "kept")


def found_in_valkey(data: Path) -> bool:
    with valkey(data) as client:
        return client.get("word") == b"kept"


def postgres(data: Path) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host=str(start_postgres(data)), user="karb", dbname="postgres")


def leave_in_postgres(data: Path) -> None:
    with postgres(data) as client:
        client.execute("create table words as select 'kept' as word")


def found_in_postgres(data: Path) -> bool:
    with postgres(data) as client:
        return client.execute("select word from words").fetchall() == [("kept",)]


def questdb(data: Path) -> psycopg.Connection[tuple[object, ...]]:
    at: QuestDBAt = start_questdb(data, jar())
    return psycopg.connect(
        host="127.0.0.1",
        port=at.pg,
        user=at.user,
        password=at.password,
        dbname="qdb",
        sslmode="disable",
        autocommit=True,
        prepare_threshold=None,
    )


def leave_in_questdb(data: Path) -> None:
    with questdb(data) as client:
        client.execute(
            "create table words (ts timestamp, word symbol) timestamp(ts) partition by day"
        )
        client.execute("insert into words values (now(), 'kept')")
        client.execute("select wait_wal_table('words')")


def found_in_questdb(data: Path) -> bool:
    with questdb(data) as client:
        return client.execute("select word from words").fetchall() == [("kept",)]


KEPT = {
    "valkey": Kept(valkey_place, start_valkey, leave_in_valkey, found_in_valkey),
    "postgres": Kept(postgres_place, start_postgres, leave_in_postgres, found_in_postgres),
    "questdb": Kept(
        questdb_place, lambda data: start_questdb(data, jar()), leave_in_questdb, found_in_questdb
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_was_acknowledged_survives_kill_9(
    name: str, data: Path, questdb_archive: Path
) -> None:
    kept = KEPT[name]
    kept.leave(data)
    kill(kept.place(data))
    assert kept.found(data)


@pytest.mark.parametrize(("name", "rounds"), [("valkey", 2), ("postgres", 1)])
def test_eight_starters_at_once_make_one_server(name: str, rounds: int, data: Path) -> None:
    """And so they do after kill -9 of the server, when everybody misses it at once."""
    place = KEPT[name].place(data)
    for _ in range(rounds):
        starters = [starter(name, data) for _ in range(8)]
        answers = {each.communicate(timeout=25)[0] for each in starters}
        assert len(answers) == 1
        assert {each.returncode for each in starters} == {0}
        assert len(servers_of(place)) == 1
        kill(place)


def servers_of(place: Place) -> list[int]:
    """Every process that has this lock open and whose parent has not: servers, no children."""
    holding = [each for each in psutil.process_iter() if holds(each, place.lock)]
    pids = {each.pid for each in holding}
    return [each.pid for each in holding if each.ppid() not in pids]


def holds(process: psutil.Process, lock: Path) -> bool:
    try:
        return any(Path(file.path) == lock for file in process.open_files())
    except psutil.Error:
        return False


@pytest.mark.parametrize("moment", ["pg.new", "pg", "run/postgres.log"])
def test_a_starter_killed_in_mid_start_leaves_a_server_to_the_next(moment: str, data: Path) -> None:
    """Killed while initdb works, when it is done, and when the server is just being run."""
    with starter("postgres", data) as process:
        wait_until((data / moment).exists)
        process.kill()
    assert found_after_leaving(data)


def found_after_leaving(data: Path) -> bool:
    leave_in_postgres(data)
    return found_in_postgres(data)


def test_half_a_cluster_is_made_anew(data: Path) -> None:
    """kill -9 of starter and initdb: PG_VERSION is there, the rest is not."""
    with starter("postgres", data) as process:
        wait_until((data / "pg.new" / "PG_VERSION").exists)
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for each in family:
            each.kill()
    assert found_after_leaving(data)


def test_a_killed_servers_pid_that_is_somebody_elses_blocks_nothing(data: Path) -> None:
    """After a reboot the number in postmaster.pid is any other process's: here this one's."""
    leave_in_postgres(data)
    kill(postgres_place(data))
    for file in (data / "pg" / "postmaster.pid", data / "run" / ".s.PGSQL.5432.lock"):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join([f"{os.getpid()}\n", *lines[1:]]), encoding="utf-8")
    assert found_in_postgres(data)


def test_a_servers_children_are_waited_for(data: Path) -> None:
    """kill -9 of the server alone: no second one runs before the last child is gone."""
    leave_in_postgres(data)
    pid = postgres_place(data).pid()
    assert pid is not None
    with postgres(data):
        os.kill(pid, signal.SIGKILL)
        assert found_in_postgres(data)
    assert len(servers_of(postgres_place(data))) == 1


def test_a_server_outlives_who_started_it_and_is_no_zombie_after(data: Path) -> None:
    with starter("valkey", data) as process:
        process.communicate(timeout=20)
    place = valkey_place(data)
    pid = place.pid()
    assert pid is not None
    assert psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    assert found_after_stop(place, data)


def found_after_stop(place: Place, data: Path) -> bool:
    """A clean stop keeps what the store holds, too."""
    leave_in_valkey(data)
    assert stop(place)
    return found_in_valkey(data)


def test_a_server_that_is_killed_under_its_starter_is_reaped(data: Path) -> None:
    start_valkey(data)
    place = valkey_place(data)
    pid = place.pid()
    kill(place)
    wait_until(lambda: not psutil.pid_exists(pid or 0))
