"""`karb ingest-odds` over a real Valkey and a real PostgreSQL, QuestDB away or not there yet."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from redis import Redis

from doctor_run import rows
from karb.errors import ExitCode
from karb_process import karb
from odds_run import HOUR, Run, fresh
from odds_server import KEY, NBA, NFL, Answer, OddsServer, odds
from own_valkey import OwnValkey
from postgres_database import fresh_database

EVENTS = "odds:events:all"
UNCOUNTED = {f"x-requests-{name}": "" for name in ("remaining", "used", "last")}
LAST = re.compile(r"499 credits were left \d+s ago")


@pytest.fixture
def redis(valkey_socket: Path) -> Iterator[Redis]:
    with Redis(unix_socket_path=str(valkey_socket), decode_responses=True) as client:
        client.flushall()
        yield client
        client.flushall()


@pytest.fixture
def run(redis: Redis, valkey_socket: Path, postgres_host: Path, tmp_path: Path) -> Iterator[Run]:
    del redis
    with OddsServer() as server:
        yield Run(
            server,
            tmp_path,
            program="karb",
            REDIS_URL=f"unix://{valkey_socket}",
            DATABASE_URL=f"postgresql://karb@/postgres?host={postgres_host}",
        )


def everything(valkey_socket: Path) -> bytes:
    """All that Valkey holds, names and values."""
    with Redis(unix_socket_path=str(valkey_socket)) as client:
        read = {b"hash": client.hgetall, b"set": client.smembers, b"string": client.get}
        return b" ".join(
            key + repr(read[client.type(key)](key)).encode() for key in client.scan_iter()
        )


def newest_credits(postgres_host: Path) -> Any:
    with psycopg.connect(host=str(postgres_host), user="karb", dbname="postgres") as database:
        query = "SELECT remaining, used, last FROM karb.odds_credits ORDER BY at DESC LIMIT 1"
        return database.execute(query).fetchone()


def test_passes_of_cron_keep_the_stores_as_they_should_be(
    run: Run, redis: Redis, postgres_host: Path, valkey_socket: Path
) -> None:
    """Two leagues; then one game is gone, one start has moved, and one league does not come."""
    other = fresh("c", sport=NBA)
    run.server.play(**{NFL: odds(fresh("a"), fresh("b")), NBA: odds(other)})
    done = run()
    assert done.returncode == 0, done.stderr
    assert "QuestDB's Java archive is not here yet" in done.stderr
    assert list((run.folder / "data" / "spool").rglob("*.seg"))
    assert redis.smembers(EVENTS) == {"a", "b", "c"}
    assert redis.hgetall("odds:nfl:a:a_home")["book_count"] == "4"
    assert newest_credits(postgres_host) == (498, 2, 2)

    run.server.play(**{NFL: odds(fresh("a", start=2 * HOUR)), NBA: Answer(b"<html>")})
    assert run().returncode == ExitCode.FINDINGS
    assert redis.smembers(EVENTS) == {"a", "c"}
    assert redis.smembers("odds:events:nfl") == {"a"}
    assert set(redis.hkeys("karb:odds")) == {"a", "c"}
    assert newest_credits(postgres_host) == (496, 4, 2)
    assert b"a Home" in everything(valkey_socket)
    assert KEY.encode() not in everything(valkey_socket)


def test_no_redis_at_the_address_spends_no_credit(run: Run, redis: Redis) -> None:
    run.server.play(**{NFL: odds(fresh("a"))})
    done = run(REDIS_URL="redis://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (ExitCode.STORE_DOWN, "")
    assert "Redis does not answer" in done.stderr
    assert run.server.paths() == ["/v4/sports"]
    assert redis.keys() == []


def test_passes_wait_for_a_redis_that_is_away_at_their_start(run: Run, tmp_path: Path) -> None:
    """It is told, no credit is spent before, and then all is as if it had been there."""
    run.server.play(**{NFL: odds(fresh("a"))})
    server = OwnValkey(tmp_path)
    nowhere = {"QUESTDB_PG_HOST": "127.0.0.1", "QUESTDB_PG_PORT": "1", "QUESTDB_HTTP_PORT": "1"}
    process = run.start("--every", "1s", REDIS_URL=server.url, **nowhere)
    try:
        assert process.stderr is not None
        assert process.stdout is not None
        assert next(line for line in process.stderr if "Redis does not answer" in line)
        assert run.server.paths() == []
        server.start()
        assert '"remaining":499' in process.stdout.readline()
        assert server.ask("SMEMBERS", EVENTS) == {"a"}
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == ExitCode.OK
    finally:
        process.kill()
        process.communicate()
        server.kill()


def test_no_postgres_at_the_address_costs_the_others_nothing(run: Run, redis: Redis) -> None:
    run.server.play(**{NFL: odds(fresh("a"))})
    done = run(DATABASE_URL="postgresql://karb:hunter2@127.0.0.1:1/postgres")
    assert done.returncode == ExitCode.STORE_DOWN
    assert "PostgreSQL does not answer" in done.stderr
    assert "hunter2" not in done.stderr
    assert redis.smembers(EVENTS) == {"a"}


def test_no_questdb_at_the_address_leaves_history_on_disk(run: Run) -> None:
    run.server.play(**{NFL: odds(fresh("a"))})
    done = run(QUESTDB_PG_HOST="127.0.0.1", QUESTDB_PG_PORT="1", QUESTDB_HTTP_PORT="1")
    assert done.returncode == 0
    assert "QuestDB does not answer" in done.stderr
    assert list((run.folder / "data" / "spool").rglob("*.seg"))


def test_a_source_that_is_silent_is_told_with_what_it_said_last(run: Run) -> None:
    run.server.play(**{NFL: odds(fresh("a"))})
    assert run().returncode == ExitCode.OK
    given = {**run.settings, "ODDS_API_KEY": KEY, "KARB_ODDS_API_URL": run.server.url}
    for answer, said in (
        (Answer(b"", 503), "answered 503"),
        (Answer(b"[]", headers=UNCOUNTED), "did not say how many credits are left"),
    ):
        run.server.answers["/v4/sports"] = answer
        done = run("--plan")
        assert (done.returncode, done.stdout) == (ExitCode.UNREACHABLE, "")
        assert said in done.stderr
        assert LAST.search(done.stderr)
        row = rows(karb("doctor", "--json", folder=run.folder, **given))["odds credits"]
        assert row.state == "warn"
        assert LAST.search(row.found)


def test_asking_what_was_said_last_makes_and_starts_nothing(
    run: Run, postgres_host: Path, tmp_path: Path
) -> None:
    run.server.answers["/v4/sports"] = Answer(b"", 503)
    with fresh_database(postgres_host) as conninfo:
        name = conninfo_to_dict(conninfo)["dbname"]
        theirs = run("--plan", DATABASE_URL=f"postgresql://karb@/{name}?host={postgres_host}")
        with psycopg.connect(conninfo) as database:
            assert database.execute("SELECT to_regnamespace('karb')").fetchone() == (None,)
    own = run("--plan", DATABASE_URL="")
    for done in (theirs, own):
        assert done.returncode == ExitCode.UNREACHABLE
        assert "answered 503" in done.stderr
        assert "were left" not in done.stderr
    assert not (tmp_path / "data").exists()
