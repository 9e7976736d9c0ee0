"""The port `History` over QuestDB: taken by a plain call, written by threads of its own.

    add_* -> list -> rows -> outbox (memory, disk) -> courier -> QuestDB

`add_*` appends to a list and returns. One thread makes rows of it, a slice at a time, so that
nobody waits for the interpreter longer than a fraction of a millisecond, and puts them into
the outbox. Another one connects and sends (`delivering`); it may wait for the server for as
long as it takes, as the first one goes on without it.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, islice
from pathlib import Path
from threading import Event, Thread

import msgspec

from karb.adapters.questdb.address import Address
from karb.adapters.questdb.batches import Batch, group
from karb.adapters.questdb.delivering import Deliverer
from karb.adapters.questdb.outbox import Outbox
from karb.adapters.questdb.pace import SLICE, breathe, share_the_interpreter
from karb.adapters.questdb.rows import Entry, Priced, Row, Ticked, row_count, rows, table_of
from karb.adapters.questdb.tables import Table
from karb.domain.edge.signal import Signal
from karb.domain.fair.odds import OddsEvent
from karb.domain.fair.offered import Offered
from karb.domain.market.messages import Quote, Trade
from karb.domain.units import Nanos, Price
from karb.errors import KarbError

MOST_PENDING = 50_000
"""Entries that wait to become rows: more than a second at the highest rate there is."""
MEMORY_ROWS = 10_000
"""Rows that wait in memory before they go to disk; a process that is killed loses these."""
_EVERY = 0.05
_SYNC_EVERY = 1.0


class HistoryStats(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of everything that was recorded, rows by table unless said otherwise.

    recorded = written + waiting + on disk + dropped + refused. `waiting` are rows in memory,
    `spooled` bytes on disk, `adopted` rows written for processes that were killed, `torn`
    bytes on disk that were no rows. `trouble` is what is wrong now, in three sentences;
    `full` why the disk takes nothing, `refusal` what the server said of a row, or empty.
    `running` is False once a thread has died, which is a defect of karb's.
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
        self._new_seq = count(process << 32).__next__
        self._outbox = Outbox(spool, f"{process:08x}", limit=spool_bytes, memory=MEMORY_ROWS)
        self._deliverer = Deliverer(where, self._outbox, days=days)
        self._closing = Event()
        self._thread = Thread(target=self._gather, name="history rows", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        share_the_interpreter()
        self._thread.start()
        self._deliverer.start()

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

    def stats(self) -> HistoryStats:
        """What has become of everything, now; cheap, and for any thread."""
        outbox, deliverer = self._outbox, self._deliverer
        return HistoryStats(
            connected=deliverer.connected,
            running=self._thread.is_alive() and deliverer.running,
            written=dict(outbox.written),
            waiting=len(self._pending) + outbox.in_memory,
            spooled=outbox.on_disk,
            dropped=dict(self._lost + outbox.dropped),
            refused=dict(deliverer.refused),
            adopted=outbox.adopted,
            torn=outbox.torn,
            trouble=deliverer.trouble,
            full=outbox.full,
            refusal=deliverer.why,
        )

    def close(self, timeout: float) -> None:
        """Write everything, or leave it on disk for the next process. Blocks.

        Waits for the server so many seconds at most, and only as long as it has not failed.
        """
        deadline = time.monotonic() + timeout
        self._closing.set()
        if self._thread.ident is None:
            self._drain()
        else:
            self._thread.join()
        failed = self._deliverer.failures
        self._deliverer.hurry()
        while (
            not self._outbox.empty
            and self._deliverer.running
            and self._deliverer.failures == failed
            and time.monotonic() < deadline
        ):
            time.sleep(0.005)
        self._outbox.close()
        self._deliverer.stop(max(1.0, deadline - time.monotonic()))

    def _add(self, entry: Entry) -> None:
        if len(self._pending) < MOST_PENDING and not self._closing.is_set():
            self._pending.append(entry)
        else:
            self._lost[table_of(entry).name] += row_count(entry)

    def _gather(self) -> None:
        synced = time.monotonic()
        while not self._closing.wait(_EVERY):
            self._drain()
            if time.monotonic() - synced > _SYNC_EVERY:
                self._outbox.sync()
                synced = time.monotonic()
        self._drain()

    def _drain(self) -> None:
        """Make rows of everything that is pending, a slice at a time."""
        rows_left = self._rows()
        while part := list(islice(rows_left, SLICE)):
            self._outbox.put(_batch(part))
            self._deliverer.wake()
            breathe()

    def _rows(self) -> Iterator[tuple[Table, Row]]:
        while self._pending:
            entry = self._pending.popleft()
            table = table_of(entry)
            for row in rows(entry, self._new_seq):
                yield table, row


def _batch(part: Iterable[tuple[Table, Row]]) -> Batch:
    by_table: dict[Table, list[Row]] = {}
    for table, row in part:
        by_table.setdefault(table, []).append(row)
    return Batch(tuple(group(table, made) for table, made in by_table.items()))
