"""Questions to history: the specification's three, and any other that changes nothing."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import psycopg

from karb.adapters.questdb.address import Address, Connection, connect, down, one_line
from karb.adapters.questdb.found import LATEST, SIGNALS, VOLUME, Found
from karb.adapters.questdb.read_only import question
from karb.domain.units import Nanos
from karb.errors import DataError, StoreDownError, UsageError

_LATEST = f"""
SELECT * FROM (
    SELECT {", ".join(LATEST)} FROM kalshi_ticks
    WHERE timestamp > %s LATEST ON timestamp PARTITION BY ticker
) ORDER BY timestamp DESC, ticker LIMIT %s"""  # noqa: S608 - karb's own names
_VOLUME = """
SELECT sport, sum("count") AS total_contracts, count() AS trade_count FROM kalshi_trades
WHERE timestamp > %s ORDER BY total_contracts DESC, sport LIMIT %s"""
_SIGNALS = f"""
SELECT {", ".join(SIGNALS)} FROM arb_opportunities
WHERE timestamp > %s AND edge_cents >= %s AND action != 'NO_TRADE'
ORDER BY timestamp DESC LIMIT %s"""  # noqa: S608 - karb's own names


class HistoryQueries:
    """Answers from a QuestDB; every question has a connection of its own.

    `seconds` is how long a question may take. Raises `StoreDownError` when the server does
    not answer in time, `ConfigError` when it does not let karb in. A table that nobody has
    written to yet is an empty one.
    """

    def __init__(self, at: Address, *, seconds: float = 30) -> None:
        self._at, self._seconds = at, seconds

    def latest(self, after: Nanos, limit: int) -> Found:
        """The newest prices of each market that ticked after this, the newest first."""
        return self._ask(LATEST, _LATEST, [_when(after), limit])

    def volume(self, after: Nanos, limit: int) -> Found:
        """Contracts and trades after this by sport, the most first."""
        return self._ask(VOLUME, _VOLUME, [_when(after), limit])

    def signals(self, after: Nanos, min_edge: float, limit: int) -> Found:
        """Signals after this with so many cents of gross edge, the newest first."""
        return self._ask(SIGNALS, _SIGNALS, [_when(after), min_edge, limit])

    def sql(self, text: str, limit: int) -> Found:
        """The first rows of any question. Raises `UsageError` where it is none, or is wrong."""
        asked = question(text)
        with self._connection() as connection:
            try:
                return _first(connection, asked, limit)
            except psycopg.DataError as error:
                raise DataError(f"QuestDB's answer cannot be read: {one_line(error)}") from None
            except psycopg.DatabaseError as error:
                self._lost(error, connection)
                raise UsageError(
                    f"QuestDB does not understand the question: {one_line(error)}",
                    means="nothing was changed",
                    do='karb history sql "SHOW TABLES" lists what can be asked',
                ) from None

    def _ask(self, columns: tuple[str, ...], sql: str, parameters: Sequence[object]) -> Found:
        with self._connection() as connection:
            try:
                rows = connection.execute(sql, parameters).fetchall()
            except psycopg.DatabaseError as error:
                self._lost(error, connection)
                if "table does not exist" in str(error):
                    return Found(columns, [])
                raise DataError(
                    f"QuestDB's tables are not karb's: {one_line(error)}",
                    means="they were made by hand or by an earlier version",
                    do="karb stream, or any command that records, brings them up to date",
                ) from None
        return Found(columns, [_row(row) for row in rows])

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with closing(connect(self._at, seconds=self._seconds, means=_UNANSWERED)) as connection:
            yield connection

    def _lost(self, error: psycopg.Error, connection: Connection) -> None:
        """Raise where the server is to blame and not the question."""
        if connection.closed or connection.broken:
            raise down(one_line(error), _UNANSWERED) from None
        if "timeout" in str(error):
            raise StoreDownError(
                f"QuestDB has not answered within {self._seconds:g} s",
                means=_UNANSWERED,
                do="ask for less, such as WHERE timestamp > dateadd('h', -1, now())",
            ) from None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = 1_000
_UNANSWERED = "the question is not answered, and nothing was changed"


def _first(connection: Connection, sql: str, limit: int) -> Found:
    """The first rows of an answer of any length, the others never fetched."""
    with connection.cursor() as cursor:
        rows = [_row(row) for row in islice(cursor.stream(sql), limit)]
        columns = tuple(each.name for each in cursor.description or ())
        if len(rows) == limit:
            connection.close()  # there may be more to come, which nobody will read
        return Found(columns, rows)


def _when(at: Nanos) -> datetime:
    return _EPOCH + timedelta(microseconds=max(0, at) // _MICRO)


def _row(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """QuestDB's times come without a zone, and are UTC."""
    return tuple(
        value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
        for value in row
    )
