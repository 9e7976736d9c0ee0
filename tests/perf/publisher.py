"""Publishes consensus, in turn with bare messages of the same length, from its own process.

    PYTHONPATH=tests python -m perf.publisher URL --count N --profile NAME

What `karb stream`, `karb map-events` and `karb ingest-odds` put into the shared tables comes
first. Then, at each line on its standard input, one bare message by PUBLISH and one new
consensus by the bus of production, N times. Both carry the time at which they were published.
"""

import argparse
import asyncio
import sys
import time
from random import Random

import msgspec

from karb.adapters.redis.address import address_of
from karb.adapters.redis.line import Line, opened
from karb.adapters.redis.resp import command
from karb.adapters.redis.store import RedisStore, redis_store
from karb.config.profiles import load_profile
from karb.domain.edge.profile import Profile
from karb.errors import KarbError
from karb.ports import Topic
from perf.graph import link, listed, offered
from perf.traffic import traffic

HOP = "bench:hop"
DIGITS = 20
"""Digits of the time at the beginning of a bare message."""
_PAUSE = 0.012
"""Seconds between two messages: longer than the writer waits for company."""


def _put_tables(store: RedisStore, profile: Profile) -> None:
    for ticker, cents in traffic().fair.items():
        at = time.time_ns()
        store.bus.put(Topic.MARKETS, ticker, listed(ticker, at))
        store.bus.put(Topic.LINKS, ticker, link(ticker, at))
        store.bus.put(Topic.ODDS, f"odds-{ticker}", offered(ticker, cents, at, profile))


async def _publish(store: RedisStore, line: Line, profile: Profile, count: int) -> None:
    """One bare message and one consensus after the other, each a little different."""
    tickers = list(traffic().fair.items())
    for number in range(count):
        ticker, cents = tickers[number % len(tickers)]
        new = offered(ticker, cents + (number % 7 + 1) / 10, time.time_ns(), profile)
        rest = b"x" * (len(msgspec.msgpack.encode(new)) - DIGITS)
        bare = b"%0*d" % (DIGITS, time.time_ns()) + rest
        await line.ask(command("PUBLISH", HOP, bare), 1)
        await asyncio.sleep(_PAUSE)
        new = msgspec.structs.replace(new, at=time.time_ns())
        store.bus.put(Topic.ODDS, new.event.id, new)
        # At once, so that the writer gets its turn before the next consensus is made.
        await asyncio.sleep(_PAUSE)


async def _serve(url: str, profile: Profile, count: int) -> None:
    store = redis_store(
        url, now=time.time_ns, clock=time.monotonic_ns, random=Random(), told=_raise
    )
    running = asyncio.create_task(store.bus.run())
    try:
        async with opened(address_of(url)) as line:
            _put_tables(store, profile)
            await store.writer.drained(10.0)
            print("ready", flush=True)
            while await asyncio.to_thread(sys.stdin.readline):
                await _publish(store, line, profile, count)
                await store.writer.drained(10.0)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _raise(error: KarbError) -> None:
    raise error


def main() -> None:
    """Publish until the input ends."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--profile", required=True)
    given = parser.parse_args()
    asyncio.run(_serve(given.url, load_profile(given.profile), given.count))


if __name__ == "__main__":
    main()
