"""The three stores as `karb services` sees them: one shape, whoever runs the server."""

import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from karb.adapters.questdb_http import takes_rows
from karb.adapters.versions import postgres_version, questdb_version, redis_version
from karb.config.settings import Settings
from karb.errors import StoreDownError
from karb.wiring.stores import (
    QuestDBAt,
    data_folder,
    extra,
    own_postgres,
    own_questdb,
    own_redis,
    postgres_at,
    questdb_at,
    redis_at,
)

if TYPE_CHECKING:
    from karb.adapters.embedded.archive import Progress
    from karb.adapters.embedded.place import Place


class Found(NamedTuple):
    """A store that answers: its address, its version, and command lines to look inside."""

    where: str
    version: str
    look: tuple[str, ...]


class Kind(NamedTuple):
    """A store. `place` is None where it is a server of the settings, which karb never starts.

    `find` asks the server; `StoreDownError` or `ConfigError` say why it does not answer.
    """

    store: str
    place: "Place | None"
    start: Callable[[], object]
    find: Callable[[], Found]


def kinds(settings: Settings, progress: "Progress") -> tuple[Kind, ...]:
    """The stores in the order in which they are shown; QuestDB, the slowest, is last."""
    with extra():
        return _redis(settings), _postgres(settings), _questdb(settings, progress)


def own_kinds(settings: Settings) -> tuple[Kind, ...]:
    """karb's own, also where the settings name another server by now."""
    ours = settings.model_copy(update=dict.fromkeys(_ADDRESSES))
    return kinds(ours, lambda _done, _total: None)


_ADDRESSES = ("redis_url", "database_url", "questdb_ilp_host", "questdb_pg_host")


def _redis(settings: Settings) -> Kind:
    if settings.redis_url is not None:
        return Kind("redis", None, lambda: None, lambda: _found_redis(settings))
    from karb.adapters.embedded.valkey import valkey_place, valkey_socket

    data = data_folder(settings)

    def find() -> Found:
        at = own_redis(valkey_socket(data))
        # No wheel brings Redis' own client; it is named where this machine has one.
        client = shutil.which("redis-cli") or shutil.which("valkey-cli")
        look = (shlex.join([client, "-s", at.shown]),) if client else ()
        return Found(at.shown, redis_version(at.url), ("karb cache keys", *look))

    return Kind("redis", valkey_place(data), lambda: redis_at(settings), find)


def _found_redis(settings: Settings) -> Found:
    at = redis_at(settings)
    parts = urlsplit(at.url)
    words = ["redis-cli", "-h", parts.hostname or "", "-p", str(parts.port or 6379)]
    words += ["--askpass"] if parts.password else []
    look = () if parts.scheme == "unix" else (shlex.join(words),)
    return Found(at.shown, redis_version(at.url), ("karb cache keys", *look))


def _postgres(settings: Settings) -> Kind:
    if settings.database_url is not None:
        return Kind("postgres", None, lambda: None, lambda: _found_postgres(settings))
    from karb.adapters.embedded.postgres import postgres_host, postgres_place, postgres_programs

    data = data_folder(settings)

    def find() -> Found:
        at = own_postgres(postgres_host(data))
        psql = [str(postgres_programs() / "psql"), "-h", at.shown, "-U", "karb", "postgres"]
        return Found(at.shown, postgres_version(at.conninfo), (shlex.join(psql),))

    return Kind("postgres", postgres_place(data), lambda: postgres_at(settings), find)


def _found_postgres(settings: Settings) -> Found:
    at = postgres_at(settings)
    known = conninfo_to_dict(at.conninfo)
    words = ["psql"]
    for flag, part in (("-h", "host"), ("-p", "port"), ("-U", "user"), ("-d", "dbname")):
        words += [flag, str(known[part])] if part in known else []
    return Found(at.shown, postgres_version(at.conninfo), (shlex.join(words),))


def _questdb(settings: Settings, progress: "Progress") -> Kind:
    if settings.questdb_ilp_host or settings.questdb_pg_host:
        return Kind("questdb", None, lambda: None, lambda: _found_questdb(questdb_at(settings)))
    from karb.adapters.embedded.questdb import questdb_at as by_its_log
    from karb.adapters.embedded.questdb import questdb_place

    data = data_folder(settings)

    def find() -> Found:
        at = by_its_log(data)
        if at is None:
            raise _not_listening(questdb_place(data))
        return _found_questdb(own_questdb(at), data)

    return Kind("questdb", questdb_place(data), lambda: questdb_at(settings, progress), find)


def _found_questdb(at: QuestDBAt, data: Path | None = None) -> Found:
    """`data` is the folder of karb's own. Told is where the password is, never what it is."""
    version = questdb_version(at.pg_host, at.pg_port, at.user, at.password)
    takes_rows(at.http_host, at.http_port, at.user, at.password)
    psql = shlex.join(["psql", "-h", at.pg_host, "-p", str(at.pg_port), "-U", at.user, "qdb"])
    console = f"http://{at.http_host}:{at.http_port} (user {at.user}"
    if data is None:
        return Found(at.shown, version, (psql, f"{console})"))
    from karb.adapters.embedded.postgres import postgres_programs
    from karb.adapters.embedded.questdb import password_file, pgpass_file

    programs, passwords = (shlex.quote(str(it)) for it in (postgres_programs(), pgpass_file(data)))
    look = (
        f"PGPASSFILE={passwords} {programs}/{psql}",
        f"{console}, password in {password_file(data)})",
    )
    return Found(at.shown, version, look)


def _not_listening(place: "Place") -> StoreDownError:
    return StoreDownError(
        "QuestDB has not said where it listens",
        means="it is starting, or hangs; history waits in karb's spool",
        do=f"wait a few seconds, or read {place.log}",
    )
