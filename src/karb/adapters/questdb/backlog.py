"""Everything that waits for QuestDB, a piece at a time: this process's, then that of others.

What processes that are gone have left is taken over, delivered behind this process's own, and
counted apart. One thread puts and one takes; the figures may be read by any.
"""

from pathlib import Path
from threading import Lock

from karb.adapters.questdb.spool import Piece, Spool, SpoolFull


class Backlog:
    """The spool of a process, if it has one, and those that it has taken over."""

    def __init__(self, root: Path, own: Spool | None = None) -> None:
        self.root = root
        self._own = own
        self._gone: list[Spool] = []
        self._lock = Lock()
        self._source: Spool | None = None
        self._closed = False

    @property
    def waiting(self) -> int:
        """Bytes that are not delivered, those of others included."""
        return self.own_waiting + sum(spool.waiting for spool in tuple(self._gone))

    @property
    def own_waiting(self) -> int:
        """Those of this process."""
        return self._own.waiting if self._own else 0

    def put(self, record: bytes) -> None:
        """Append to the process's own. Raises `SpoolFull`."""
        with self._lock:
            if self._own is None or self._closed:
                raise SpoolFull(f"{self.root} is closed")
            self._own.append(record)

    def adopt(self) -> None:
        """Take over what processes that are gone have left."""
        found = list(Spool.abandoned(self.root))
        with self._lock:
            self._gone += found

    def next(self) -> Piece | None:
        """What is to be delivered now; the same again until it is settled, or more of it."""
        with self._lock:
            for spool in () if self._closed else self._spools():
                if (piece := spool.oldest()) is not None:
                    self._source = spool
                    return piece
            self._let_go()
            return None

    def is_own(self, piece: Piece) -> bool:
        """Whether this process has recorded what is in it."""
        return self._own is not None and piece.path.parent == self._own.folder

    def settle(self, piece: Piece, *, keep: bool) -> None:
        """What `next` gave is done with; `keep` its file for somebody else."""
        with self._lock:
            if self._source is not None and not self._closed:
                self._source.settle(piece, keep=keep)

    def close(self) -> None:
        """Let go of everything; what was not delivered stays for the next process."""
        with self._lock:
            self._closed = True
            for spool in self._spools():
                spool.close()

    def _spools(self) -> list[Spool]:
        return [*([self._own] if self._own else []), *self._gone]

    def _let_go(self) -> None:
        """Of folders that are empty; one in which something is kept would come again."""
        done = [spool for spool in self._gone if spool.empty]
        self._gone = [spool for spool in self._gone if not spool.empty]
        for spool in done:
            spool.close()
