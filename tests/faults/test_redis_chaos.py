"""Three writers, one follower, and a server to which everything happens, by a seed."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic_ns, time_ns

import pytest

from bus_listener import STALE, Listener, quoted, running, until
from karb.adapters.redis.address import address_of
from karb.adapters.redis.bus import RedisBus
from karb.adapters.redis.writer import Writer
from karb.ports import News, Topic
from own_valkey import OwnValkey, own_valkey

SECONDS, SHARDS, MARKETS = 3.0, 3, 100


class Strict(Listener):
    """Fails the following when anything but a whole table comes after `stale`."""

    def take(self, news: News) -> None:
        assert news.whole or self.told[-1] != STALE
        super().take(news)


def opened(server: OwnValkey) -> RedisBus:
    address, chance = address_of(server.url), Random()
    writer = Writer(
        address, random=chance, clock=monotonic_ns, told=_unheard, beat=0.05, patience=0.4
    )
    return RedisBus(
        address, writer, now=time_ns, random=chance, told=_unheard, silence=0.5, patience=0.4
    )


def _unheard(error: Exception) -> None:
    """What is said about the trouble is another test's concern."""


class Chaos:
    """What happens to one server; `truth` is what the writers have put, by market."""

    def __init__(self, server: OwnValkey, seed: int) -> None:
        self.server, self.random = server, Random(seed)
        self.shards = [opened(server) for _ in range(SHARDS)]
        self.truth: dict[str, int] = {}
        self.puts = 0

    async def put_and_drop(self) -> None:
        """Every writer puts and drops markets of its own."""
        while True:
            shard = self.random.randrange(SHARDS)
            for _ in range(self.random.randrange(1, 20)):
                self._change(self.shards[shard], f"{shard}-{self.random.randrange(MARKETS)}")
            await asyncio.sleep(self.random.uniform(0, 0.01))

    def _change(self, bus: RedisBus, ticker: str) -> None:
        if self.random.random() < 0.1:
            self.truth.pop(ticker, None)
            bus.drop(Topic.QUOTES, ticker)
        else:
            self.puts += 1
            self.truth[ticker] = self.puts
            bus.put(Topic.QUOTES, ticker, quoted(ticker, self.puts))

    async def trouble(self) -> None:
        """One thing after the other happens to the server."""
        events: tuple[Callable[[], Awaitable[None]], ...] = (
            self._kill,
            self._hang,
            partial(self._ask, "FLUSHALL"),
            partial(self._ask, "CLIENT", "KILL", "TYPE", "normal"),
            partial(self._ask, "CLIENT", "KILL", "TYPE", "pubsub"),
            partial(self._ask, "PUBLISH", "karb:bus:quotes", self.random.randbytes(20)),
        )
        while True:
            await asyncio.sleep(self.random.uniform(0, 0.4))
            await self.random.choice(events)()

    async def _kill(self) -> None:
        self.server.kill()
        try:
            await asyncio.sleep(self.random.uniform(0, 0.5))
        finally:
            self.server.start()

    async def _hang(self) -> None:
        self.server.stop()
        try:
            await asyncio.sleep(self.random.uniform(0, 0.8))
        finally:
            self.server.go_on()

    async def _ask(self, *command: object) -> None:
        await asyncio.to_thread(self.server.ask, *command)


@pytest.mark.parametrize("seed", [1, 2])
def test_when_the_trouble_is_over_the_follower_has_what_the_writers_put(
    tmp_path: Path, seed: int
) -> None:
    async def suite(server: OwnValkey) -> None:
        chaos, heard = Chaos(server, seed), Strict()
        following = heard.follow(opened(server), Topic.QUOTES)
        async with running(following, *(bus.run() for bus in chaos.shards)):
            async with running(chaos.put_and_drop()):
                async with running(chaos.trouble()):
                    await asyncio.sleep(SECONDS)
                await asyncio.sleep(0.1)
            await until(lambda: _live(heard) == chaos.truth)
        assert chaos.puts > 500
        assert heard.times_stale > 1

    with own_valkey(tmp_path) as server:
        asyncio.run(suite(server))


def _live(heard: Listener) -> dict[str, int | None]:
    """The bids that may be decided on."""
    return {t: each.quote.yes_bid for t, each in heard.quotes.items() if each.live}
