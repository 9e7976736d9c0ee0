"""Following tables: one connection that hears batches and reads whole tables.

It subscribes first. On one connection the server's answers come in the order of what it
did, so a batch that comes before a table's reading is in that table already.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from hiredis import PushNotification

from karb.adapters.redis.errors import LostError, check
from karb.adapters.redis.line import Line
from karb.adapters.redis.names import Names
from karb.adapters.redis.resp import command
from karb.adapters.redis.topic_reader import TopicReader

CHECK = 1.0
"""Seconds between two questions whether the server is still there."""
_PING, _MULTI, _EXEC = command("PING"), command("MULTI"), command("EXEC")


class Following:
    """One connection's worth of following."""

    def __init__(
        self, line: Line, readers: Mapping[Names, TopicReader], *, patience: float
    ) -> None:
        self._line, self._readers, self._patience = line, readers, patience
        self._by_channel = {n.channel.encode(): reader for n, reader in readers.items()}
        self._asked: deque[TopicReader] = deque()
        self._answered = asyncio.get_running_loop().time()
        self._ping_at = self._answered

    async def run(self) -> None:
        """Hand on what comes, until the connection ends. Raises what the line raises."""
        loop = asyncio.get_running_loop()
        channels = [names.channel for names in self._readers]
        self._line.send(command("SUBSCRIBE", *channels))
        while True:
            self._ask(loop.time())
            items = await self._line.take(self._until())
            now = loop.time()
            # Before anything else: what waited while nobody read it is no sign of life.
            for reader in self._readers.values():
                reader.check(now)
            for item in items:
                self._on_item(item, now)
            if now - self._answered > CHECK + self._patience:
                raise LostError(f"nothing came within {self._patience:g} s")

    def _ask(self, now: float) -> None:
        """Ask for the whole tables that are wanted, and whether the server is there."""
        for names, reader in self._readers.items():
            if reader.wants_at is not None and reader.wants_at <= now:
                reader.on_asked(now)
                self._asked.append(reader)
                self._line.send(_read(names))
        if now >= self._ping_at:
            self._ping_at = now + CHECK
            self._line.send(_PING)

    def _until(self) -> float:
        times = [self._ping_at]
        for reader in self._readers.values():
            times += (at for at in (reader.wants_at, reader.deadline()) if at is not None)
        return min(times)

    def _on_item(self, item: Any, now: float) -> None:
        if isinstance(item, PushNotification):
            if item[0] == b"message":
                self._by_channel[item[1]].on_batch(item[2], now)
            return
        self._answered = now
        check([item])
        if isinstance(item, list):
            table, writers = item
            self._asked.popleft().on_whole(table, writers)


def _read(names: Names) -> bytes:
    """Table and writers in one step."""
    read = command("HGETALL", names.table) + command("HGETALL", names.writers)
    return _MULTI + read + _EXEC
