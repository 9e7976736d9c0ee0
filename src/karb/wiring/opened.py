"""The stores of a running process, opened together and closed in order.

Redis and PostgreSQL of karb's own are started here when nobody has; QuestDB, which may have
to be fetched first, is found by the thread that keeps history's process, and history waits on
disk until then.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from random import Random
from time import time_ns
from typing import NamedTuple

from karb.adapters.questdb.writer import HistoryStats, HistoryWriter
from karb.adapters.redis.bus import RedisBus
from karb.adapters.redis.store import RedisStore, redis_store
from karb.adapters.redis.writer import Writer
from karb.config.settings import Settings
from karb.errors import DataError, KarbError, StoreDownError
from karb.wiring.clock import boot_time
from karb.wiring.stores import QuestDBAt, RedisAt, data_folder, questdb_at, redis_at

SENT_WITHIN = 5.0
"""Seconds in which the servers may take what waits before the process ends."""
REVIVED = 2.0
"""Seconds between two looks at whether a server of karb's own still runs."""
CLOSED_WITHIN = 10.0
"""Seconds that the last rows of history may take, a start of QuestDB included."""
LOOKED_AT = 5.0
"""Seconds between two looks at what is wrong with history."""
_PROCESS_BITS = 31

QuestDB = Callable[[Settings], QuestDBAt]
Told = Callable[[KarbError], None]


class OpenRedis(NamedTuple):
    """Redis, served by a task: `serving` ends only with what a person has to mend."""

    store: RedisStore
    serving: "asyncio.Task[None]"


class Sides(NamedTuple):
    """The side branches of a running process: Redis and history."""

    redis: OpenRedis
    history: HistoryWriter


@asynccontextmanager
async def open_sides(
    settings: Settings, problem: Callable[[str, KarbError], None]
) -> AsyncIterator[Sides]:
    """Both, open; `problem` hears of their troubles by name."""
    async with (
        open_redis(settings, partial(problem, "redis")) as redis,
        open_history(settings, partial(problem, "questdb")) as history,
    ):
        yield Sides(redis, history)


@asynccontextmanager
async def open_redis(settings: Settings, told: Told) -> AsyncIterator[OpenRedis]:
    """Bus and cache, which are served; what was put is sent before they are closed.

    `told` hears of every kind of trouble once, while the server is waited for.
    """
    at = await asyncio.to_thread(redis_at, settings)
    store = _store(at, told)
    tasks = [asyncio.create_task(store.bus.run())]
    if at.own:
        tasks.append(asyncio.create_task(_kept_up(settings, store.writer, told)))
    try:
        yield OpenRedis(store, tasks[0])
    finally:
        try:
            await _sent(store.writer)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _sent(writer: Writer) -> None:
    """Wait until the server has taken what was put last; one that is away keeps nobody."""
    if writer.up:
        with suppress(StoreDownError):
            await writer.drained(SENT_WITHIN)


async def _kept_up(settings: Settings, writer: Writer, told: Told) -> None:
    """Start karb's own Valkey again when it is gone."""
    while True:
        await asyncio.sleep(REVIVED)
        if not writer.up:
            try:
                await asyncio.to_thread(redis_at, settings)
            except StoreDownError as error:
                told(error)


@asynccontextmanager
async def open_bus(settings: Settings, told: Told) -> AsyncIterator[RedisBus]:
    """The bus for whoever only follows; nothing is written."""
    yield _store(await asyncio.to_thread(redis_at, settings), told).bus


def _store(at: RedisAt, told: Told) -> RedisStore:
    chance = Random()  # noqa: S311 - it spreads retries, it guards nothing
    return redis_store(at.url, now=time_ns, clock=boot_time, random=chance, told=told)


@asynccontextmanager
async def open_history(
    settings: Settings, told: Told, *, questdb: QuestDB = questdb_at
) -> AsyncIterator[HistoryWriter]:
    """History, written by a process of its own to what `questdb` finds.

    What is not written at the end stays on disk for the next process. `told` hears of each
    trouble once, until there is none.
    """
    writer = history_writer(settings, questdb)
    troubles = _Troubles(told)
    writer.start()
    watching = asyncio.create_task(_watch(writer, troubles))
    try:
        yield writer
    finally:
        watching.cancel()
        await asyncio.to_thread(writer.close, CLOSED_WITHIN)
        troubles.look(writer.stats())


def history_writer(settings: Settings, questdb: QuestDB = questdb_at) -> HistoryWriter:
    """The port `History`, not started yet. Its `close` blocks."""
    return HistoryWriter(
        lambda: questdb(settings),
        data_folder(settings) / "spool",
        process=secrets.randbits(_PROCESS_BITS),
        days=settings.karb_history_days,
        spool_bytes=settings.karb_spool_mb << 20,
    )


def questdb_without_fetching(settings: Settings) -> QuestDBAt:
    """As `questdb_at`, where the archive is here already."""
    if not (settings.questdb_ilp_host or settings.questdb_pg_host or settings.karb_questdb_jar):
        from karb.adapters.embedded.archive import VERSION

        if not (data_folder(settings) / f"questdb-{VERSION}.jar").exists():
            raise StoreDownError(
                "QuestDB's Java archive is not here yet",
                means="history waits in karb's spool; nothing that decides needs it",
                do="karb services start fetches it",
            )
    return questdb_at(settings)


class _Troubles:
    """What is wrong with history, said when it begins."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._said: set[str] = set()

    def look(self, stats: HistoryStats) -> None:
        """Say what was not said before."""
        errors = {str(error): error for error in _wrong(stats)}
        for text in errors.keys() - self._said:
            self._told(errors[text])
        self._said = set(errors)


def _wrong(stats: HistoryStats) -> Iterator[KarbError]:
    if stats.trouble is not None:
        yield stats.trouble
    if stats.dropped:
        yield StoreDownError(
            f"rows of history were lost, as nothing takes them ({stats.full or 'memory is full'})",
            means="they will be missing in QuestDB; nothing that decides needs them",
            do="make room, or raise KARB_SPOOL_MB",
        )
    if stats.foreign:
        yield DataError(
            f"{stats.foreign} bytes of history were written by another version of karb",
            means="they stay in the spool, where that version finds them",
            do="run that version once, or delete the spool in KARB_DATA_DIR",
        )
    if stats.refused:
        yield DataError(
            f"rows of history were refused: {stats.refusal}",
            means="they are missing in it; nothing that decides needs them",
            do="report this as a fault of karb",
        )


async def _watch(writer: HistoryWriter, troubles: _Troubles) -> None:
    while True:
        await asyncio.sleep(LOOKED_AT)
        troubles.look(writer.stats())
