"""Keeps a connection to QuestDB and sends what waits; forever, whatever happens to the server.

Where the server is gets asked before each connection, as one of karb's own has other ports
after each start; asking may start it, or fetch its program first. All of this may take its
time: the outbox takes rows meanwhile.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event, Thread

import psycopg

from karb.adapters.questdb.address import Address, Connection, connect, down, one_line
from karb.adapters.questdb.outbox import Outbox
from karb.adapters.questdb.schema import migrate
from karb.adapters.questdb.sending import Courier
from karb.adapters.questdb.tables import TABLES
from karb.errors import KarbError, StoreDownError

MOST = 2_000
"""Rows in a request: some 15 ms of a server that brings each to the disk."""
_IDLE = 0.5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_LOOK_EVERY = 30.0
_ADOPT_EVERY = 5.0
_SQL_SECONDS = 5.0


class Deliverer:
    """A thread that empties an outbox.

    `failures` counts attempts to connect, and connections, that ended badly. `trouble` is what
    is wrong now, None when nothing is; `why` is what the server said of the last refused row.
    """

    def __init__(self, where: Callable[[], Address], outbox: Outbox, *, days: int) -> None:
        self._where, self._outbox, self._days = where, outbox, days
        self._thread = Thread(target=self._run, name="history delivery", daemon=True)
        self._stop, self._hurry, self._news = Event(), Event(), Event()
        self._pause = _FIRST_PAUSE
        self._looked = self._adopted = float("-inf")
        self.connected = False
        self.failures = 0
        self.trouble: KarbError | None = None
        self.refused: Counter[str] = Counter()
        self.why = ""

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether its thread lives."""
        return self._thread.is_alive()

    def wake(self) -> None:
        """There is something to send."""
        self._news.set()

    def hurry(self) -> None:
        """Try at once, also where the last attempt has failed."""
        self._hurry.set()
        self._news.set()

    def stop(self, timeout: float) -> None:
        """End after what is under way, and wait for that so many seconds at most."""
        self._stop.set()
        self.hurry()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        self._outbox.adopt()
        while not self._stop.is_set():
            try:
                self._session()
            except KarbError as error:
                self.trouble, self.connected = error, False
                self._outbox.keep()
                self.failures += 1
                self._hurry.wait(self._pause)
                self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _session(self) -> None:
        """One connection, from its beginning to its end. Raises why it ended."""
        at = self._where()
        with closing(connect(at, seconds=_SQL_SECONDS)) as sql, Courier(at) as courier:
            migrate(sql, days=self._days)
            self._outbox.back()
            self._pause = _FIRST_PAUSE
            self.connected, self.trouble = True, None
            while not self._stop.is_set():
                if self._is_due():
                    self.trouble = _suspended(sql)
                self._send(courier, sql)

    def _send(self, courier: Courier, sql: Connection) -> None:
        batches = self._outbox.take(MOST)
        if batches:
            done = courier.deliver(batches, lambda: migrate(sql, days=self._days))
            self.refused += done.refused
            self.why = done.why or self.why
            self._outbox.settle(done.refused)
            return
        now = time.monotonic()
        if now - self._adopted > _ADOPT_EVERY:
            self._adopted = now
            self._outbox.adopt()
        else:
            self._news.wait(_IDLE)
            self._news.clear()

    def _is_due(self) -> bool:
        now = time.monotonic()
        if now - self._looked < _LOOK_EVERY:
            return False
        self._looked = now
        return True


def _suspended(sql: Connection) -> KarbError | None:
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
    for name, suspended, message in sql.execute(
        "SELECT name, suspended, errorMessage FROM wal_tables()"
    ):
        if suspended and name in TABLES:
            yield name, message
