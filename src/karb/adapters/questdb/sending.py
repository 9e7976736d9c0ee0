"""Batches to QuestDB, over HTTP: acknowledged means on its disk.

The client's own queue is not used, as it drops rows without a word; each request is a buffer
of ours, and what is in it counts as written when the server has answered. A request that
failed is sent again as a whole: its rows' numbers make them the same rows. A row that the
server refuses takes its request with it, so it is taken out and the others are sent again.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from questdb import (
    Protocol,
    QuestDBError,
    QuestDBErrorCode,
    Sender,
    TimestampMicros,
    TimestampNanos,
)

from karb.adapters.questdb.address import Address, down, not_let_in, one_line
from karb.adapters.questdb.batches import Batch
from karb.adapters.questdb.pace import SLICE, breathe
from karb.adapters.questdb.rows import Row
from karb.adapters.questdb.tables import SEQ, TABLES, Kind
from karb.errors import KarbError

if TYPE_CHECKING:
    from questdb._client import Buffer

_REQUEST_MILLIS = 5_000
_MICRO = 1_000
_BAD_LINE = re.compile(r'"code":"invalid".*"line":(\d+)', re.DOTALL)
_CANNOT_BE = (QuestDBError, ValueError, OverflowError, TypeError)


class _Line(NamedTuple):
    """A row with what it takes to read it."""

    table: str
    columns: tuple[str, ...]
    row: Row


class Delivery(NamedTuple):
    """What came of a delivery: rows that the server will never take, and why it said so."""

    refused: Counter[str]
    why: str


class Courier:
    """A connection that rows go by, for one thread. `with` opens and closes it."""

    def __init__(self, at: Address) -> None:
        self._sender = Sender(
            Protocol.Http,
            at.http_host,
            at.http_port,
            username=at.user,
            password=at.password,
            protocol_version=2,
            auto_flush=False,
            retry_timeout=0,
            request_timeout=_REQUEST_MILLIS,
            request_min_throughput=0,
        )

    def __enter__(self) -> Self:
        try:
            self._sender.__enter__()
        except QuestDBError as error:
            raise _failed(error) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sender.close(flush=False)

    def deliver(self, batches: Sequence[Batch], repair: Callable[[], None]) -> Delivery:
        """Return once every row is written or refused for good.

        `repair` is called once before a row is given up, as a table may have gone. Raises
        `StoreDownError` or `ConfigError` when the server did not answer: nothing is settled.
        """
        lines = list(_lines(batches))
        refused: Counter[str] = Counter()
        why, repaired = "", False
        while lines:
            buffer, unmade = self._filled(lines)
            if unmade is None:
                answer = self._flush(buffer)
                if answer is None:
                    break
                unmade = answer
            if not repaired:
                repair()
                repaired = True
                continue
            place, why = unmade
            refused[lines.pop(place).table] += 1
        return Delivery(refused, why)

    def _filled(self, lines: Sequence[_Line]) -> tuple["Buffer", tuple[int, str] | None]:
        """A buffer with these rows; or the place of one that is none, and why."""
        buffer = self._sender.new_buffer()
        for place, line in enumerate(lines):
            try:
                _add(buffer, line)
            except _CANNOT_BE as error:
                return buffer, (place, one_line(error))
            if place % SLICE == SLICE - 1:
                breathe()
        return buffer, None

    def _flush(self, buffer: "Buffer") -> tuple[int, str] | None:
        """Send; None when everything is written, else the place of a refused row and why."""
        try:
            self._sender.flush(buffer, clear=False)
        except QuestDBError as error:
            bad = _BAD_LINE.search(str(error))
            if error.code is QuestDBErrorCode.ServerFlushError and bad is not None:
                return int(bad[1]) - 1, one_line(error)
            raise _failed(error) from None
        return None


def _lines(batches: Iterable[Batch]) -> Iterator[_Line]:
    for batch in batches:
        for group in batch.groups:
            for row in group.rows:
                yield _Line(group.table, group.columns, row)


def _add(buffer: "Buffer", line: _Line) -> None:
    kinds, row = _KINDS.get(line.table, {}), line.row
    values: tuple[Any, ...] = row.values  # each of its column's kind
    symbols: dict[str, str | None] = {}
    columns: dict[str, Any] = {SEQ: row.seq}
    for name, value in zip(line.columns, values, strict=True):
        kind = kinds.get(name)
        if kind is Kind.SYMBOL:
            symbols[name] = value
        elif kind is Kind.TIMESTAMP and value is not None:
            columns[name] = TimestampMicros(value // _MICRO)
        else:
            columns[name] = value
    buffer.row(line.table, symbols=symbols, columns=columns, at=TimestampNanos(row.at))


_KINDS = {
    name: {column.name: column.kind for column in table.columns} for name, table in TABLES.items()
}


def _failed(error: QuestDBError) -> KarbError:
    if error.code is QuestDBErrorCode.AuthError:
        return not_let_in()
    return down(one_line(error))
