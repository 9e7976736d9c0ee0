"""The servers of one's own: what a client can do with each, and who else can."""

import os
import socket
import threading
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from karb.adapters.embedded.place import Place
from karb.adapters.embedded.questdb import (
    QuestDBAt,
    password_file,
    questdb_answers,
    questdb_place,
    running_questdb,
)
from servers import places

NAMES = ("valkey", "postgres", "questdb")


def sql(at: QuestDBAt, *, password: str = "") -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        host="127.0.0.1",
        port=at.pg,
        user=at.user,
        password=password or at.password,
        dbname="qdb",
        sslmode="disable",
        autocommit=True,
        prepare_threshold=None,
    )


@pytest.fixture(params=NAMES)
def place(
    request: pytest.FixtureRequest,
    shared_data: Path,
    valkey_socket: Path,
    postgres_host: Path,
    questdb_at: QuestDBAt,
) -> Place:
    """Each of the three servers, running."""
    return places(shared_data)[NAMES.index(request.param)]


def process(place: Place) -> psutil.Process:
    pid = place.pid()
    assert pid is not None
    return psutil.Process(pid)


def test_valkey_refuses_when_full_and_writes_to_disk(valkey_socket: Path) -> None:
    """noeviction: a signal is refused and said, never forgotten for room."""
    with redis.Redis(unix_socket_path=str(valkey_socket)) as client:
        told = client.config_get("maxmemory-policy", "appendonly", "appendfsync", "save")
    assert told == {
        "maxmemory-policy": "noeviction",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
    }


def test_postgres_is_durable_and_sorts_by_code_point(postgres_host: Path) -> None:
    with psycopg.connect(host=str(postgres_host), user="karb", dbname="postgres") as client:
        row = client.execute(
            "select 'Z' < 'a', 'é' = lower('É'), current_setting('fsync'),"
            " current_setting('synchronous_commit'), current_setting('timezone')"
        ).fetchone()
    assert row == (True, True, "on", "on", "UTC")


def test_postgres_lets_nobody_in_under_another_name(postgres_host: Path) -> None:
    for name in ("postgres", "root", "nobody"):
        with pytest.raises(psycopg.OperationalError, match="no pg_hba"):
            psycopg.connect(host=str(postgres_host), user=name, dbname="postgres")


def test_questdb_answers_with_the_password_alone(questdb_at: QuestDBAt) -> None:
    with sql(questdb_at) as client:
        assert client.execute("select 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match="invalid username/password"):
        sql(questdb_at, password="quest")  # noqa: S106 - QuestDB's default
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{questdb_at.http}/exec?query=select%201")
    refused.value.close()


def test_questdb_makes_no_table_by_itself(questdb_at: QuestDBAt) -> None:
    """A misspelt table is refused and told, where a new one would swallow its rows."""
    with sql(questdb_at) as client:
        told = client.execute(
            "select property_path, value from (show parameters)"
            " where property_path like 'line.auto.create.new%' order by 1"
        ).fetchall()
    assert [value for _, value in told] == ["false", "false"]


def test_only_loopback_is_listened_on(place: Place) -> None:
    listening = {
        connection.laddr.ip
        for connection in process(place).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == ({"127.0.0.1"} if place.name == "questdb" else set())


def test_nothing_secret_is_on_a_command_line(place: Place, questdb_at: QuestDBAt) -> None:
    seen = " ".join([*process(place).cmdline(), *process(place).environ().values()])
    assert seen
    assert questdb_at.password not in seen


def test_whatever_a_server_writes_is_its_owners_alone(place: Place) -> None:
    """Its folder lets nobody else in; the files that hold secrets would not either."""
    for folder in (place.run, place.home):
        assert folder.stat().st_mode & 0o077 == 0
        assert folder.stat().st_uid == os.geteuid()
    for name in ("password", "pgpass", "conf/server.conf"):
        file = place.home / name
        assert place.name != "questdb" or file.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's PostgreSQL is simply his")
def test_roots_postgres_is_nobody_inside_and_root_outside(
    postgres_host: Path, shared_data: Path
) -> None:
    """Its files stay root's, in folders that only root enters."""
    server = process(places(shared_data)[NAMES.index("postgres")])
    assert Path(f"/proc/{server.pid}/uid_map").read_text(encoding="ascii").split() == [
        "65534",
        "0",
        "1",
    ]
    assert server.uids().real == 0
    assert {path.stat().st_uid for path in (shared_data / "pg").rglob("*")} == {0}


def test_a_port_that_a_dead_questdb_left_is_asked_nothing(tmp_path: Path) -> None:
    """Whoever listens there by now would be handed the password."""
    left = questdb_place(tmp_path).prepared()
    left.home.mkdir()
    password_file(tmp_path).write_text("secret", encoding="ascii")
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        said = (f"{kind}-server listening on 127.0.0.1:{port}\n" for kind in ("http", "pg"))
        left.log.write_text("".join(said), encoding="utf-8")
        assert running_questdb(tmp_path) is None
        stranger.settimeout(0.05)
        with pytest.raises(TimeoutError):
            stranger.accept()


@pytest.mark.parametrize(
    "words",
    [
        b"SSH-2.0-Hello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_stranger_on_questdbs_port_is_not_taken_for_it(words: bytes) -> None:
    """Anything may listen there, and say anything."""
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        answering = threading.Thread(target=_say, args=(stranger, words))
        answering.start()
        assert not questdb_answers(QuestDBAt(stranger.getsockname()[1], 1, "secret"))
        answering.join()


def _say(listener: socket.socket, words: bytes) -> None:
    line, _ = listener.accept()
    with line:
        line.recv(1024)
        line.sendall(words)
