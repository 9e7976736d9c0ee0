"""The bus of one process: services hear each other at once, by calls, other processes later.

`karb run` needs no server for anything that decides. What its services put is handed to
each other here, and then to the bus between processes, which may be away.
"""

from collections.abc import Callable, Sequence
from typing import Any

from karb.domain.edge.signal import Signal
from karb.ports import Bus, News, Topic

Take = Callable[[News], None]


class LocalBus:
    """A `Bus` that tells takers of this process first; `others` is the bus between processes."""

    def __init__(self, others: Bus) -> None:
        self._others = others
        self._takers: dict[Topic, list[Take]] = {topic: [] for topic in Topic}

    def tell(self, topic: Topic, take: Take) -> None:
        """Name who hears of a topic in this process."""
        self._takers[topic].append(take)

    def put(self, topic: Topic, key: str, value: Any) -> None:
        """Set an entry."""
        self._others.put(topic, key, value)
        self._told(topic, key, value)

    def drop(self, topic: Topic, key: str) -> None:
        """Take an entry away."""
        self._others.drop(topic, key)
        self._told(topic, key, None)

    def send(self, signal: Signal) -> None:
        """Append a signal to the stream between processes."""
        self._others.send(signal)

    async def run(self) -> None:
        """Serve the bus between processes."""
        await self._others.run()

    async def follow(
        self, topics: Sequence[Topic], take: Take, stale: Callable[[Topic], None]
    ) -> None:
        """Follow the tables of other processes."""
        await self._others.follow(topics, take, stale)

    async def signals(self, group: str, consumer: str, take: Callable[[Signal], None]) -> None:
        """Consume the signals of other processes."""
        await self._others.signals(group, consumer, take)

    def _told(self, topic: Topic, key: str, value: Any) -> None:
        for take in self._takers[topic]:
            take(News(topic, {key: value}))
