"""Makes the tables, and brings what is there up to date; again and again without harm.

Tables that were made by the specification's statements hold prices as INT: those columns
become DOUBLE, which changes no value in them, and karb's own columns are added beside them.
Nothing is ever dropped. Several karb processes may do this at once.
"""

from typing import NamedTuple

import psycopg

from karb.adapters.questdb.address import WAITS, Connection, one_line
from karb.adapters.questdb.tables import TABLES, TIME, Kind, Table
from karb.errors import StoreDownError

_WHOLE = frozenset({"INT", "LONG", "SHORT", "BYTE", "FLOAT"})
"""Types that become DOUBLE where karb's column is one."""


_WEEK = 7


class _Found(NamedTuple):
    kind: str
    is_key: bool


def migrate(connection: Connection, *, days: int) -> None:
    """Make every table as it should be; rows older than `days` leave by themselves.

    Raises `StoreDownError`.
    """
    try:
        for table in TABLES.values():
            connection.execute(_create(table, days))
            _complete(connection, table)
            _retain(connection, table, days)
    except psycopg.Error as error:
        raise StoreDownError(
            f"karb's tables cannot be made in QuestDB: {one_line(error)}",
            means=WAITS,
            do="mend what it complains about; karb tries again by itself",
        ) from None


def _create(table: Table, days: int) -> str:
    columns = ", ".join(column.declared for column in table.stored)
    return (
        f'CREATE TABLE IF NOT EXISTS "{table.name}" ({columns}, "{TIME}" TIMESTAMP) '
        f'TIMESTAMP("{TIME}") PARTITION BY DAY TTL {days} DAYS WAL '
        f"DEDUP UPSERT KEYS({_keys(table)})"
    )


def _complete(connection: Connection, table: Table) -> None:
    """Add the columns that are missing, widen whole numbers, and set the keys."""
    found = _columns(connection, table)
    for column in table.stored:
        was = found.get(column.name)
        if was is None:
            _change(connection, table, f"ADD COLUMN {column.declared}")
        elif column.kind is Kind.DOUBLE and was.kind in _WHOLE:
            _change(connection, table, f'ALTER COLUMN "{column.name}" TYPE DOUBLE')
    if {name for name, each in found.items() if each.is_key} != set(table.keys):
        _alter(connection, table, f"DEDUP ENABLE UPSERT KEYS({_keys(table)})")


def _change(connection: Connection, table: Table, change: str) -> None:
    """Change a column, unless it was: by another process, or by us and not shown yet."""
    try:
        _alter(connection, table, change)
    except psycopg.DatabaseError as error:
        if "already" not in str(error):
            raise


def _retain(connection: Connection, table: Table, days: int) -> None:
    value, unit = connection.execute(
        "SELECT ttlValue, ttlUnit FROM tables() WHERE table_name = %s", [table.name]
    ).fetchall()[0]
    if (value, unit) not in ((days, "DAY"), (days / _WEEK, "WEEK")):
        _alter(connection, table, f"SET TTL {days} DAYS")


def _columns(connection: Connection, table: Table) -> dict[str, _Found]:
    told = connection.execute(f'SHOW COLUMNS FROM "{table.name}"').fetchall()
    return {name: _Found(kind, is_key) for name, kind, *_, is_key in told}


def _keys(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.keys)


def _alter(connection: Connection, table: Table, change: str) -> None:
    connection.execute(f'ALTER TABLE "{table.name}" {change}')
