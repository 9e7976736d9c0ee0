"""The stores that odds go to, opened for a process of the odds alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from karb.adapters.postgres.credits import PostgresCredits
from karb.config.settings import Settings
from karb.services.odds import Sinks
from karb.wiring.database import database
from karb.wiring.opened import QuestDB, Told, open_history, open_redis


@asynccontextmanager
async def odds_sinks(settings: Settings, questdb: QuestDB, told: Told) -> AsyncIterator[Sinks]:
    """Bus and cache, which are served, history and credit book; `told` hears of a lost server once.

    A pass ends when its odds have left for bus and cache, and says so itself when they have
    not: a report of what was paid for outlives a Redis that does not take it.
    """
    async with (
        open_redis(settings, told) as redis,
        database(settings) as connection,
        open_history(settings, told, questdb=questdb) as history,
    ):
        yield Sinks(redis.store.bus, redis.store.cache, history, PostgresCredits(connection))
