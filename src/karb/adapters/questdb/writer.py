"""The port `History` over QuestDB: taken by a plain call, written by a process of its own.

    add_* -> list -> records -> backlog (files) -> line -> another process -> QuestDB

`add_*` appends to a list and returns. One thread brings what is on the list to files, as it
is and a slice at a time, so that nobody waits for the interpreter longer than a fraction of a
millisecond. Another one keeps the process that makes rows of it and sends them (`keeper`).
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event, Thread

import msgspec

from karb.adapters.questdb.address import Address
from karb.adapters.questdb.backlog import Backlog
from karb.adapters.questdb.keeper import Keeper
from karb.adapters.questdb.pace import SLICE, breathe, share_the_interpreter
from karb.adapters.questdb.records import CANNOT_BE, encode, sliced
from karb.adapters.questdb.rows import Entry, Priced, Ticked, row_count, table_of
from karb.adapters.questdb.spool import Spool, SpoolFull
from karb.domain.edge.signal import Signal
from karb.domain.fair.odds import OddsEvent
from karb.domain.fair.offered import Offered
from karb.domain.market.messages import Quote, Trade
from karb.domain.units import Nanos, Price
from karb.errors import KarbError

MOST_PENDING = 50_000
"""Entries that wait for a file: some seconds at the highest rate there is."""
_EVERY = 0.05


class HistoryStats(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of everything that was recorded, rows by table unless said otherwise.

    recorded = written + waiting + on disk + dropped + refused. `waiting` are entries in memory,
    `spooled` bytes on disk that are not delivered, `adopted` rows written for processes that
    were killed, `torn` bytes on disk that were no rows, `foreign` bytes that another version
    has written. `trouble` is what is wrong now, in three sentences; `full` why the disk takes
    nothing, `refusal` why a row was refused, or empty. `running` is False once a thread has
    died, which is a defect of karb's.
    """

    connected: bool
    running: bool
    written: Mapping[str, int]
    waiting: int
    spooled: int
    dropped: Mapping[str, int]
    refused: Mapping[str, int]
    adopted: int
    torn: int
    foreign: int
    trouble: KarbError | None
    full: str
    refusal: str


class HistoryWriter:
    """Writes history to the QuestDB that `where` names each time it is asked.

    `spool` is the folder for what waits on disk, `spool_bytes` its limit, for all processes
    together. `days` is how long rows are kept. `process` is a number of 31 random bits that
    no other process has: a row's number is unique because this stands in it. The `add_*` are
    for one thread; `start` and `close` once each.
    """

    def __init__(
        self,
        where: Callable[[], Address],
        spool: Path,
        *,
        process: int,
        days: int,
        spool_bytes: int,
    ) -> None:
        self._pending: deque[Entry] = deque()
        self._lost: Counter[str] = Counter()
        self._unfit: Counter[str] = Counter()
        self._unfit_why = self._full = ""
        self._number = process << 32
        self._backlog = Backlog(spool, Spool(spool / f"{process:08x}", spool_bytes))
        self._keeper = Keeper(where, self._backlog, days=days)
        self._closing = Event()
        self._thread = Thread(target=self._run, name="history records", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        share_the_interpreter()
        self._thread.start()
        self._keeper.start()

    def add_quote(self, quote: Quote, last_price: Price | None) -> None:
        """Record a tick."""
        self._add(Ticked(quote, last_price))

    def add_trade(self, trade: Trade) -> None:
        """Record a trade."""
        self._add(trade)

    def add_odds(self, event: OddsEvent, offered: Offered, at: Nanos) -> None:
        """Record every book's odds of an event and what was made of them."""
        self._add(Priced(event, offered, at))

    def add_signal(self, signal: Signal) -> None:
        """Record a signal, or a NO_TRADE whose reason changed."""
        self._add(signal)

    @property
    def pid(self) -> int | None:
        """The number of the process that writes; None while there is none."""
        return self._keeper.pid

    def stats(self) -> HistoryStats:
        """What has become of everything, now; cheap, and for any thread."""
        keeper = self._keeper
        return HistoryStats(
            connected=keeper.connected,
            running=self._thread.is_alive() and keeper.running,
            written=dict(keeper.written),
            waiting=len(self._pending),
            spooled=self._backlog.waiting,
            dropped=dict(self._lost),
            refused=dict(self._unfit + keeper.refused),
            adopted=keeper.adopted,
            torn=keeper.torn,
            foreign=keeper.foreign,
            trouble=keeper.trouble,
            full=self._full,
            refusal=self._unfit_why or keeper.why,
        )

    def close(self, timeout: float) -> None:
        """Write everything, or leave it on disk for the next process. Blocks.

        Waits for the server so many seconds at most, and only as long as it has not failed.
        """
        deadline = time.monotonic() + timeout
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._hand_over()
        keeper = self._keeper
        failed = keeper.failures
        keeper.hurry()
        while (
            (self._pending or self._backlog.own_waiting)
            and keeper.running
            and keeper.failures == failed
            and time.monotonic() < deadline
        ):
            time.sleep(0.005)
            self._hand_over()
        while self._pending:
            self._drop(self._pending.popleft())
        keeper.stop(max(1.0, deadline - time.monotonic()))
        self._backlog.close()

    def _add(self, entry: Entry) -> None:
        if len(self._pending) < MOST_PENDING and not self._closing.is_set():
            self._pending.append(entry)
        else:
            self._drop(entry)

    def _drop(self, entry: Entry) -> None:
        self._lost[table_of(entry).name] += row_count(entry)

    def _run(self) -> None:
        while not self._closing.wait(_EVERY):
            self._hand_over()

    def _hand_over(self) -> None:
        if self._pending:
            self._drain()
            self._keeper.wake()

    def _drain(self) -> None:
        """Bring what is pending to files, as far as they take it.

        An entry leaves the list when it is in a file: it is always counted in one of the two.
        """
        most = SLICE
        while entries := [self._pending[n] for n in range(min(most, len(self._pending)))]:
            try:
                self._put(entries)
            except CANNOT_BE as error:
                if len(entries) > 1:  # one of them; the others are brought by themselves
                    most = 1
                    continue
                self._refuse(entries[0], str(error))
                most = SLICE
            except SpoolFull as error:
                self._full = str(error)
                return
            for _ in entries:
                self._pending.popleft()
            breathe()

    def _put(self, entries: list[Entry]) -> None:
        part = sliced(self._number, entries)
        self._backlog.put(encode(part))
        self._number += part.row_count()
        self._full = ""

    def _refuse(self, entry: Entry, why: str) -> None:
        self._unfit[table_of(entry).name] += row_count(entry)
        self._unfit_why = why
