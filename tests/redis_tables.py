"""The shared tables of a real Redis, for tests of processes that read and write them."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from random import Random
from time import monotonic_ns, time_ns
from typing import Any
from urllib.parse import quote

import redis

from karb.adapters.redis.store import RedisStore, redis_store
from karb.errors import KarbError
from karb.ports import Topic
from karb.services.tables import whole_of


class SharedTables:
    """One numbered database of a Valkey, emptied at the start."""

    def __init__(self, socket: object, number: int) -> None:
        self.url = f"unix://{quote(str(socket))}?db={number}"
        self.flush()

    def flush(self) -> None:
        """Take everything away."""
        with redis.Redis.from_url(self.url) as client:
            client.flushdb()

    def put(self, **tables: dict[str, Any]) -> None:
        """Make these the whole tables, by the names of their topics."""

        async def write() -> None:
            async with self._opened() as store:
                await _write(store, tables)

        asyncio.run(write())

    @contextmanager
    def kept(self, **tables: dict[str, Any]) -> Iterator[None]:
        """The same, by a writer who is heard until the end."""
        written, over = threading.Event(), threading.Event()

        async def write() -> None:
            async with self._opened() as store:
                await _write(store, tables)
                written.set()
                while not over.is_set():
                    await asyncio.sleep(0.01)

        writer = threading.Thread(target=lambda: asyncio.run(write()))
        writer.start()
        try:
            assert written.wait(10)
            yield
        finally:
            over.set()
            writer.join(10)

    def __getitem__(self, topic: Topic) -> dict[str, Any]:
        async def read() -> dict[str, Any]:
            async with self._opened() as store:
                return await whole_of(store.bus, topic, within=5)

        return asyncio.run(read())

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[RedisStore]:
        def told(error: KarbError) -> None:
            raise AssertionError(error)

        store = redis_store(self.url, now=time_ns, clock=monotonic_ns, random=Random(), told=told)
        serving = asyncio.create_task(store.bus.run())
        try:
            yield store
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


async def _write(store: RedisStore, tables: dict[str, dict[str, Any]]) -> None:
    for name, entries in tables.items():
        topic = Topic(name)
        held = await whole_of(store.bus, topic, within=5)
        for key in held.keys() - entries.keys():
            store.bus.drop(topic, key)
        for key, entry in entries.items():
            store.bus.put(topic, key, entry)
    await store.writer.drained(5)
