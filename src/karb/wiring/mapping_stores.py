"""The stores that mapping reads and writes, opened for a process of the mapping alone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random
from time import time_ns
from typing import NamedTuple

from karb.adapters.postgres.links import PostgresLinks
from karb.adapters.redis.store import redis_store
from karb.config.settings import Settings
from karb.errors import KarbError
from karb.ports import Bus, Links
from karb.wiring.database import database
from karb.wiring.stores import redis_at

SENT_WITHIN = 5.0
"""Seconds in which the server must have taken everything before the process ends."""


class MappingStores(NamedTuple):
    """Where markets and odds come from, and where answers go."""

    bus: Bus
    links: Links


@asynccontextmanager
async def mapping_stores(
    settings: Settings, told: Callable[[KarbError], None]
) -> AsyncIterator[MappingStores]:
    """The bus, which is served, and the links; what was put is sent before they are closed.

    `told` hears of a lost server once, while the bus waits for it.
    """
    at = await asyncio.to_thread(redis_at, settings)
    chance = Random()  # noqa: S311 - it spreads retries, it guards nothing
    store = redis_store(at.url, now=time_ns, random=chance, told=told)
    serving = asyncio.create_task(store.bus.run())
    try:
        async with database(settings) as connection:
            yield MappingStores(store.bus, PostgresLinks(connection))
            await store.writer.drained(SENT_WITHIN)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
