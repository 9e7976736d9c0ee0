"""A bus that ends with the process: for tests, and as the model of the one over Redis.

A `MemoryServer` stands for what buses share; each bus is one process's end of it. Nothing
is packed and nothing gets lost on the way, so what is left is what the port promises.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from karb.domain.edge.signal import Signal
from karb.ports import News, Topic

INTERVAL, BEAT, SILENCE, ABANDONED = 0.005, 0.25, 1.0, 5.0
"""Seconds: between flushes, between signs of life, until quotes are stale, until a signal
that a consumer took and did not acknowledge is another's to take."""


class _Held(NamedTuple):
    value: Any
    writer: "MemoryBus"


class _Taken(NamedTuple):
    consumer: str
    since: float


class _Group:
    """Which signals a group of consumers has not taken, or not acknowledged."""

    def __init__(self) -> None:
        self.next = 0
        self.pending: dict[int, _Taken] = {}

    def give(self, consumer: str, end: int, now: float, abandoned: float) -> int | None:
        """The next signal for this consumer, by its place; None for now."""
        for place, taken in self.pending.items():
            if now - taken.since >= abandoned:
                self.pending[place] = _Taken(consumer, now)
                return place
        if self.next >= end:
            return None
        place, self.next = self.next, self.next + 1
        self.pending[place] = _Taken(consumer, now)
        return place


class MemoryServer:
    """What buses of several processes share."""

    def __init__(self) -> None:
        self.tables: dict[Topic, dict[str, _Held]] = {topic: {} for topic in Topic}
        self.heard: dict[MemoryBus, float] = {}
        self.signals: list[Signal] = []
        self.groups: dict[str, _Group] = {}
        self.listeners: list[_Listener] = []
        self.sent = asyncio.Condition()

    def publish(self, topic: Topic, changed: dict[str, Any], writer: "MemoryBus") -> None:
        """Change a table and tell everybody."""
        for key, value in changed.items():
            if value is None:
                self.tables[topic].pop(key, None)
            else:
                self.tables[topic][key] = _Held(value, writer)
        for listener in self.listeners:
            listener.hear(topic, changed, writer)


class _Listener:
    """One follower: batches that it has not handed over yet, and which writers it hears."""

    def __init__(
        self,
        server: MemoryServer,
        topics: Sequence[Topic],
        take: Callable[[News], None],
        stale: Callable[[Topic], None],
        silence: float,
    ) -> None:
        self._server, self._topics = server, frozenset(topics)
        self._take, self._stale, self._silence = take, stale, silence
        self._queue: deque[tuple[Topic, dict[str, Any], MemoryBus]] = deque()
        self._came = asyncio.Event()
        self._alive: set[MemoryBus] = set()

    def hear(self, topic: Topic, changed: dict[str, Any], writer: "MemoryBus") -> None:
        """A batch."""
        if topic in self._topics:
            self._queue.append((topic, changed, writer))
            self._came.set()

    async def run(self) -> None:
        """Hand over everything, forever."""
        for topic in self._topics:
            self._read_whole(topic)
        while True:
            self._came.clear()
            if not self._queue:
                await self._wait()
            if Topic.QUOTES in self._topics:
                self._check()
            while self._queue:
                self._hand_over(*self._queue.popleft())

    async def _wait(self) -> None:
        """Until a batch comes, or a writer should have been heard."""
        now = asyncio.get_running_loop().time()
        due = [self._server.heard[writer] + self._silence - now for writer in self._alive]
        try:
            await asyncio.wait_for(self._came.wait(), max(0.0, min(due)) if due else None)
        except TimeoutError:
            return

    def _check(self) -> None:
        if self._alive - self._living():
            self._stale(Topic.QUOTES)
            self._read_whole(Topic.QUOTES)

    def _hand_over(self, topic: Topic, changed: dict[str, Any], writer: "MemoryBus") -> None:
        if topic is Topic.QUOTES and writer not in self._alive:
            self._read_whole(topic)
        elif changed or topic is Topic.QUOTES:
            self._take(News(topic, changed))

    def _living(self) -> set["MemoryBus"]:
        now = asyncio.get_running_loop().time()
        return {w for w, heard in self._server.heard.items() if now - heard < self._silence}

    def _read_whole(self, topic: Topic) -> None:
        entries = {key: held.value for key, held in self._server.tables[topic].items()}
        if topic is Topic.QUOTES:
            self._alive = self._living()
            for key, held in self._server.tables[topic].items():
                if held.writer not in self._alive:
                    entries[key] = msgspec.structs.replace(held.value, live=False)
        self._take(News(topic, entries, whole=True))


class MemoryBus:
    """The port `Bus`: one process's end."""

    def __init__(
        self,
        server: MemoryServer,
        *,
        interval: float = INTERVAL,
        beat: float = BEAT,
        silence: float = SILENCE,
        abandoned: float = ABANDONED,
    ) -> None:
        self._server = server
        self._interval, self._beat = interval, beat
        self._silence, self._abandoned = silence, abandoned
        self._changed: dict[Topic, dict[str, Any]] = {topic: {} for topic in Topic}
        self._signals: list[Signal] = []
        self._marked = asyncio.Event()

    def put(self, topic: Topic, key: str, value: Any) -> None:
        """Set an entry."""
        self._changed[topic][key] = value
        self._marked.set()

    def drop(self, topic: Topic, key: str) -> None:
        """Take an entry away."""
        self.put(topic, key, None)

    def send(self, signal: Signal) -> None:
        """Append a signal to the stream."""
        self._signals.append(signal)
        self._marked.set()

    async def run(self) -> None:
        """Hand on what was marked, forever."""
        while True:
            try:
                await asyncio.wait_for(self._marked.wait(), self._beat)
            except TimeoutError:
                if self in self._server.heard:
                    self._tell(Topic.QUOTES)
                continue
            self._marked.clear()
            for topic in Topic:
                if self._changed[topic]:
                    self._tell(topic)
            await self._send()
            await asyncio.sleep(self._interval)

    async def follow(
        self,
        topics: Sequence[Topic],
        take: Callable[[News], None],
        stale: Callable[[Topic], None],
    ) -> None:
        """Hand over the whole of each topic, then every batch, forever."""
        listener = _Listener(self._server, topics, take, stale, self._silence)
        self._server.listeners.append(listener)
        try:
            await listener.run()
        finally:
            self._server.listeners.remove(listener)

    async def signals(self, group: str, consumer: str, take: Callable[[Signal], None]) -> None:
        """Hand over signals, each to one consumer of the group, forever."""
        server, now = self._server, asyncio.get_running_loop().time
        one = server.groups.setdefault(group, _Group())
        for place, taken in list(one.pending.items()):
            if taken.consumer == consumer:
                take(server.signals[place])
                del one.pending[place]
        while True:
            given = one.give(consumer, len(server.signals), now(), self._abandoned)
            if given is None:
                await self._more()
            else:
                take(server.signals[given])
                del one.pending[given]

    def _tell(self, topic: Topic) -> None:
        changed, self._changed[topic] = self._changed[topic], {}
        if topic is Topic.QUOTES:
            self._server.heard[self] = asyncio.get_running_loop().time()
        self._server.publish(topic, changed, self)

    async def _send(self) -> None:
        async with self._server.sent:
            self._server.signals += self._signals
            self._signals.clear()
            self._server.sent.notify_all()

    async def _more(self) -> None:
        """Until a signal was sent, or one may have been abandoned."""
        async with self._server.sent:
            try:
                await asyncio.wait_for(self._server.sent.wait(), self._abandoned / 2)
            except TimeoutError:
                return
