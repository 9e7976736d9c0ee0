"""The mapping service while PostgreSQL goes and comes back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from karb.adapters.postgres.links import PostgresLinks
from karb.errors import StoreDownError
from karb.ports import News, Topic
from mapping_cases import LINKED, OTHER, Told, full, running
from offers import EVENT_ID
from postgres_database import fresh_database, opened, relay

LOST = dict.fromkeys(LINKED, "no_such_fixture")


@pytest.fixture
def database(postgres_host: Path) -> Iterator[str]:
    with fresh_database(postgres_host) as conninfo:
        yield conninfo


def versions(conninfo: str) -> list[int]:
    with psycopg.connect(conninfo) as server:
        found = server.execute("SELECT version FROM karb.current_links").fetchall()
        return [version for (version,) in found]


def test_links_are_withdrawn_without_it_and_recorded_when_it_is_back(
    database: str, tmp_path: Path
) -> None:
    async def suite() -> None:
        async with relay(tmp_path, database) as (between, conninfo), opened(conninfo) as connection:
            bus, failures = Told(), list[StoreDownError]()
            service = full(bus, PostgresLinks(connection), settle=0.0, recheck=0.02)
            await running(service, lambda: bus.outcomes() == LINKED, failures.append)
            await between.cut()
            service.on_odds(News(Topic.ODDS, {EVENT_ID: None, "other": OTHER}))
            await running(service, lambda: bus.outcomes() == LOST, failures.append)
            assert failures
            assert versions(database) == [1, 1]
            await between.listen()
            await running(service, lambda: versions(database) == [2, 2], failures.append)

    asyncio.run(suite())
