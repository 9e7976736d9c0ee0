"""Keeps a process that writes history, and answers what it asks; forever, whatever happens.

Where the server is gets asked each time before it connects, as one of karb's own has other
ports after each start; asking may start it, or fetch its program first. All of this may take
its time: the backlog takes records meanwhile. A process that ended is followed by another,
which is given the same piece again.
"""

import time
from collections import Counter
from collections.abc import Callable
from threading import Event, Thread

from karb.adapters.questdb.address import WAITS, Address
from karb.adapters.questdb.backlog import Backlog
from karb.adapters.questdb.child import Child
from karb.adapters.questdb.line import (
    Answer,
    At,
    Deliver,
    Idle,
    LineClosed,
    Outcome,
    Question,
    Ready,
    Stop,
)
from karb.adapters.questdb.spool import Piece
from karb.errors import KarbError, StoreDownError

_IDLE = 0.5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_ADOPT_EVERY = 5.0
_BETWEEN = 1.0
"""Seconds between requests while little waits: a commit of three tables, each on the disk."""
_ENOUGH = 2**18
"""Bytes that are worth a request at once: some 1,600 ticks."""


class Keeper:
    """A thread that has a backlog delivered.

    `failures` counts attempts to connect, connections and processes that ended badly.
    `trouble` is what is wrong now, None when nothing is. `written` and `refused` are rows by
    table, `adopted` rows of processes that are gone, `torn` and `foreign` bytes on disk that
    were no rows or another version's; `why` is what the server said of the last refused row.
    """

    def __init__(self, where: Callable[[], Address], backlog: Backlog, *, days: int) -> None:
        self._where, self._backlog, self._days = where, backlog, days
        self._thread = Thread(target=self._run, name="history keeper", daemon=True)
        self._stop, self._hurry, self._news = Event(), Event(), Event()
        self._pause = _FIRST_PAUSE
        self._asked_at = float("-inf")
        self._adopted_at = float("-inf")
        self._child: Child | None = None
        self._piece: Piece | None = None
        self.connected = False
        self.failures = 0
        self.trouble: KarbError | None = None
        self.written: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.adopted = self.torn = self.foreign = 0
        self.why = ""

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether its thread lives."""
        return self._thread.is_alive()

    @property
    def pid(self) -> int | None:
        """The number of the process that writes now."""
        child = self._child
        return child.pid if child else None

    def wake(self) -> None:
        """There is something to deliver."""
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
        if (child := self._child) is not None:
            child.kill()

    def _run(self) -> None:
        self._adopt()
        while isinstance(at := self._address(), At):
            try:
                self._child = Child(self._backlog.root, days=self._days)
            except OSError as reason:
                self._failed(_no_process(reason.strerror or str(reason)))
                continue
            with self._child as child:
                error = self._served(child, at)
            self._child = None
            if error is not None:
                self._failed(error)

    def _served(self, child: Child, at: At) -> KarbError | None:
        """Answer everything that it asks until it is gone; why that was, if nobody wanted it.

        It begins when there is a server, which it is told at once.
        """
        answer: Answer = at
        try:
            child.line.asked()
            child.line.answer(answer)
            while not isinstance(answer, Stop):
                answer = self._answer(child.line.asked())
                child.line.answer(answer)
        except LineClosed:
            return None if self._stop.is_set() else _no_process(child.why())
        return None

    def _answer(self, question: Question) -> Answer:
        if isinstance(question, Ready):
            return self._next(question)
        if question.trouble is not None:
            self._failed(question.trouble.error())
        return self._address()

    def _address(self) -> At | Stop:
        while not self._stop.is_set():
            try:
                return At.of(self._where())
            except KarbError as error:
                self._failed(error)
        return Stop()

    def _next(self, ready: Ready) -> Answer:
        self.connected = True
        self.trouble = ready.trouble.error() if ready.trouble else None
        if ready.outcome is not None and self._piece is not None:
            self._settle(self._piece, ready.outcome)
        self._piece = None if self._stop.is_set() else self._waited_for()
        if self._piece is None:
            return Stop() if self._stop.is_set() else Idle()
        path = self._piece.path.relative_to(self._backlog.root)
        return Deliver(str(path), self._piece.begin, self._piece.end)

    def _waited_for(self) -> Piece | None:
        self._paced()
        self._news.clear()
        if (piece := self._backlog.next()) is not None:
            return piece
        if time.monotonic() - self._adopted_at > _ADOPT_EVERY:
            self._adopt()
        elif not self._stop.is_set():
            self._news.wait(_IDLE)
        return self._backlog.next()

    def _paced(self) -> None:
        """Let some rows come together: each request costs the server more than all its rows."""
        if self._backlog.waiting < _ENOUGH:
            self._hurry.wait(self._asked_at + _BETWEEN - time.monotonic())
        self._asked_at = time.monotonic()

    def _settle(self, piece: Piece, outcome: Outcome) -> None:
        self._pause = _FIRST_PAUSE
        if self._backlog.is_own(piece):
            self.written.update(outcome.written)
        else:
            self.adopted += sum(outcome.written.values())
        self.refused.update(outcome.refused)
        self.torn += outcome.torn
        self.foreign += outcome.foreign
        self.why = outcome.why or self.why
        self._backlog.settle(piece, keep=bool(outcome.foreign))

    def _adopt(self) -> None:
        self._adopted_at = time.monotonic()
        self._backlog.adopt()

    def _failed(self, error: KarbError) -> None:
        """Take note, and let some time pass."""
        self.connected, self.trouble = False, error
        self._piece = None
        self.failures += 1
        self._hurry.wait(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)


def _no_process(reason: str) -> KarbError:
    return StoreDownError(
        f"the process that writes history does not run: {reason}",
        means=WAITS,
        do="report this as a fault of karb if it stays; it is started again",
    )
