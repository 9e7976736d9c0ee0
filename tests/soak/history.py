"""QuestDB taken away under load: nothing lost, nothing twice, and nobody kept waiting.

`outage` records ticks in pairs of one millisecond at a steady rate, takes the server away in
the middle, brings it back and counts what is there in the end. Meanwhile a heart beats in the
same event loop every millisecond and writes down how late each beat was. `records` does so for
the evidence.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from karb.adapters.embedded.questdb import questdb_at, questdb_place, start_questdb
from karb.adapters.embedded.stopper import stop
from karb.adapters.memory.history import MemoryHistory
from karb.adapters.questdb.address import Address, Connection, connect
from karb.adapters.questdb.writer import HistoryStats, HistoryWriter
from karb.domain.units import CENT, MILLISECOND
from karb.errors import StoreDownError
from karb.ports import History
from karb.wiring.stores import QuestDBAt, own_questdb
from recording import new_tables, tick, writer

Record = dict[str, Any]
_STEP = 0.005
_CATCHING_UP = 60.0


class Server:
    """A QuestDB of a data folder of its own, to be taken away and brought back."""

    def __init__(self, data: Path, jar: Path) -> None:
        self.data, self._jar = data, jar
        self.start()

    def where(self) -> QuestDBAt:
        """Where it listens now, or listened last."""
        at = questdb_at(self.data)
        if at is None:
            raise StoreDownError("QuestDB is just starting")
        return own_questdb(at)

    def start(self) -> None:
        """Have it run."""
        start_questdb(self.data, self._jar)

    def pause(self) -> None:
        """It hangs: connections stand, and nothing is answered."""
        os.kill(self._pid(), signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on as if nothing had been."""
        os.kill(self._pid(), signal.SIGCONT)

    def kill(self) -> None:
        """It dies at once."""
        os.kill(self._pid(), signal.SIGKILL)
        while questdb_place(self.data).held():
            time.sleep(0.02)

    def stop(self) -> None:
        """It ends cleanly."""
        stop(questdb_place(self.data))

    def _pid(self) -> int:
        pid = questdb_place(self.data).pid()
        assert pid is not None
        return pid


class Stored(NamedTuple):
    """What the table of ticks holds: rows, different ticks, and milliseconds with a whole pair."""

    rows: int
    different: int
    pairs: int


class Beats(NamedTuple):
    """How late the loop was, in milliseconds.

    On a busy machine a loop is late for many reasons. `ours` is how much of the lateness this
    process can have caused at most: what its other threads have worked since the beat before.
    The process that writes shares nothing with the loop but the machine.
    """

    beats: int
    p50: float
    p99: float
    worst: float
    over_1ms: int
    ours_worst: float
    ours_over_1ms: int


class Outage(NamedTuple):
    """What was recorded, what is there, and how the loop fared."""

    recorded: int
    stored: Stored
    stats: HistoryStats
    beats: Beats


def stored(at: Address, recorded: int) -> Stored:
    """What the table holds once it shows as many rows as were recorded, or does not in 20 s."""
    end = time.monotonic() + 20
    with closing(connect(at, seconds=20)) as sql:
        while (sizes := _sizes(sql)).total() < recorded and time.monotonic() < end:
            time.sleep(0.1)
        different = sql.execute("SELECT count() FROM (SELECT DISTINCT volume FROM kalshi_ticks)")
        return Stored(sizes.total(), different.fetchall()[0][0], sizes.pairs)


class _Sizes(NamedTuple):
    """How many milliseconds have so many ticks."""

    times: dict[int, int]

    def total(self) -> int:
        return sum(size * times for size, times in self.times.items())

    @property
    def pairs(self) -> int:
        return self.times.get(2, 0)


def _sizes(sql: Connection) -> _Sizes:
    found = sql.execute("SELECT n, count() FROM (SELECT timestamp, count() n FROM kalshi_ticks)")
    times: dict[int, int] = dict(found.fetchall())
    return _Sizes(times)


class _Heart:
    """Beats every millisecond inside of `with`, and knows how late it was."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._ours: list[float] = []

    async def __aenter__(self) -> None:
        self._task = asyncio.ensure_future(self._beat())

    async def __aexit__(self, *ended: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            due, worked = time.perf_counter() + 0.001, _others_worked()
            await asyncio.sleep(0.001)
            late = 1_000 * (time.perf_counter() - due)
            self._late.append(late)
            self._ours.append(min(late, 1_000 * (_others_worked() - worked)))

    def beats(self) -> Beats:
        """All of them."""
        late = sorted(self._late)
        return Beats(
            beats=len(late),
            p50=late[len(late) // 2],
            p99=late[len(late) * 99 // 100],
            worst=late[-1],
            over_1ms=sum(each > 1 for each in late),
            ours_worst=max(self._ours),
            ours_over_1ms=sum(each > 1 for each in self._ours),
        )


def _others_worked() -> float:
    """Seconds of the processor's time that the other threads of this process have had."""
    return time.process_time() - time.thread_time()


class _Load:
    """Records ticks in pairs, each pair in a millisecond of its own; `made` is how many."""

    def __init__(self, history: History, rate: int) -> None:
        self._history, self._rate = history, rate
        self._at = 0
        self.made = 0

    async def run(self, seconds: float) -> None:
        """Record at the rate for so long."""
        began, before = time.perf_counter(), self.made
        while (passed := time.perf_counter() - began) < seconds:
            while self.made - before < passed * self._rate:
                self._pair()
            await asyncio.sleep(_STEP)

    def _pair(self) -> None:
        now = time.time_ns() // MILLISECOND * MILLISECOND
        self._at = max(self._at + MILLISECOND, now)
        for number in (self.made, self.made + 1):
            self._history.add_quote(tick(number, self._at), 48 * CENT)
        self.made += 2


async def _outage(
    load: _Load,
    history: HistoryWriter,
    away: Callable[[], None],
    back: Callable[[], None],
    seconds: float,
) -> Beats:
    """The heart beats while the server is away, and while it gets what waited for it."""
    heart = _Heart()
    await load.run(1)
    await asyncio.to_thread(away)
    async with heart:
        await load.run(seconds)
    returning = asyncio.ensure_future(asyncio.to_thread(back))
    while not returning.done():
        await load.run(0.2)
    await returning
    end = time.monotonic() + _CATCHING_UP
    async with heart:
        await load.run(1)
        while history.stats().spooled and time.monotonic() < end:
            await asyncio.sleep(_STEP)
    return heart.beats()


def outage(
    server: Server, spool: Path, *, kill: bool, rate: int, seconds: float, spool_mb: float = 256
) -> Outage:
    """Take the server away for so many seconds in the middle of so many rows a second."""
    history = writer(server.where, spool, spool_mb=spool_mb)
    history.start()
    away, back = (server.kill, server.start) if kill else (server.pause, server.resume)
    load = _Load(history, rate)
    beats = asyncio.run(_outage(load, history, away, back, seconds))
    history.close(30)
    stats = history.stats()
    missing = sum(stats.dropped.values())
    return Outage(load.made, stored(server.where(), load.made - missing), stats, beats)


async def _calm(rate: int, seconds: float) -> Beats:
    heart = _Heart()
    async with heart:
        await _Load(MemoryHistory(), rate).run(seconds)
    return heart.beats()


def calm(rate: int, seconds: float) -> Beats:
    """The same loop and load without a writer: what this machine's loop is late by itself."""
    return asyncio.run(_calm(rate, seconds))


def records(folder: Path, jar: Path, *, seconds: float, rate: int = 2_000) -> Iterator[Record]:
    """A server that hangs and one that dies, for so many seconds each: what came of it.

    How late the loop was is told beside what it is late by without a writer, and not judged.
    """
    server = Server(folder / "data", jar)
    try:
        for kill in (False, True):
            new_tables(server.where())
            floor = calm(rate, 10)
            found = outage(server, folder / "spool", kill=kill, rate=rate, seconds=seconds)
            yield {
                "target": f"history-{'dies' if kill else 'hangs'}",
                "cases": found.recorded,
                "seconds": seconds,
                "failures": list(_failures(found)),
                "loop": found.beats._asdict(),
                "floor": floor._asdict(),
            }
    finally:
        server.stop()


def _failures(found: Outage) -> Iterator[str]:
    whole = Stored(found.recorded, found.recorded, found.recorded // 2)
    if found.stored != whole:
        yield f"recorded {whole}, stored {found.stored}"
    if found.stats.dropped or found.stats.refused:
        yield f"dropped {found.stats.dropped}, refused {found.stats.refused}"
