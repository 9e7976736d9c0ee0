"""Rows to QuestDB, over HTTP: acknowledged means on its disk.

The client's own queue is not used, as it drops rows without a word; each request is a buffer
of ours, and what is in it counts as written when the server has answered. A request that
failed is sent again as a whole: its rows' numbers make them the same rows. A row that the
server refuses takes its request with it, so it is taken out and the others are sent again.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
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
from karb.adapters.questdb.rows import Row
from karb.adapters.questdb.tables import SEQ, Kind, Table
from karb.errors import KarbError

if TYPE_CHECKING:
    from questdb._client import Buffer

_REQUEST_MILLIS = 5_000
_MICRO = 1_000
_BAD_LINE = re.compile(r'"code":"invalid".*"line":(\d+)', re.DOTALL)
_WHY = re.compile(r"error in line \d+: ([^\"\\]{1,200})")
_CANNOT_BE = (QuestDBError, ValueError, OverflowError, TypeError, IndexError)


class _Bad(NamedTuple):
    """A row that is none, by its place among those that were sent, and why."""

    place: int
    why: str


class Delivery(NamedTuple):
    """What came of a delivery: rows that the server will never take, and why it said so."""

    refused: Counter[str]
    why: str


class Courier:
    """A connection that rows go by, for one thread. `with` opens and closes it."""

    def __init__(self, at: Address) -> None:
        self._at = at

    def __enter__(self) -> Self:
        try:
            self._sender = _connected(self._at)
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

    def deliver(self, rows: Sequence[tuple[Table, Row]], repair: Callable[[], None]) -> Delivery:
        """Return once every row is written or refused for good.

        `repair` is called once before a row is given up, as a table may have gone. Raises
        `StoreDownError` or `ConfigError` when the server did not answer: nothing is settled.
        """
        left = _Left(rows)
        refused: Counter[str] = Counter()
        why, repaired = "", False
        while (bad := self._attempt(left)) is not None:
            if not repaired:
                repair()
                repaired = True
                continue
            why = bad.why
            refused[left.take_out(bad.place).name] += 1
        return Delivery(refused, why)

    def _attempt(self, rows: "_Left") -> _Bad | None:
        """Send them in one request; None when everything is written."""
        buffer = self._sender.new_buffer()
        table, plan = None, _NO_PLAN
        for place, (each, row) in enumerate(rows):
            if each is not table:  # rows of a table come one behind the other
                table, plan = each, _plan(each)
            try:
                _add(buffer, plan, row)
            except _CANNOT_BE as error:
                return _Bad(place, one_line(error))
        return self._flush(buffer)

    def _flush(self, buffer: "Buffer") -> _Bad | None:
        try:
            self._sender.flush(buffer, clear=False)
        except QuestDBError as error:
            bad = _BAD_LINE.search(str(error))
            if error.code is QuestDBErrorCode.ServerFlushError and bad is not None:
                why = _WHY.search(str(error))
                return _Bad(int(bad[1]) - 1, why[1] if why else one_line(error))
            raise _failed(error) from None
        return None


class _Plan(NamedTuple):
    """How the values of a table's rows are sent: each with its name and its place."""

    table: str
    symbols: tuple[tuple[str, int], ...]
    times: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, int], ...]


_NO_PLAN = _Plan("", (), (), ())


class _Left:
    """Rows but for those that were taken out."""

    def __init__(self, rows: Sequence[tuple[Table, Row]]) -> None:
        self._rows = rows
        self._out: set[int] = set()

    def __iter__(self) -> Iterator[tuple[Table, Row]]:
        if not self._out:
            return iter(self._rows)
        return (each for number, each in enumerate(self._rows) if number not in self._out)

    def take_out(self, place: int) -> Table:
        """Leave out the row at this place from now on; its table."""
        left = (number for number in count() if number not in self._out)
        number = next(islice(left, place, None))
        self._out.add(number)
        return self._rows[number][0]


def _connected(at: Address) -> Sender:
    sender = Sender(
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
    return sender.__enter__()


def _plan(table: Table) -> _Plan:
    places = [(column.name, place, column.kind) for place, column in enumerate(table.columns)]
    return _Plan(
        table.name,
        tuple((name, place) for name, place, kind in places if kind is Kind.SYMBOL),
        tuple((name, place) for name, place, kind in places if kind is Kind.TIMESTAMP),
        tuple((name, place) for name, place, kind in places if kind not in _APART),
    )


def _add(buffer: "Buffer", plan: _Plan, row: Row) -> None:
    values: tuple[Any, ...] = row.values  # each of its column's kind
    columns = {name: values[place] for name, place in plan.others}
    columns[SEQ] = row.seq
    for name, place in plan.times:
        if (at := values[place]) is not None:
            columns[name] = TimestampMicros(at // _MICRO)
    symbols = {name: values[place] for name, place in plan.symbols}
    buffer.row(plan.table, symbols=symbols, columns=columns, at=TimestampNanos(row.at))


_APART = (Kind.SYMBOL, Kind.TIMESTAMP)


def _failed(error: QuestDBError) -> KarbError:
    if error.code is QuestDBErrorCode.AuthError:
        return not_let_in()
    return down(one_line(error).removeprefix("Could not flush buffer: "))
