"""The Redis of the settings, to be looked into by `karb cache`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from karb.adapters.redis.address import address_of
from karb.adapters.redis.look import Behind, Found, Look, looking
from karb.tasks.cache import look_up
from karb.wiring.settings import current
from karb.wiring.stores import redis_at

T = TypeVar("T")


def keys(pattern: str) -> list[Found]:
    """The keys of a glob pattern, by name."""
    return _asked(lambda cache: cache.keys(pattern))


def get(key: str) -> Behind:
    """What is behind a key. Raises `UsageError` where there is none."""
    return _asked(lambda cache: look_up(cache, key))


def _asked(question: Callable[[Look], Awaitable[T]]) -> T:
    """Raises `StoreDownError` and `ConfigError` as well."""
    address = address_of(redis_at(current().settings).url)

    async def answer() -> T:
        async with looking(address) as cache:
            return await question(cache)

    return asyncio.run(answer())
