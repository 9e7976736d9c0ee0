"""Batches to QuestDB, over HTTP: acknowledged means on its disk.

The client's own queue is not used, as it drops rows without a word; each request is a buffer
of ours, and what is in it counts as written when the server has answered. A request that
failed is sent again as a whole: its rows' numbers make them the same rows. A row that the
server refuses takes its request with it, so it is taken out and the others are sent again.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from karb.adapters.questdb.batches import Batch, Group
from karb.adapters.questdb.pace import SLICE, breathe
from karb.adapters.questdb.rows import Row
from karb.adapters.questdb.tables import SEQ, TABLES, Kind
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

    def deliver(self, batches: Sequence[Batch], repair: Callable[[], None]) -> Delivery:
        """Return once every row is written or refused for good.

        `repair` is called once before a row is given up, as a table may have gone. Raises
        `StoreDownError` or `ConfigError` when the server did not answer: nothing is settled.
        """
        rows = _Rows(group for batch in batches for group in batch.groups)
        refused: Counter[str] = Counter()
        why, repaired = "", False
        while (bad := self._attempt(rows)) is not None:
            if not repaired:
                repair()
                repaired = True
                continue
            why = bad.why
            refused[rows.take_out(bad.place)] += 1
        return Delivery(refused, why)

    def _attempt(self, rows: "_Rows") -> _Bad | None:
        """Send them in one request; None when everything is written."""
        buffer = self._sender.new_buffer()
        for place, (plan, row) in enumerate(rows):
            try:
                _add(buffer, plan, row)
            except _CANNOT_BE as error:
                return _Bad(place, one_line(error))
            if place % SLICE == SLICE - 1:
                breathe()
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
    """How the values of a group's rows are sent: each with its name and its place."""

    table: str
    symbols: tuple[tuple[str, int], ...]
    times: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, int], ...]


class _Rows:
    """The rows of some groups but for those that were taken out; made anew for each pass.

    Nothing is made that outlives a pass: a thousand small values would bring the garbage
    collector, and everybody waits for that.
    """

    def __init__(self, groups: Iterable[Group]) -> None:
        self._groups = [(_plan(group), group.rows) for group in groups]
        self._out: set[int] = set()

    def __iter__(self) -> Iterator[tuple[_Plan, Row]]:
        every = ((plan, row) for plan, rows in self._groups for row in rows)
        if not self._out:
            return every
        return (each for number, each in enumerate(every) if number not in self._out)

    def take_out(self, place: int) -> str:
        """Leave out the row at this place from now on; its table."""
        left = (number for number in count() if number not in self._out)
        plan, _ = next(islice(self, place, None))
        self._out.add(next(islice(left, place, None)))
        return plan.table


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


def _plan(group: Group) -> _Plan:
    kinds = _KINDS.get(group.table, {})
    places = [(name, place, kinds.get(name)) for place, name in enumerate(group.columns)]
    return _Plan(
        group.table,
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
_KINDS = {
    name: {column.name: column.kind for column in table.columns} for name, table in TABLES.items()
}


def _failed(error: QuestDBError) -> KarbError:
    if error.code is QuestDBErrorCode.AuthError:
        return not_let_in()
    return down(one_line(error).removeprefix("Could not flush buffer: "))
