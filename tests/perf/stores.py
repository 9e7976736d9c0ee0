"""What Redis costs, in CPU and in time: M13 and M16, against a real server."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import time_ns
from typing import IO, Any, NamedTuple

import redis.asyncio

from karb.adapters.redis.address import address_of
from karb.adapters.redis.keys import MARKET_LIFE, MARKETS, market_fields, market_key
from karb.adapters.redis.line import Line, opened
from karb.adapters.redis.resp import command
from karb.domain.edge.profile import Profile
from karb.domain.market.messages import Quote
from karb.domain.units import CENT, CONTRACT, MILLISECOND
from karb.ports import News, Quoted, Topic
from karb.services.status import Recent
from karb.wiring.deciding import Outcomes
from karb.wiring.detect_live import Follower, wire_follower
from perf.backing import real
from perf.cores import pinned
from perf.goals import Row
from perf.graph import offered
from perf.harness import costing
from perf.publisher import DIGITS, HOP
from perf.site import Site, loop_name
from perf.spread import percentile, timing
from perf.traffic import traffic
from perf.wire import TESTS

FLUSH = 100
"""Markets that change between two flushes."""
TIMES = 20
"""Flushes in a round."""
PUBLISHED = 60
"""Consensus in a round."""
_PATIENCE = 20.0


def flushing(site: Site, rounds: int) -> Iterator[Row]:
    """M13: the specification's keys for 100 markets, written once."""
    cost = site.run(lambda: _flushed(site, rounds))
    ours, both, peer = (costing(each) for each in (cost.ours, cost.with_bus, cost.pipeline))
    note = f"{loop_name()}; HSET, EXPIRE, SADD; {both.cost:.1f} with the shared table"
    yield Row("M13", peer.over(ours), None, peer, ours, note)


class _Costs(NamedTuple):
    """CPU microseconds a tick, a round each."""

    ours: list[float]
    with_bus: list[float]
    pipeline: list[float]


async def _flushed(site: Site, rounds: int) -> _Costs:
    costs = _Costs([], [], [])
    async with (
        real(site.backing.given) as stores,
        redis.asyncio.Redis.from_url(site.backing.valkey.url) as client,
    ):
        store = stores.redis.store

        async def ours(quotes: list[Quote]) -> None:
            for quote in quotes:
                store.cache.put_quote(quote, quote.yes_bid)
            await store.writer.drained(_PATIENCE)

        async def with_bus(quotes: list[Quote]) -> None:
            for quote in quotes:
                store.bus.put(Topic.QUOTES, quote.ticker, _quoted(quote))
            await ours(quotes)

        async def pipeline(quotes: list[Quote]) -> None:
            commands = client.pipeline(transaction=False)
            for quote in quotes:
                key = market_key(quote.ticker)
                commands.hset(key, mapping=fields[quote.ticker])
                commands.expire(key, MARKET_LIFE)
                commands.sadd(MARKETS, quote.ticker)
            await commands.execute()

        # What the other one writes is made beforehand: only its packing and sending count.
        fields = {quote.ticker: _fields(quote) for quote in _quotes(0)}
        for _ in range(rounds + 1):
            for work, cost in zip((ours, with_bus, pipeline), costs, strict=True):
                cost.append(await _cpu(work))
    for cost in costs:
        del cost[0]
    return costs


async def _cpu(work: Callable[[list[Quote]], Awaitable[None]]) -> float:
    """Microseconds of this thread a tick."""
    batches = [_quotes(number) for number in range(TIMES)]
    began = time.thread_time_ns()
    for quotes in batches:
        await work(quotes)
    return (time.thread_time_ns() - began) / 1e3 / TIMES / FLUSH


def _quotes(number: int) -> list[Quote]:
    """The markets at prices that differ from the last ones'."""
    at, count = time.time_ns(), 500 * CONTRACT
    return [
        Quote(
            ticker,
            (cents + number % 5) * CENT,
            (cents + number % 5 + 2) * CENT,
            count,
            count,
            count + number * CONTRACT,
            at + number * MILLISECOND,
            at,
        )
        for ticker, cents in list(traffic().fair.items())[:FLUSH]
    ]


def _fields(quote: Quote) -> dict[Any, Any]:
    """Of names and values; redis-py's stub takes no mapping of a narrower type."""
    told = market_fields(quote, quote.yes_bid)
    return {name: value for name, value in told.items() if value is not None}


def _quoted(quote: Quote) -> Quoted:
    return Quoted(quote, live=True, last_price=quote.yes_bid)


def publishing(site: Site, rounds: int) -> Iterator[Row]:
    """M16: from one process to the detector of another."""
    hops, joins, inside = site.run(lambda: _published(site, rounds))
    bare, ours = (timing(runs, [percentile(run, 0.5) for run in runs]) for runs in (hops, joins))
    note = f"{loop_name()}; two processes; within `karb run` {percentile(inside, 0.5):.0f}, a call"
    yield Row("M16", ours.over(bare), bare, None, ours, note)


class _Heard(NamedTuple):
    """Ages in nanoseconds: of bare messages, of consensus in force, and within one process."""

    hops: list[list[int]]
    joins: list[list[int]]
    inside: list[int]


async def _published(site: Site, rounds: int) -> _Heard:
    heard, given = _Heard([], [], []), site.backing.given
    url = site.backing.valkey.url
    hops: list[int] = []
    joins: list[int] = []
    with _publisher(site) as orders:
        async with real(given) as stores, opened(address_of(url)) as line:
            bus = stores.redis.store.bus
            outcomes = Outcomes(bus, stores.history, Recent(time_ns), lambda _signal: None)
            follower = wire_follower(given, outcomes)
            watched = follower.deciding.detection.watched

            def take(news: News) -> None:
                follower.on_news(news)
                if news.topic is Topic.ODDS and not news.whole:
                    joins.extend(time.time_ns() - each.at for each in news.entries.values())

            tasks = [
                asyncio.create_task(bus.follow(tuple(Topic), take, follower.on_stale)),
                asyncio.create_task(_hear(line, hops)),
            ]
            await _until(lambda: len(watched) == len(traffic().fair))
            for _ in range(rounds):
                hops.clear()
                joins.clear()
                orders.write("\n")
                orders.flush()
                await _until(lambda: len(joins) >= PUBLISHED)
                heard.hops.append(hops[:])
                heard.joins.append(joins[:])
            heard.inside.extend(_told_inside(follower, given.profile))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    return heard


def _told_inside(follower: Follower, profile: Profile) -> Iterator[int]:
    """The same in one process, where the bus is a call."""
    for ticker, cents in traffic().fair.items():
        new = offered(ticker, cents + 0.9, time.time_ns(), profile)
        began = time.monotonic_ns()
        follower.on_news(News(Topic.ODDS, {new.event.id: new}))
        yield time.monotonic_ns() - began


async def _hear(line: Line, hops: list[int]) -> None:
    line.send(command("SUBSCRIBE", HOP))
    while True:
        items = await line.take()
        now = time.time_ns()
        hops.extend(now - int(item[2][:DIGITS]) for item in items if item[0] == b"message")


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not true():
            await asyncio.sleep(0.01)


@contextmanager
def _publisher(site: Site) -> Iterator[IO[str]]:
    """A running one that has put the tables; a line makes it publish a round."""
    given = site.backing.given
    command_line = [sys.executable, "-m", "perf.publisher", site.backing.valkey.url]
    command_line += ["--count", str(PUBLISHED), "--profile", given.profile.name]
    there = {**os.environ, "PYTHONPATH": str(TESTS)}
    with pinned(site.serving):
        process = subprocess.Popen(
            command_line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=there
        )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield process.stdin
        finally:
            process.kill()


IN_REDIS: dict[str, Callable[[Site, int], Iterator[Row]]] = {"M13": flushing, "M16": publishing}
