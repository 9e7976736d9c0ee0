"""Ask a store what it is: karb's own or another, the question that shows that it answers.

Raises `StoreDownError` when it does not answer, `ConfigError` when it does not let karb in.
No error repeats a password.
"""

from contextlib import closing

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from karb.adapters.postgres.errors import reason_of, told
from karb.adapters.questdb_http import down, not_let_in
from karb.adapters.redis.errors import MEANS
from karb.errors import ConfigError, StoreDownError

_PATIENCE = 2
"""Seconds; a person waits."""


def redis_version(url: str) -> str:
    """Such as `Valkey 9.1.2`."""
    try:
        with closing(_client(url)) as client:
            found: dict[str, object] = client.info("server")
    except redis.AuthenticationError:
        raise ConfigError(
            "Redis does not let karb in: user or password is wrong",
            means=MEANS,
            do="check REDIS_URL",
        ) from None
    except (redis.RedisError, OSError) as error:
        raise _down(error) from None
    valkey = found.get("valkey_version")
    return f"Valkey {valkey}" if valkey else f"Redis {found['redis_version']}"


def redis_clients(url: str) -> int:
    """How many others are connected to a Redis now; `StoreDownError` when it does not answer."""
    try:
        with closing(_client(url)) as client:
            told: dict[str, int] = client.info("clients")
    except (redis.RedisError, OSError) as error:
        raise _down(error) from None
    return told["connected_clients"] - 1


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=_PATIENCE,
        socket_connect_timeout=_PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )


def _down(error: BaseException) -> StoreDownError:
    return StoreDownError(
        f"Redis does not answer: {_reason(error)}", means=MEANS, do="start it, or check REDIS_URL"
    )


def _reason(error: BaseException) -> str:
    """What the operating system says below redis-py's own sentence, which has the address."""
    below = error.__cause__ or error.__context__
    if isinstance(below, OSError):
        return below.strerror or "no answer in time"
    return str(error) or type(error).__name__


def postgres_version(conninfo: str) -> str:
    """Such as `PostgreSQL 18.6`."""
    try:
        with psycopg.connect(conninfo, connect_timeout=_PATIENCE) as client:
            return f"PostgreSQL {client.info.parameter_status('server_version')}"
    except psycopg.Error as error:
        raise told(error) from None


def questdb_version(host: str, port: int, user: str, password: str) -> str:
    """Such as `QuestDB 9.3.4`, by the PostgreSQL port, where karb reads."""
    try:
        with psycopg.connect(
            host=host,
            port=port,
            user=user,
            password=password,
            dbname="qdb",
            sslmode="disable",
            connect_timeout=_PATIENCE,
            autocommit=True,
        ) as client:
            return f"QuestDB {client.info.parameter_status('questdb_version') or ''}".rstrip()
    except psycopg.Error as error:
        if "invalid username/password" in str(error):
            raise not_let_in() from None
        raise down(reason_of(error), "QUESTDB_PG_HOST and QUESTDB_PG_PORT") from None
