"""The end of a process that writes to Redis: what was put last is there."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus_listener import until
from karb.config.settings import Settings
from karb.errors import KarbError, StoreDownError
from karb.ports import Topic
from karb.wiring.opened import open_redis
from offers import listed
from own_valkey import OwnValkey, own_valkey


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OwnValkey]:
    with own_valkey(tmp_path) as one:
        yield one


async def asked_to_stop(server: OwnValkey, told: list[KarbError], *, killed: bool) -> None:
    """A process that puts something the moment it is asked to stop."""
    ready = asyncio.Event()

    async def process() -> None:
        async with open_redis(Settings.of({"redis_url": server.url}), told.append) as redis:
            await until(lambda: redis.store.writer.up)
            ready.set()
            try:
                await asyncio.Event().wait()
            finally:
                redis.store.bus.put(Topic.MARKETS, "T", listed("T"))
                if killed:
                    server.kill()
                    await until(lambda: not redis.store.writer.up)

    running = asyncio.create_task(process())
    await ready.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def test_what_was_put_as_the_process_was_asked_to_stop_is_sent(server: OwnValkey) -> None:
    told: list[KarbError] = []
    asyncio.run(asked_to_stop(server, told, killed=False))
    assert server.ask("HKEYS", "karb:markets") == ["T"]
    assert told == []


def test_a_server_that_is_gone_does_not_keep_a_process_from_stopping(server: OwnValkey) -> None:
    """Nor does it change how the process ends: that is a stop, not a store that is down."""
    told: list[KarbError] = []
    asyncio.run(asyncio.wait_for(asked_to_stop(server, told, killed=True), 4))
    assert [type(error).__mro__[2] for error in told] == [StoreDownError]
