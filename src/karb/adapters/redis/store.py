"""Redis as one process uses it: a bus and a cache that share one writer."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from karb.adapters.redis.address import address_of
from karb.adapters.redis.bus import RedisBus
from karb.adapters.redis.cache import RedisCache
from karb.adapters.redis.writer import Writer
from karb.domain.units import Nanos
from karb.errors import KarbError


class RedisStore(NamedTuple):
    """Run `bus.run()`; it serves the cache as well. `writer.drained` before an end."""

    bus: RedisBus
    cache: RedisCache
    writer: Writer


def redis_store(
    url: str,
    *,
    now: Callable[[], Nanos],
    clock: Callable[[], Nanos],
    random: Random,
    told: Callable[[KarbError], None],
) -> RedisStore:
    """Bus and cache at this address, without connecting yet; raises `ConfigError`.

    `clock` is one that nobody sets and that goes on while the machine sleeps. `random` also
    names this process among all that write, so it must not be seeded like another's. `told`
    hears of every kind of trouble once, until it is over.
    """
    address = address_of(url)
    writer = Writer(address, random=random, clock=clock, told=told)
    bus = RedisBus(address, writer, now=now, random=random, told=told)
    return RedisStore(bus, RedisCache(writer, live=bus.is_live, now=now), writer)
