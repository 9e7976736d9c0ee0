"""The stream of signals: each is kept until one consumer of the group has taken it.

Whoever dies with signals in hand leaves them to the others after a few seconds. A signal
may come twice, when the answer to its acknowledgement is lost; it has an id for that.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from hiredis import ReplyError

from karb.adapters.redis.errors import check, told
from karb.adapters.redis.line import Line
from karb.adapters.redis.names import SIGNALS
from karb.adapters.redis.packing import pack_signal, unpack_signal
from karb.adapters.redis.resp import command
from karb.adapters.redis.writer import Packed
from karb.domain.edge.signal import Signal
from karb.errors import DecodeError

KEPT = 10_000
"""About how many signals the stream keeps, and how many wait here for a server at most."""
AT_ONCE = 100
BLOCK = 1.0
"""Seconds that the server waits for a signal before it answers that there is none."""
ABANDONED = 5.0
"""Seconds after which what a consumer took and did not acknowledge is another's to take."""
_WEIGHT = 3
_FIELD = b"signal"


class SignalLog:
    """A source of the writer: signals in their order, none conflated, `lost` past the bound."""

    def __init__(self) -> None:
        self._waiting: deque[Signal] = deque()
        self._leaving = 0
        self.lost = 0

    def send(self, signal: Signal) -> None:
        """Mark a signal; when too many wait the oldest, long expired, is lost."""
        if len(self._waiting) >= KEPT:
            self._waiting.popleft()
            self._leaving = max(0, self._leaving - 1)
            self.lost += 1
        self._waiting.append(signal)

    def begin(self, epoch: int) -> None:
        """What was not acknowledged is sent again."""
        del epoch
        self._leaving = 0

    def beat(self) -> None:
        """Nobody waits for signs of life here."""

    def renew(self) -> None:
        """Nothing expires here."""

    def pack(self, room: int) -> Packed | None:
        """The oldest signals."""
        signals = list(islice(self._waiting, max(1, room // _WEIGHT)))
        if not signals:
            return None
        self._leaving = len(signals)
        data = b"".join(map(_adding, signals))
        count = len(signals)
        return Packed(data, count, count, count * _WEIGHT, count < len(self._waiting))

    def settle(self, replies: list[Any]) -> bool:
        """The stream has them."""
        del replies
        for _ in range(self._leaving):
            self._waiting.popleft()
        self._leaving = 0
        return True


def _adding(signal: Signal) -> bytes:
    packed = pack_signal(signal)
    return command("XADD", SIGNALS, "MAXLEN", "~", str(KEPT), "*", _FIELD, packed)


class Consumer:
    """One consumer of a group, over one connection."""

    def __init__(
        self,
        line: Line,
        group: str,
        name: str,
        *,
        take: Callable[[Signal], None],
        unread: Callable[[DecodeError], None],
        patience: float,
        abandoned: float = ABANDONED,
    ) -> None:
        self._line, self._group, self._name = line, group, name
        self._take, self._unread = take, unread
        self._patience, self._abandoned = patience, abandoned
        self._block = min(BLOCK, abandoned / 2)

    async def run(self) -> None:
        """Take signals until the connection ends. Raises what the line raises."""
        loop = asyncio.get_running_loop()
        await self._join()
        while await self._read("0"):
            pass
        claim_at = loop.time()
        while True:
            if loop.time() >= claim_at:
                await self._claim()
                claim_at = loop.time() + self._abandoned
            await self._read(">")

    async def _join(self) -> None:
        """Be sure that there is a group; a new one begins with the oldest signal kept."""
        made = await self._ask("XGROUP", "CREATE", SIGNALS, self._group, "0", "MKSTREAM")
        if isinstance(made, ReplyError) and not str(made).startswith("BUSYGROUP"):
            raise told(made)

    async def _read(self, start: str) -> int:
        """Take new signals (`>`), or those in hand since before a restart (`0`); how many."""
        block = str(round(self._block * 1000))
        where = ("COUNT", str(AT_ONCE), "BLOCK", block, "STREAMS", SIGNALS, start)
        reply = await self._ask("XREADGROUP", "GROUP", self._group, self._name, *where)
        if isinstance(reply, ReplyError):
            if not str(reply).startswith(("NOGROUP", "UNBLOCKED")):
                raise told(reply)
            await self._join()
            return 0
        entries = reply[SIGNALS.encode()] if reply else []
        await self._hand_over(entries)
        return len(entries)

    async def _claim(self) -> None:
        """Take what others took and never acknowledged."""
        start = "0-0"
        while True:
            where = (str(round(self._abandoned * 1000)), start, "COUNT", str(AT_ONCE))
            reply = await self._ask("XAUTOCLAIM", SIGNALS, self._group, self._name, *where)
            if isinstance(reply, ReplyError):
                if str(reply).startswith("NOGROUP"):
                    return
                raise told(reply)
            await self._hand_over(reply[1])
            start = reply[0].decode()
            if start == "0-0":
                return

    async def _hand_over(self, entries: list[Any]) -> None:
        done: list[bytes] = []
        try:
            for entry, fields in entries:
                self._on_entry(fields)
                done.append(entry)
        finally:
            if done:
                check([await self._ask("XACK", SIGNALS, self._group, *done)])

    def _on_entry(self, fields: list[bytes] | None) -> None:
        """Take one; what cannot be read, or was trimmed meanwhile, is told and let go."""
        try:
            signal = unpack_signal(fields[1] if fields and fields[0] == _FIELD else b"")
        except DecodeError as error:
            self._unread(error)
        else:
            self._take(signal)

    async def _ask(self, *parts: str | bytes) -> Any:
        (reply,) = await self._line.ask(command(*parts), 1, self._block + self._patience)
        return reply
