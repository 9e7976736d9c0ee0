"""Bring a database's tables to what this karb expects; one SELECT when they are there already.

Whoever connects first migrates. Starters that come at the same time wait for him in the
database (an advisory lock) and find the work done. Everything pending is one transaction:
a migration that is killed leaves the tables as they were. alembic and SQLAlchemy take half
a second to import, which only a database that is behind pays.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg import AsyncConnection, errors

from karb import __version__
from karb.adapters.postgres.errors import LOST, REFUSED, reason_of, told
from karb.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy import Connection

NEWEST = "0002"
"""The last migration that this karb knows."""

MIGRATIONS = Path(__file__).parent / "migrations"

_VERSION = "SELECT version_num FROM karb.schema_version"
_SCHEMA_IS_THERE = "SELECT to_regnamespace('karb') IS NOT NULL"
_TABLE_IS_THERE = "SELECT to_regclass('karb.schema_version') IS NOT NULL"
_APPLIED = "INSERT INTO karb.versions (migration, karb) VALUES (%s, %s)"
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('karb.migrate'))"
_PATIENCE = "SET LOCAL statement_timeout = '60s'"


async def is_behind(connection: AsyncConnection[dict[str, Any]]) -> bool:
    """Whether the tables must be migrated. Raises `ConfigError` for those of a newer karb."""
    try:
        row = await (await connection.execute(_VERSION)).fetchone()
    except errors.UndefinedTable:
        return True
    return _is_old(None if row is None else row["version_num"])


def migrate(conninfo: str) -> None:
    """Run what is pending, alone, in one transaction; blocks. Safe to call at any time.

    Raises `StoreDownError`, and `ConfigError` where the role may not do it.
    """
    from sqlalchemy import NullPool, create_engine
    from sqlalchemy.exc import DBAPIError

    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=NullPool
    )
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(_PATIENCE)
            connection.exec_driver_sql(_ALONE)
            if _is_old(_version(connection)):
                _upgrade(connection)
    except DBAPIError as error:
        cause = cast("psycopg.Error", error.orig)
        if isinstance(cause, LOST + REFUSED):
            raise told(cause) from None
        raise ConfigError(
            f"the tables of karb cannot be made: {reason_of(cause)}",
            means="the database is as it was",
            do="set DATABASE_URL to a database whose schema karb is karb's own",
        ) from None


def _version(connection: "Connection") -> str | None:
    """Where the tables are; None when there are none. A failed SELECT would end the transaction."""
    if not connection.exec_driver_sql(_TABLE_IS_THERE).scalar():
        return None
    return connection.exec_driver_sql(_VERSION).scalar()


def _is_old(version: str | None) -> bool:
    if version is not None and version > NEWEST:
        raise ConfigError(
            f"the database was migrated by a newer karb: its tables are {version}, "
            f"karb {__version__} knows them up to {NEWEST}",
            means="this karb could misread what that one wrote, so it touches nothing",
            do="upgrade karb here, or set DATABASE_URL to a database of its own",
        )
    return version != NEWEST


def _upgrade(connection: "Connection") -> None:
    from alembic import command
    from alembic.config import Config

    if not connection.exec_driver_sql(_SCHEMA_IS_THERE).scalar():
        connection.exec_driver_sql("CREATE SCHEMA karb")

    def applied(*, step: Any, **_: Any) -> None:
        connection.exec_driver_sql(_APPLIED, (step.up_revision_id, __version__))

    config = Config(attributes={"connection": connection, "applied": applied})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")
