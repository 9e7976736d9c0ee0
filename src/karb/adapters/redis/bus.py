"""The port `Bus` over Redis: tables that are written behind, followed tables, signals."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

import msgspec

from karb.adapters.redis.address import Address
from karb.adapters.redis.errors import AwayError
from karb.adapters.redis.following import Following
from karb.adapters.redis.line import PATIENCE, Line, backoff, opened
from karb.adapters.redis.names import names_of
from karb.adapters.redis.signals import ABANDONED, Consumer, SignalLog
from karb.adapters.redis.topic_reader import TopicReader
from karb.adapters.redis.topic_table import TopicTable
from karb.adapters.redis.writer import Source, Writer
from karb.domain.edge.signal import Signal
from karb.domain.units import Nanos
from karb.errors import DecodeError, KarbError
from karb.ports import News, Quoted, Topic

SILENCE = 1.0
"""Seconds without a batch of quotes or a sign of life after which they are stale."""


class Heard(msgspec.Struct):
    """What followers and consumers of this process have met, for the screen.

    `reconnects` are connections after one that broke; `unread` is what could not be read.
    """

    reconnects: int = 0
    stale: int = 0
    unread: int = 0


class RedisBus:
    """Puts through `writer`, which it runs; follows over connections of their own.

    `told` hears once why a table cannot be followed, until it can be again.
    """

    def __init__(
        self,
        address: Address,
        writer: Writer,
        *,
        now: Callable[[], Nanos],
        random: Random,
        told: Callable[[KarbError], None],
        silence: float = SILENCE,
        patience: float = PATIENCE,
        abandoned: float = ABANDONED,
    ) -> None:
        self._address, self._writer, self._random, self._told = address, writer, random, told
        self._silence, self._patience, self._abandoned = silence, patience, abandoned
        name = f"{random.getrandbits(32):08x}"
        self._log = SignalLog()
        self._tables = {topic: TopicTable(topic, address.db, name, now) for topic in Topic}
        sources: tuple[Source, ...] = (self._log, *self._tables.values())
        for source in sources:
            writer.add(source)
        self.heard = Heard()

    @property
    def lost_signals(self) -> int:
        """Signals that never left, because too many waited for a server."""
        return self._log.lost

    def is_live(self, ticker: str) -> bool:
        """Whether the newest prices that were put for this market stand on a live book."""
        quoted: Quoted | None = self._tables[Topic.QUOTES].get(ticker)
        return quoted is not None and quoted.live

    def put(self, topic: Topic, key: str, value: Any) -> None:
        """Set an entry."""
        self._tables[topic].put(key, value)
        self._writer.wake()

    def drop(self, topic: Topic, key: str) -> None:
        """Take an entry away."""
        self._tables[topic].drop(key)
        self._writer.wake()

    def send(self, signal: Signal) -> None:
        """Append a signal to the stream."""
        self._log.send(signal)
        self._writer.wake()

    async def run(self) -> None:
        """Send what was marked, forever."""
        await self._writer.run()

    async def follow(
        self,
        topics: Sequence[Topic],
        take: Callable[[News], None],
        stale: Callable[[Topic], None],
    ) -> None:
        """Hand over the whole of each topic, then every batch, forever."""

        def gone_stale(topic: Topic) -> None:
            self.heard.stale += 1
            stale(topic)

        readers = {
            names_of(topic, self._address.db): TopicReader(
                topic,
                take=take,
                stale=gone_stale,
                unread=self._unread(),
                silence=self._silence if topic is Topic.QUOTES else None,
            )
            for topic in topics
        }

        def lose() -> None:
            for reader in readers.values():
                reader.lose()

        async def listen(line: Line) -> None:
            await Following(line, readers, patience=self._patience).run()

        await self._kept(listen, lose)

    async def signals(self, group: str, consumer: str, take: Callable[[Signal], None]) -> None:
        """Hand over signals, each to one consumer of the group, forever."""
        unread = self._unread()

        async def consume(line: Line) -> None:
            await Consumer(
                line,
                group,
                consumer,
                take=take,
                unread=unread,
                patience=self._patience,
                abandoned=self._abandoned,
            ).run()

        await self._kept(consume, lambda: None)

    async def _kept(
        self, work: Callable[[Line], Awaitable[None]], lose: Callable[[], None]
    ) -> None:
        """Work over one connection after the other. Raises what a person has to mend."""
        loop = asyncio.get_running_loop()
        waits, connections, quiet = backoff(self._random), 0, False
        while True:
            signed_in = math.inf
            try:
                async with opened(self._address, patience=self._patience) as line:
                    signed_in, quiet = loop.time(), False
                    self.heard.reconnects += connections > 0
                    connections += 1
                    await work(line)
            except AwayError as error:
                lose()
                if loop.time() - signed_in > self._silence:
                    waits.reset()
                if not quiet:
                    self._told(error)
                quiet = True
            await asyncio.sleep(waits.next())

    def _unread(self) -> Callable[[DecodeError], None]:
        """Counts what cannot be read, and tells each kind of it once."""
        kinds: set[type[DecodeError]] = set()

        def unread(error: DecodeError) -> None:
            self.heard.unread += 1
            if type(error) not in kinds:
                kinds.add(type(error))
                self._told(error)

        return unread
