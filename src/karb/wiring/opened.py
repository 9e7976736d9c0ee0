"""The stores of a running process, opened together and closed in order.

Redis and PostgreSQL of karb's own are started here when nobody has; QuestDB, which may have
to be fetched first, is found by the thread that writes to it, and history waits on disk
until then.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random
from time import time_ns
from typing import TYPE_CHECKING, NamedTuple

from karb.adapters.questdb.writer import HistoryWriter
from karb.adapters.redis.bus import RedisBus
from karb.adapters.redis.store import RedisStore, redis_store
from karb.config.settings import Settings
from karb.errors import KarbError
from karb.wiring.stores import data_folder, questdb_at, quiet, redis_at

if TYPE_CHECKING:
    from karb.adapters.embedded.archive import Progress

SENT_WITHIN = 5.0
"""Seconds in which the servers may take what waits before the process ends."""
_MEGABYTE = 1_000_000

Told = Callable[[KarbError], None]


class OpenRedis(NamedTuple):
    """Redis, served by a task: `serving` ends only with what a person has to mend."""

    store: RedisStore
    serving: "asyncio.Task[None]"


@asynccontextmanager
async def open_redis(settings: Settings, told: Told) -> AsyncIterator[OpenRedis]:
    """Bus and cache, which are served; what was put is sent before they are closed.

    `told` hears of every kind of trouble once, while the server is waited for.
    """
    at = await asyncio.to_thread(redis_at, settings)
    chance = Random()  # noqa: S311 - it spreads retries, it guards nothing
    store = redis_store(at.url, now=time_ns, random=chance, told=told)
    serving = asyncio.create_task(store.bus.run())
    try:
        yield OpenRedis(store, serving)
        await store.writer.drained(SENT_WITHIN)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


@asynccontextmanager
async def open_bus(settings: Settings, told: Told) -> AsyncIterator[RedisBus]:
    """The bus for whoever only follows; nothing is written."""
    at = await asyncio.to_thread(redis_at, settings)
    chance = Random()  # noqa: S311 - it spreads retries, it guards nothing
    yield redis_store(at.url, now=time_ns, random=chance, told=told).bus


@asynccontextmanager
async def open_history(
    settings: Settings, progress: "Progress" = quiet
) -> AsyncIterator[HistoryWriter]:
    """History, written by threads of its own; what is not written at the end stays on disk."""
    writer = HistoryWriter(
        lambda: questdb_at(settings, progress),
        data_folder(settings) / "spool",
        process=secrets.randbits(31),
        days=settings.karb_history_days,
        spool_bytes=settings.karb_spool_mb * _MEGABYTE,
    )
    writer.start()
    try:
        yield writer
    finally:
        await asyncio.to_thread(writer.close, SENT_WITHIN)
