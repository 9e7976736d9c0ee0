"""What the odds source last said of its credits, for the moment in which it says nothing."""

import asyncio
from random import Random
from time import time_ns

from karb.adapters.postgres.connection import Postgres
from karb.adapters.postgres.credits import PostgresCredits
from karb.config.settings import Settings
from karb.domain.edge.refusal import duration
from karb.errors import KarbError
from karb.ports import Credits
from karb.wiring.clock import boot_time
from karb.wiring.stores import data_folder, extra, own_postgres, postgres_at

AT_ONCE = 1.0
"""Seconds; this comes beside a trouble that somebody waits to hear of."""


async def last_word(settings: Settings) -> str:
    """`498 credits were left 2.1h ago`; empty where nobody knows."""
    told = await _last(settings)
    if told is None or told.remaining is None:
        return ""
    return f"{told.remaining} credits were left {duration(max(0, time_ns() - told.at))} ago"


async def _last(settings: Settings) -> Credits | None:
    """By the credit book, where its PostgreSQL answers; nothing is started or made for it."""
    try:
        conninfo = _running(settings)
        if conninfo is None:
            return None
        chance = Random()  # noqa: S311 - it spreads retries, it guards nothing
        async with (
            asyncio.timeout(AT_ONCE),
            Postgres(lambda: conninfo, clock=boot_time, random=chance, migrates=False) as database,
        ):
            return await PostgresCredits(database).last()
    except (KarbError, OSError):
        return None


def _running(settings: Settings) -> str | None:
    """The address of PostgreSQL; None for one of karb's own that nobody has started."""
    if settings.database_url is not None:
        return postgres_at(settings).conninfo
    with extra():
        from karb.adapters.embedded.postgres import postgres_host, postgres_place
    data = data_folder(settings)
    return own_postgres(postgres_host(data)).conninfo if postgres_place(data).held() else None
