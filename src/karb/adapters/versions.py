"""Ask a store what it is: karb's own or another, the question that shows that it answers.

Raises `StoreDownError` when it does not answer, `ConfigError` when it does not let karb in.
No error repeats a password.
"""

import urllib.error
import urllib.request
from base64 import b64encode
from contextlib import closing
from http.client import HTTPException

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from karb.adapters.postgres.errors import LOST, REFUSED, reason_of, told
from karb.errors import ConfigError, KarbError, StoreDownError

_PATIENCE = 2
"""Seconds; a person waits."""


def redis_version(url: str) -> str:
    """Such as `Valkey 9.1.2`."""
    try:
        with closing(_client(url)) as client:
            found: dict[str, object] = client.info("server")
    except redis.AuthenticationError:
        raise _not_let_in("Redis", "REDIS_URL") from None
    except (redis.RedisError, OSError) as error:
        raise _down("Redis", _reason(error), "REDIS_URL") from None
    valkey = found.get("valkey_version")
    return f"Valkey {valkey}" if valkey else f"Redis {found['redis_version']}"


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=_PATIENCE,
        socket_connect_timeout=_PATIENCE,
        retry=Retry(NoBackoff(), 0),
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
    except (*LOST, *REFUSED) as error:
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
            raise _not_let_in("QuestDB", "QUESTDB_PG_USER and QUESTDB_PG_PASSWORD") from None
        raise _down("QuestDB", reason_of(error), "QUESTDB_PG_HOST and QUESTDB_PG_PORT") from None


def questdb_takes_rows(host: str, port: int, user: str, password: str) -> None:
    """Return when the HTTP port, where karb writes, answers a query."""
    word = b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(
        f"http://{host}:{port}/exec?query=select%201", headers={"Authorization": f"Basic {word}"}
    )
    # A store stands in one's own network: no proxy, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(request, timeout=_PATIENCE).close()
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (401, 403):
            raise _not_let_in("QuestDB", "QUESTDB_PG_USER and QUESTDB_PG_PASSWORD") from None
        raise _down("QuestDB", f"HTTP {error.code}", "QUESTDB_HTTP_PORT") from None
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise _down("QuestDB", f"port {port}: {reason}", "QUESTDB_HTTP_PORT") from None


def _down(store: str, reason: str, setting: str) -> KarbError:
    return StoreDownError(
        f"{store} does not answer: {reason}",
        means=_MEANS[store],
        do=f"start it, or check {setting}",
    )


def _not_let_in(store: str, setting: str) -> KarbError:
    return ConfigError(
        f"{store} does not let karb in: user or password is wrong",
        means=_MEANS[store],
        do=f"check {setting}",
    )


_MEANS = {
    "Redis": "other karb processes get no prices and stop entering",
    "QuestDB": "history waits in karb's spool; nothing that decides needs it",
}
