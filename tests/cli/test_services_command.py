"""`karb services`: karb's own stores started, told about and stopped; others' only looked at."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from ctypes import CDLL
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from karb.adapters.embedded.valkey import start_valkey, valkey_place
from karb.errors import ExitCode
from karb_process import clean_environment, document, karb
from servers import own_servers, places

if TYPE_CHECKING:
    from karb.adapters.embedded.questdb import QuestDBAt

CANARY = "c4n4ry"
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
"""As Linux numbers them: `man 2 prctl`, `man 7 capabilities`."""


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder of the test's own."""
    with own_servers(tmp_path / "data") as folder:
        yield folder


@pytest.fixture
def nowhere() -> Iterator[int]:
    """A port on which nobody listens, as long as the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def services(done: "subprocess.CompletedProcess[str]") -> dict[str, dict[str, Any]]:
    return {each["store"]: each for each in document(done)["services"]}


def test_start_status_and_stop(data: Path, tmp_path: Path, questdb_archive: Path) -> None:
    given = {"KARB_DATA_DIR": str(data), "KARB_QUESTDB_JAR": str(questdb_archive)}

    def asked(*words: str) -> tuple[int, dict[str, dict[str, Any]]]:
        done = karb("services", *words, "--json", folder=tmp_path, **given)
        return done.returncode, services(done)

    code, found = asked("status")
    assert code == ExitCode.FINDINGS
    assert {each["state"] for each in found.values()} == {"stopped"}
    assert not data.exists(), "status starts and makes nothing"

    code, found = asked("start")
    assert code == ExitCode.OK
    assert {each["done"] for each in found.values()} == {"started"}
    pids = {store: each["pid"] for store, each in found.items()}

    code, found = asked("start")
    assert (code, {each["done"] for each in found.values()}) == (ExitCode.OK, {""})
    assert {store: each["pid"] for store, each in found.items()} == pids

    code, found = asked("status")
    assert code == ExitCode.OK
    assert {each["state"] for each in found.values()} == {"running"}
    assert all(each["own"] and each["version"] and each["disk"] > 0 for each in found.values())
    assert found["redis"]["where"] == str(data / "run" / "valkey.sock")
    assert found["postgres"]["where"] == str(data / "run")
    look_and_see(found)

    code, found = asked("stop")
    assert (code, {each["done"] for each in found.values()}) == (ExitCode.OK, {"stopped"})
    assert not any(place.held() for place in places(data))

    code, found = asked("stop")
    assert (code, {each["done"] for each in found.values()}) == (ExitCode.OK, {""})


def look_and_see(found: dict[str, dict[str, Any]]) -> None:
    """The told command lines work as they are; of redis-cli, which no wheel brings, one hopes."""
    for store in ("postgres", "questdb"):
        line = f"{found[store]['look'][0]} -Atc 'select 40 + 2'"
        answer = subprocess.run(
            ["sh", "-c", line], capture_output=True, text=True, check=True, timeout=10
        )
        assert answer.stdout == "42\n"


def test_the_table_for_people_tells_where_and_how_to_look(
    tmp_path: Path,
    shared_data: Path,
    valkey_socket: Path,
    postgres_host: Path,
    questdb_at: "QuestDBAt",
) -> None:
    done = karb("services", "status", folder=tmp_path, KARB_DATA_DIR=str(shared_data))
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    assert str(valkey_socket) in done.stdout
    assert f"127.0.0.1:{questdb_at.http} (HTTP), 127.0.0.1:{questdb_at.pg} (SQL)" in done.stdout
    assert "look into postgres:\n" in done.stdout
    assert str(shared_data / "questdb" / "password") in done.stdout
    assert questdb_at.password not in done.stdout


def test_servers_of_the_settings_are_looked_at(
    tmp_path: Path, valkey_socket: Path, postgres_host: Path, questdb_at: "QuestDBAt"
) -> None:
    """Start finds that they run, and nothing is made in the data folder."""
    given = {
        "REDIS_URL": f"unix://{valkey_socket}",
        "DATABASE_URL": f"postgresql+psycopg://karb@/postgres?host={postgres_host}",
        "QUESTDB_PG_HOST": "127.0.0.1",
        "QUESTDB_PG_PORT": str(questdb_at.pg),
        "QUESTDB_HTTP_PORT": str(questdb_at.http),
        "QUESTDB_PG_USER": questdb_at.user,
        "QUESTDB_PG_PASSWORD": questdb_at.password,
        "KARB_DATA_DIR": str(tmp_path / "unused"),
    }
    done = karb("services", "start", "--json", folder=tmp_path, **given)
    found = services(done)
    assert done.returncode == ExitCode.OK
    assert [each["state"] for each in found.values()] == ["running"] * 3
    assert not any(each["own"] or each["done"] or each["pid"] for each in found.values())
    assert not (tmp_path / "unused").exists()
    assert questdb_at.password not in done.stdout + done.stderr


def test_servers_of_the_settings_that_are_away_are_told_without_passwords(
    tmp_path: Path, nowhere: int
) -> None:
    given = {
        "REDIS_URL": f"redis://:{CANARY}@127.0.0.1:{nowhere}",
        "DATABASE_URL": f"postgresql://karb:{CANARY}@127.0.0.1:{nowhere}/karb",
        "QUESTDB_PG_HOST": "127.0.0.1",
        "QUESTDB_PG_PORT": str(nowhere),
        "QUESTDB_PG_PASSWORD": CANARY,
    }
    for command, code in (("status", ExitCode.FINDINGS), ("start", ExitCode.STORE_DOWN)):
        done = karb("services", command, folder=tmp_path, **given)
        assert done.returncode == code
        assert len(done.stderr.splitlines()) == 3
        assert all("does not answer" in line for line in done.stderr.splitlines())
        assert CANARY not in done.stdout + done.stderr


def test_a_wrong_password_is_told_as_one(tmp_path: Path, questdb_at: "QuestDBAt") -> None:
    given = {
        "REDIS_URL": "unix:///nowhere.sock",
        "DATABASE_URL": "postgresql://karb@/postgres?host=/nowhere",
        "QUESTDB_PG_HOST": "127.0.0.1",
        "QUESTDB_PG_PORT": str(questdb_at.pg),
        "QUESTDB_PG_PASSWORD": CANARY,
    }
    done = karb("services", "status", folder=tmp_path, **given)
    assert "QuestDB does not let karb in: user or password is wrong" in done.stderr
    assert CANARY not in done.stdout + done.stderr


def test_without_the_network_history_waits_and_the_others_run(data: Path, tmp_path: Path) -> None:
    """No archive, no link: two stores run, and one sentence says what becomes of history."""
    given = {
        "KARB_DATA_DIR": str(data),
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "M2_REPO": str(tmp_path / "empty"),
    }
    done = karb("services", "start", "--json", folder=tmp_path, **given)
    found = services(done)
    assert done.returncode == ExitCode.STORE_DOWN
    assert [each["state"] for each in found.values()] == ["running", "running", "down"]
    assert found["questdb"]["trouble"]["what"] == (
        "QuestDB's Java archive could not be fetched: Maven Central cannot be reached"
    )
    assert "spool" in found["questdb"]["trouble"]["means"]


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys\nsys.modules['psutil'] = None\nsys.argv = ['karb', *sys.argv[1:]]\n"
        "from karb.cli.main import main\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "services", "start"],
        cwd=tmp_path,
        env=clean_environment(KARB_DATA_DIR=str(tmp_path / "data")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (ExitCode.CONFIG, "")
    assert "psutil is not installed" in done.stderr
    assert "pip install 'karb[embedded]'" in done.stderr


def test_a_data_folder_that_is_a_file_is_one_sentence_and_exit_3(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("kept", encoding="utf-8")
    done = karb("services", "start", folder=tmp_path, KARB_DATA_DIR=str(tmp_path / "data"))
    assert (done.returncode, done.stdout) == (ExitCode.CONFIG, "")
    assert len(done.stderr.splitlines()) == 1
    assert "set KARB_DATA_DIR to a folder of yours" in done.stderr
    assert (tmp_path / "data").read_text(encoding="utf-8") == "kept"


def test_stopping_what_others_use_is_said_first_and_is_a_finding(
    data: Path, tmp_path: Path
) -> None:
    """They start it again, seconds later."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(start_valkey(data)))
        done = karb("services", "stop", folder=tmp_path, KARB_DATA_DIR=str(data))
    assert done.returncode == ExitCode.FINDINGS
    assert "karb processes that use these stores are running" in done.stderr
    assert not valkey_place(data).held()


@pytest.mark.parametrize(
    "words", [("services", "status"), ("services", "stop"), ("history", "latest")]
)
def test_a_folder_that_cannot_be_read_is_no_store_that_is_stopped(
    tmp_path: Path, words: tuple[str, str]
) -> None:
    """Whether one runs there nobody can know, so it is one sentence and exit code 3."""
    data = tmp_path / "data"
    data.mkdir(0o000)
    done = subprocess.run(
        [sys.executable, "-m", "karb", *words],
        cwd=tmp_path,
        env=clean_environment(KARB_DATA_DIR=str(data)),
        preexec_fn=like_everybody,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (ExitCode.CONFIG, "")
    assert len(done.stderr.splitlines()) == 1
    assert f"karb cannot read the folder {data}: permission denied" in done.stderr


def like_everybody() -> None:
    """Take away from root what lets it read every folder; nobody else has that to lose."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def test_a_wrong_archive_in_the_settings_leaves_the_others_running(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "wrong.jar").write_bytes(b"something else")
    given = {"KARB_DATA_DIR": str(data), "KARB_QUESTDB_JAR": str(tmp_path / "wrong.jar")}
    done = karb("services", "start", folder=tmp_path, **given)
    assert done.returncode == ExitCode.STORE_DOWN
    assert "wrong.jar) is not QuestDB" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_store_that_hangs_is_down_and_says_its_pid(data: Path, tmp_path: Path) -> None:
    place = valkey_place(data)
    start_valkey(data)
    pid = place.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        done = karb("services", "status", "--json", folder=tmp_path, KARB_DATA_DIR=str(data))
    finally:
        os.kill(pid, signal.SIGCONT)
    told = services(done)["redis"]
    assert (done.returncode, told["state"], told["pid"]) == (ExitCode.FINDINGS, "down", pid)
    assert told["trouble"]["what"] == "Redis does not answer: no answer in time"


@pytest.mark.parametrize(
    ("name", "scheme"), [("REDIS_URL", "redis"), ("DATABASE_URL", "postgresql")]
)
def test_an_address_that_cannot_be_read_is_told_without_its_password(
    tmp_path: Path, name: str, scheme: str
) -> None:
    given = {name: f"{scheme}://me:{CANARY}%zz@host:port/x", "KARB_DATA_DIR": str(tmp_path / "no")}
    done = karb("services", "status", folder=tmp_path, **given)
    assert done.returncode == ExitCode.FINDINGS
    assert f"{name} cannot be read" in done.stderr
    assert CANARY not in done.stdout + done.stderr
