"""What waits to be written to QuestDB: in memory while all is well, on disk when it is not.

    put -> memory -> take, settle    the server takes rows, and nothing lies on disk
    put -> disk   -> take, settle    it is away or slow, or still has to get the disk's rows

First in is first out. When the server goes away, what was in memory goes to disk behind what
lies there: that order alone is not kept, and nothing depends on it, as a row has its time and
its number. Where the disk takes nothing, memory holds what it can; what finds no room
anywhere is dropped, and counted by table.

One thread puts and one takes; the figures may be read by any.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from karb.adapters.questdb.batches import Batch, Records
from karb.adapters.questdb.pace import breathe
from karb.adapters.questdb.spool import Spool, SpoolFull

_NO_RECORD = (ValueError, OverflowError)
"""What encoding raises for a text or a number that no file can hold; the courier sorts it out."""


class _Queue:
    """Batches in order: those put or given back, then those still to be read."""

    def __init__(self, more: Iterator[Batch]) -> None:
        self._ahead: deque[Batch] = deque()
        self._more = more

    def __iter__(self) -> Iterator[Batch]:
        return chain(self._ahead, self._more)

    def first(self) -> Batch | None:
        """The next one, left where it is."""
        if not self._ahead:
            self._ahead.extend(islice(self._more, 1))
        return self._ahead[0] if self._ahead else None

    def pop(self) -> Batch:
        """The one that was `first`."""
        return self._ahead.popleft()

    def put(self, batch: Batch) -> None:
        """Behind the others."""
        self._ahead.append(batch)

    def give_back(self, batches: Sequence[Batch]) -> None:
        """Before the others."""
        self._ahead.extendleft(reversed(batches))


class _File(NamedTuple):
    """A file that is being delivered."""

    spool: Spool
    path: Path
    records: Records
    queue: _Queue


class Outbox:
    """Batches in order.

    `written` and `dropped` are rows by table, `adopted` rows of processes that are gone,
    `in_memory` rows, `torn` bytes on disk that were no rows. `full` says why the disk took
    nothing the last time, empty once it does or is not needed. `limit` is in bytes, `memory`
    in rows.
    """

    def __init__(self, root: Path, name: str, *, limit: int, memory: int) -> None:
        self._root, self._memory = root, memory
        self._own = Spool(root / name, limit)
        self._gone: list[Spool] = []
        self._lock = Lock()
        self._waiting = self._source = _Queue(iter(()))
        self._taken: list[Batch] = []
        self._file: _File | None = None
        self._away = True
        self._closed = False
        self.written: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self.adopted = self.in_memory = self.torn = 0
        self.full = ""

    @property
    def on_disk(self) -> int:
        """Bytes that wait there, those of processes that are gone included."""
        return self._own.size + sum(spool.size for spool in tuple(self._gone))

    @property
    def empty(self) -> bool:
        """Whether everything of this process was delivered."""
        return not self.in_memory and self._own.empty

    def put(self, batch: Batch) -> None:
        """Take a batch; where there is no room at all it is dropped and counted."""
        with self._lock:
            direct = not self._away and self._own.empty
            placed = not self._closed and (
                (direct and self._remembered(batch))
                or self._spilled(batch)
                or self._remembered(batch)
            )
            if not placed:
                self.dropped.update(batch.counts())

    def take(self, most: int) -> list[Batch]:
        """The next batches, about so many rows; the taker then calls `settle` or `keep`."""
        with self._lock:
            if self._closed:
                return []
            self._source = self._waiting
            if self._waiting.first() is None and (file := self._file or self._next_file()):
                self._file, self._source = file, file.queue
            rows = 0
            while (batch := self._source.first()) and (not rows or rows + len(batch) <= most):
                self._taken.append(self._source.pop())
                rows += len(batch)
                breathe()
            return list(self._taken)

    def settle(self, refused: Counter[str]) -> None:
        """What was taken is written, but for rows that the server will never take."""
        with self._lock:
            if self._closed:
                return
            taken = _counts(self._taken)
            self._taken = []
            file = None if self._source is self._waiting else self._file
            if file is None:
                self.in_memory -= taken.total()
            elif file.queue.first() is None:
                self._forget(file)
            if file is None or file.spool is self._own:
                self.written += taken - refused
            else:
                self.adopted += (taken - refused).total()

    def keep(self) -> None:
        """What was taken is not written: the server is away, and disk is safer than memory."""
        with self._lock:
            self._away = True
            self._give_back()
            self._save()

    def back(self) -> None:
        """The server takes rows again."""
        with self._lock:
            self._away, self.full = False, ""

    def adopt(self) -> None:
        """Take over what processes that are gone have left."""
        found = list(Spool.abandoned(self._root))
        with self._lock:
            self._gone += found

    def sync(self) -> None:
        """Bring what is in files to the disk."""
        with self._lock:
            try:
                self._own.sync()
            except OSError as error:
                self.full = f"{self._root}: {error.strerror or error}"

    def close(self) -> None:
        """Put everything on disk and let go of it; what finds no room is dropped and counted."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._give_back()
            self._save()
            self.dropped.update(_counts(self._waiting))
            self.in_memory = 0
            for spool in (self._own, *self._gone):
                spool.close()

    def _remembered(self, batch: Batch) -> bool:
        if self.in_memory + len(batch) > self._memory:
            return False
        self._waiting.put(batch)
        self.in_memory += len(batch)
        return True

    def _spilled(self, batch: Batch) -> bool:
        try:
            self._own.append(batch)
        except (SpoolFull, *_NO_RECORD) as error:
            self.full = str(error)
            return False
        self.full = ""
        return True

    def _save(self) -> None:
        """From memory to disk, as far as that takes it."""
        while (batch := self._waiting.first()) and self._spilled(batch):
            self.in_memory -= len(self._waiting.pop())

    def _give_back(self) -> None:
        self._source.give_back(self._taken)
        self._taken = []

    def _next_file(self) -> _File | None:
        """The oldest file with rows in it; what is done with goes away."""
        for spool in (self._own, *self._gone):
            while not spool.empty:
                path, records = spool.oldest()
                file = _File(spool, path, records, _Queue(records))
                if file.queue.first() is not None:
                    return file
                self._forget(file)
        for spool in self._gone:
            spool.close()
        self._gone = []
        return None

    def _forget(self, file: _File) -> None:
        self.torn += file.records.torn
        file.spool.forget(file.path)
        self._file = None


def _counts(batches: Iterable[Batch]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for batch in batches:
        counts.update(batch.counts())
    return counts
