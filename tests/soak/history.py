"""QuestDB taken away under load: nothing lost, nothing twice, and nobody kept waiting.

`outage` records ticks in pairs of one millisecond at a steady rate, takes the server away in
the middle, brings it back and counts what is there in the end. Meanwhile a heart beats in the
same event loop every millisecond and writes down how late each beat was.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import SystemRandom
from typing import NamedTuple

from karb.adapters.embedded.questdb import questdb_at, questdb_place, start_questdb
from karb.adapters.embedded.stopper import stop
from karb.adapters.questdb.address import Address, Connection, connect
from karb.adapters.questdb.writer import HistoryStats, HistoryWriter
from karb.domain.market.messages import Quote
from karb.domain.units import CENT, CONTRACT, MILLISECOND
from karb.errors import StoreDownError
from karb.ports import History
from karb.wiring.stores import own_questdb

TICKER = "KXNFLGAME-26NOV26BUFHOU-BUF"
_STEP = 0.005


class Server:
    """A QuestDB of a data folder of its own, to be taken away and brought back."""

    def __init__(self, data: Path, jar: Path) -> None:
        self.data, self._jar = data, jar
        self.start()

    def where(self) -> Address:
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
    """How late the loop was, in milliseconds."""

    beats: int
    p50: float
    p99: float
    worst: float
    over_1ms: int


class Outage(NamedTuple):
    """What was recorded, what is there, and how the loop fared."""

    recorded: int
    stored: Stored
    stats: HistoryStats
    beats: Beats


def tick(number: int, at: int) -> Quote:
    """A tick that no other is like: its volume is its number."""
    return Quote(
        ticker=TICKER,
        yes_bid=47 * CENT,
        yes_ask=48 * CENT,
        yes_bid_size=500 * CONTRACT,
        yes_ask_size=500 * CONTRACT,
        volume=number * CONTRACT,
        ts_event=at,
        ts_recv=at,
    )


def writer(server: Server, spool: Path, *, spool_mb: float = 256) -> HistoryWriter:
    """A writer of another process, as far as QuestDB can tell."""
    return HistoryWriter(
        server.where,
        spool,
        process=SystemRandom().getrandbits(31),
        days=30,
        spool_bytes=round(spool_mb * 2**20),
    )


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
    return _Sizes({size: times for size, times in found.fetchall()})


class _Heart:
    """Beats every millisecond for as long as it is open, and knows how late it was."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._task = asyncio.ensure_future(self._beat())

    async def _beat(self) -> None:
        while True:
            due = time.perf_counter() + 0.001
            await asyncio.sleep(0.001)
            self._late.append(1_000 * (time.perf_counter() - due))

    async def stop(self) -> Beats:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        late = sorted(self._late)
        return Beats(
            len(late),
            late[len(late) // 2],
            late[len(late) * 99 // 100],
            late[-1],
            sum(each > 1 for each in late),
        )


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
    load: _Load, away: Callable[[], None], back: Callable[[], None], seconds: float
) -> Beats:
    await load.run(1)
    await asyncio.to_thread(away)
    heart = _Heart()
    await load.run(seconds)
    beats = await heart.stop()
    returning = asyncio.ensure_future(asyncio.to_thread(back))
    while not returning.done():
        await load.run(0.5)
    await returning
    await load.run(1)
    return beats


def outage(
    server: Server, spool: Path, *, kill: bool, rate: int, seconds: float, spool_mb: float = 256
) -> Outage:
    """Take the server away for so many seconds in the middle of so many rows a second."""
    history = writer(server, spool, spool_mb=spool_mb)
    history.start()
    away, back = (server.kill, server.start) if kill else (server.pause, server.resume)
    load = _Load(history, rate)
    beats = asyncio.run(_outage(load, away, back, seconds))
    history.close(30)
    stats = history.stats()
    missing = sum(stats.dropped.values())
    return Outage(load.made, stored(server.where(), load.made - missing), stats, beats)


async def _calm(rate: int, seconds: float) -> Beats:
    from karb.adapters.memory.history import MemoryHistory

    heart = _Heart()
    await _Load(MemoryHistory(), rate).run(seconds)
    return await heart.stop()


def calm(rate: int, seconds: float) -> Beats:
    """The same loop and load without a writer: what this machine's loop is late by itself."""
    return asyncio.run(_calm(rate, seconds))
