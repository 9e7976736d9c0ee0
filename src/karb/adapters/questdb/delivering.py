"""The work of the process that writes history: a connection to QuestDB, and rows through it.

It asks the process that decides what to do (`line`) and knows nothing that has to be
remembered: killing it harms nothing, as whatever was not told as delivered is given to the
next one.

When the other one is gone it delivers what that has left, for as long as the server takes it
and some seconds at most, and ends; the rest waits on disk.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg

from karb.adapters.questdb.address import Connection, connect, down, one_line
from karb.adapters.questdb.backlog import Backlog
from karb.adapters.questdb.line import (
    At,
    Deliver,
    Idle,
    Line,
    LineClosed,
    Outcome,
    Ready,
    Stop,
    Trouble,
    Wants,
)
from karb.adapters.questdb.records import Records
from karb.adapters.questdb.rows import Row
from karb.adapters.questdb.schema import migrate
from karb.adapters.questdb.sending import Courier
from karb.adapters.questdb.spool import Piece
from karb.adapters.questdb.tables import TABLES, Table
from karb.errors import KarbError, StoreDownError

MOST = 2_000
"""Rows in a request: some 15 ms of a server that brings each to the disk."""
ALONE = 10.0
"""Seconds in which what a killed process has left may be delivered by its own helper."""
_UNLOCKED = 1.0
"""Seconds without anything to deliver after which there is nothing: locks are free by then."""
_LOOK_EVERY = 30.0
_SQL_SECONDS = 5.0


class Deliverer:
    """Asks what to do, and does it, until there is nobody to ask."""

    def __init__(self, line: Line, root: Path, *, days: int) -> None:
        self._line, self._root, self._days = line, root, days
        self._looked = float("-inf")

    def run(self) -> None:
        """Connect and deliver, again and again."""
        trouble: KarbError | None = None
        while isinstance(at := self._line.ask(Wants(Trouble.of(trouble))), At):
            try:
                self._session(at)
            except KarbError as error:
                trouble = error

    def _session(self, at: At) -> None:
        """One connection, from its beginning to its end. Raises why it ended."""
        with closing(connect(at, seconds=_SQL_SECONDS)) as sql, Courier(at) as courier:

            def repair() -> None:
                migrate(sql, days=self._days)

            repair()
            try:
                self._serve(sql, lambda piece: delivered(courier, piece, repair))
            except LineClosed:
                self._alone(lambda piece: delivered(courier, piece, repair))
                raise

    def _serve(self, sql: Connection, deliver: Callable[[Piece], Outcome]) -> None:
        outcome: Outcome | None = None
        trouble: KarbError | None = None
        while True:
            if self._is_due():
                trouble = suspended(sql)
            answer = self._line.ask(Ready(outcome, Trouble.of(trouble)))
            match answer:
                case Deliver(path, begin, end):
                    outcome = deliver(Piece(self._root / path, begin, end))
                case Idle():
                    outcome = None
                case At() | Stop():
                    return

    def _alone(self, deliver: Callable[[Piece], Outcome]) -> None:
        """Deliver what lies there and is nobody's."""
        with closing(Backlog(self._root)) as backlog:
            now = time.monotonic()
            end, busy = now + ALONE, now
            while now < end and now - busy < _UNLOCKED:
                backlog.adopt()
                if (piece := backlog.next()) is None:
                    time.sleep(0.05)
                else:
                    backlog.settle(piece, keep=bool(deliver(piece).foreign))
                    busy = time.monotonic()
                now = time.monotonic()

    def _is_due(self) -> bool:
        now = time.monotonic()
        if now - self._looked < _LOOK_EVERY:
            return False
        self._looked = now
        return True


def delivered(courier: Courier, piece: Piece, repair: Callable[[], None]) -> Outcome:
    """Bring a piece to the server. Raises `StoreDownError` or `ConfigError`: none of it counts."""
    data = _read(piece)
    records = Records(data, begins=piece.begin == 0)
    written: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    why = ""
    for rows in _requests(records):
        done = courier.deliver(rows, repair)
        written.update(table.name for table, _ in rows)
        refused.update(done.refused)
        why = done.why or why
    return Outcome(
        written=dict(written - refused),
        refused=dict(refused),
        why=why,
        torn=records.torn + piece.end - piece.begin - len(data),
        foreign=records.foreign,
    )


def _read(piece: Piece) -> bytes:
    try:
        with piece.path.open("rb") as file:
            file.seek(piece.begin)
            return file.read(piece.end - piece.begin)
    except OSError:  # somebody has removed it, and what was in it is lost
        return b""


def _requests(records: Records) -> Iterator[list[tuple[Table, Row]]]:
    """Rows for one request after the other."""
    rows: list[tuple[Table, Row]] = []
    for part in records:
        rows += part.rows()
        if len(rows) >= MOST:
            yield rows
            rows = []
    if rows:
        yield rows


def suspended(sql: Connection) -> KarbError | None:
    """What is wrong with tables that take rows and show none of them; they are set going again."""
    try:
        stuck = list(_stuck(sql))
        for name, _ in stuck:
            sql.execute(f'ALTER TABLE "{name}" RESUME WAL')
    except psycopg.Error as error:
        raise down(one_line(error)) from None
    if not stuck:
        return None
    names = ", ".join(name for name, _ in stuck)
    return StoreDownError(
        f"QuestDB has suspended {names}: {stuck[0][1] or 'it does not say why'}",
        means="rows are taken and kept, but cannot be read; karb has told it to go on",
        do="make room on its disk, or restart it, if this stays",
    )


def _stuck(sql: Connection) -> Iterator[tuple[str, str]]:
    for name, is_suspended, message in sql.execute(
        "SELECT name, suspended, errorMessage FROM wal_tables()"
    ):
        if is_suspended and name in TABLES:
            yield name, message
