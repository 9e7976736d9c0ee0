"""A thread that writes beside the loop, so that nobody who reads slowly can hold what decides.

A pipe that nobody reads and a terminal that is paused block whoever writes, for hours if need
be. So the loop only leaves jobs here, as values and what to make of them; the thread makes
text of them and waits for the reader. What waits is bounded: of a status or a price the
newest, of signals so many, and the oldest beyond that are lost and counted.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from threading import Condition, Thread

from karb.cli.output import ReaderGoneError
from karb.errors import KarbError

Job = Callable[[], object]

KEPT = 10_000
"""Jobs that wait at most, beside the newest of each name."""


class Behind:
    """Does the jobs it is given, one after the other, in a thread.

    `within` is entered and left by that thread. What ends the thread is raised by the next call.
    `lost` counts jobs that nobody will see.
    """

    def __init__(self, *, within: AbstractContextManager[object] | None = None, most: int = KEPT):
        self._within = nullcontext() if within is None else within
        self._kept: deque[Job] = deque()
        self._newest: dict[Hashable, Job] = {}
        self._most = most
        self._changed = Condition()
        self._closing = False
        self._failure: KarbError | ReaderGoneError | None = None
        self.lost = 0
        # A daemon: the process must be able to end while a reader holds the thread.
        self._thread = Thread(target=self._run, name="screen", daemon=True)
        self._thread.start()

    def keep(self, job: Job) -> None:
        """Take a job to be done after those before it; the oldest is lost when too many wait."""
        self.check()
        with self._changed:
            if len(self._kept) == self._most:
                self._kept.popleft()
                self.lost += 1
            self._kept.append(job)
            self._changed.notify()

    def newest(self, name: Hashable, job: Job) -> None:
        """Take a job in the place of an older one of that name."""
        self.check()
        with self._changed:
            self._newest[name] = job
            self._changed.notify()

    def check(self) -> None:
        """Raise what ended the thread."""
        if self._failure is not None:
            raise self._failure
        if not self._thread.is_alive():
            raise AssertionError("the thread that writes ended by itself")

    async def close(self, patience: float) -> int:
        """Have what waits done, and end, within so many seconds; how many jobs are left."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join, patience)
        return 0 if self._failure else len(self._kept) + len(self._newest)

    def _run(self) -> None:
        try:
            with self._within:
                while (job := self._next()) is not None:
                    job()
        except (KarbError, ReaderGoneError) as error:
            self._failure = error

    def _next(self) -> Job | None:
        """The next job, once there is one; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._kept or self._newest)
            if self._kept:
                return self._kept.popleft()
            if self._newest:
                return self._newest.pop(next(iter(self._newest)))
            return None
