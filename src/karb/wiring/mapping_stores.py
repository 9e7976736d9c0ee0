"""The stores that mapping reads and writes, opened for a process of the mapping alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from karb.adapters.postgres.links import PostgresLinks
from karb.config.settings import Settings
from karb.ports import Bus, Links
from karb.wiring.database import database
from karb.wiring.opened import SENT_WITHIN, Told, open_redis


class MappingStores(NamedTuple):
    """Where markets and odds come from, and where answers go."""

    bus: Bus
    links: Links


@asynccontextmanager
async def mapping_stores(settings: Settings, told: Told) -> AsyncIterator[MappingStores]:
    """The bus, which is served, and the links.

    Raises `StoreDownError` at the end when the server does not take what was put last: an
    answer that nobody can see is none. `told` hears of a lost server once, while the bus
    waits for it.
    """
    async with open_redis(settings, told) as redis, database(settings) as connection:
        yield MappingStores(redis.store.bus, PostgresLinks(connection))
        await redis.store.writer.drained(SENT_WITHIN)
