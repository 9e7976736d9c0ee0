"""The stores that odds go to, opened for a process of the odds alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from time import time_ns

from karb.adapters.postgres.credits import PostgresCredits
from karb.adapters.redis.store import redis_store
from karb.config.settings import Settings
from karb.services.odds import Sinks
from karb.wiring.database import database
from karb.wiring.opened import QuestDB, Told, open_history
from karb.wiring.stores import redis_at


@asynccontextmanager
async def odds_sinks(settings: Settings, questdb: QuestDB, told: Told) -> AsyncIterator[Sinks]:
    """Bus and cache, which are served, history and credit book.

    A pass ends when its odds have left for bus and cache, so nothing is waited for here: a
    report of what was paid for outlives a Redis that does not take it. `told` hears of a lost
    server once.
    """
    at = await asyncio.to_thread(redis_at, settings)
    chance = Random()  # noqa: S311 - it spreads retries, it guards nothing
    store = redis_store(at.url, now=time_ns, random=chance, told=told)
    serving = asyncio.create_task(store.bus.run())
    try:
        async with (
            database(settings) as connection,
            open_history(settings, told, questdb=questdb) as history,
        ):
            yield Sinks(store.bus, store.cache, history, PostgresCredits(connection))
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
