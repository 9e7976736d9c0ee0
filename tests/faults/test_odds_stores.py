"""`karb ingest-odds` over a real Valkey and a real PostgreSQL, QuestDB away or not there yet."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis import Redis

from karb.errors import ExitCode
from odds_run import HOUR, Run, fresh
from odds_server import KEY, NBA, NFL, Answer, OddsServer, odds

EVENTS = "odds:events:all"


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
