"""Write-behind: whoever has something to write only marks it; this sends it a moment later.

Sources keep what is marked, the newest of each key, and pack it when they are asked. The
first mark leaves at once, those that follow within the interval leave together, in slices
that hold the loop for less than a millisecond, each slice one write. A server that is gone
or stopped never blocks a mark: sources go on conflating, and a new connection (a new epoch)
begins with everything that lives. The same goes for a server that turns out to be empty.
With nothing to send it asks whether the server is there, so that `up` stays true.
"""

import asyncio
from collections.abc import Callable
from itertools import islice
from random import Random
from typing import Any, NamedTuple, Protocol

import msgspec

from karb.adapters.redis.address import Address
from karb.adapters.redis.errors import AsleepError, AwayError, LostError, check
from karb.adapters.redis.line import PATIENCE, Line, backoff, opened
from karb.adapters.redis.resp import command
from karb.domain.units import SECOND, Nanos
from karb.errors import KarbError

INTERVAL = 0.005
"""Seconds from one flush to the next."""
BEAT = 0.25
"""Seconds between signs of life."""
ASLEEP: Nanos = SECOND
"""A process that was kept from looking for so long does not vouch for what it knew before."""
SLEPT: Nanos = 10 * SECOND
"""Shorter than that it was a busy machine, at a start or an end mostly, and is not told: what it
published is true again within a second."""
BEATS_MISSED = 4
SETTLED = 0.5
"""Seconds after that in which whoever puts entries sees it as well, and puts what is true."""
RENEWAL = 1_200.0
"""Seconds between renewals of what expires: a third of the shortest life."""
SLICE = 50
"""Quotes in one write, in table and cache alike; what takes longer to pack weighs more."""
_PING = command("PING")


class Packed(NamedTuple):
    """Commands ready to be sent, how many replies they bring, and the room they took.

    `more`: there were more marks than there was room for.
    """

    data: bytes
    replies: int
    entries: int
    room: int
    more: bool


def oldest(marked: dict[str, None], most: int) -> list[str]:
    """Take the oldest marks, at most so many."""
    if len(marked) <= most:
        keys = list(marked)
        marked.clear()
        return keys
    keys = list(islice(marked, most))
    for key in keys:
        del marked[key]
    return keys


class Source(Protocol):
    """What is written behind. All is called on the loop, one pack at a time."""

    def begin(self, epoch: int) -> None:
        """A connection begins, or the server was emptied: everything that lives is marked."""
        ...

    def beat(self) -> None:
        """Mark a sign of life, where there is anybody to give it to."""
        ...

    def renew(self) -> None:
        """Mark what would expire though it lives."""
        ...

    def pack(self, room: int) -> Packed | None:
        """Take the oldest marks, about as many as there is room for; None without any."""
        ...

    def settle(self, replies: list[Any]) -> bool:
        """The server took the last pack. False: it has lost what it took before."""
        ...


class Counts(msgspec.Struct):
    """What a writer has done, for the screen. `connections` counts the first one, too."""

    writes: int = 0
    entries: int = 0
    failures: int = 0
    connections: int = 0
    emptied: int = 0


class Writer:
    """One connection that sends what its sources have marked. `up`: it is signed in now.

    `clock` is one that nobody sets and that goes on while the machine sleeps. `told` hears of
    every kind of failure once, until a flush went well again.
    """

    def __init__(
        self,
        address: Address,
        *,
        random: Random,
        clock: Callable[[], Nanos],
        told: Callable[[KarbError], None],
        interval: float = INTERVAL,
        beat: float = BEAT,
        renewal: float = RENEWAL,
        patience: float = PATIENCE,
    ) -> None:
        self._address, self._told, self._clock = address, told, clock
        self._interval, self._beat, self._renewal = interval, beat, renewal
        self._patience = patience
        self._waits = backoff(random)
        self._sources: list[Source] = []
        self._marked = asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []
        self._failure: KarbError | None = None
        self._kinds: set[str] = set()
        self._epoch = 0
        self._looked = clock()
        self.counts = Counts()
        self.up = False

    def add(self, source: Source) -> None:
        """Write behind for this source as well, after those that were added before."""
        self._sources.append(source)

    def wake(self) -> None:
        """Something was marked."""
        self._marked.set()

    async def run(self) -> None:
        """Send what is marked, forever. Raises only what a person has to mend."""
        while True:
            try:
                async with opened(self._address, patience=self._patience) as line:
                    await self._serve(line)
            except AwayError as error:
                self._failed(error)
            except KarbError as error:
                self._failure = error
                raise
            finally:
                self.up = False
            asleep = isinstance(self._failure, AsleepError)
            await asyncio.sleep(max(SETTLED if asleep else 0.0, self._waits.next()))

    async def drained(self, within: float) -> None:
        """Wait until the server has taken everything marked so far.

        `within` is in seconds; raises `StoreDownError`, or what ended `run`.
        """
        sent = asyncio.get_running_loop().create_future()
        self._waiting.append(sent)
        self.wake()
        try:
            async with asyncio.timeout(within):
                await sent
        except TimeoutError:
            raise self._failure or LostError(f"nothing was taken within {within:g} s") from None

    async def _serve(self, line: Line) -> None:
        loop = asyncio.get_running_loop()
        self.counts.connections += 1
        self.up = True
        self._begin()
        self._looked = self._clock()
        beating = asyncio.create_task(self._keep_alive())
        try:
            while True:
                await self._marked.wait()
                self._marked.clear()
                if self._asleep():
                    raise AsleepError(self._unseen())
                began = loop.time()
                await self._flush(line)
                await asyncio.sleep(max(0.0, began + self._interval - loop.time()))
        finally:
            beating.cancel()

    def _asleep(self) -> bool:
        """Whether this process was kept from looking for longer than it can vouch for."""
        return self._unseen() > max(ASLEEP, round(BEATS_MISSED * self._beat * SECOND))

    def _unseen(self) -> Nanos:
        return self._clock() - self._looked

    async def _keep_alive(self) -> None:
        beats, renewed = 0, max(1, round(self._renewal / self._beat))
        while True:
            await asyncio.sleep(self._beat)
            if self._asleep():
                self.wake()
                return
            self._looked = self._clock()
            beats += 1
            for source in self._sources:
                source.beat()
                if beats % renewed == 0:
                    source.renew()
            self.wake()

    def _begin(self) -> None:
        self._epoch += 1
        for source in self._sources:
            source.begin(self._epoch)
        self.wake()

    async def _flush(self, line: Line) -> None:
        waiting = len(self._waiting)
        packs, more = self._slice()
        if not packs:
            check(await line.ask(_PING, 1, self._patience))
        kept = True
        while packs:
            kept = await self._sent(line, packs) and kept
            packs, more = self._slice() if more else ([], False)
        self._went_well(waiting)
        if not kept:
            self.counts.emptied += 1
            self._begin()

    def _slice(self) -> tuple[list[tuple[Source, Packed]], bool]:
        """What one write takes, and whether that may not have been all."""
        packs, room = list[tuple[Source, Packed]](), SLICE
        for source in self._sources:
            packed = source.pack(room)
            if packed is not None:
                packs.append((source, packed))
                room -= packed.room
            if room <= 0:
                return packs, True
        return packs, any(packed.more for _, packed in packs)

    async def _sent(self, line: Line, packs: list[tuple[Source, Packed]]) -> bool:
        """Send packs as one write; False: the server has lost what it took before."""
        data = b"".join([packed.data for _, packed in packs])
        count = sum(packed.replies for _, packed in packs)
        replies = await line.ask(data, count, self._patience)
        check(replies)
        self.counts.writes += 1
        kept, start = True, 0
        for source, packed in packs:
            kept = source.settle(replies[start : start + packed.replies]) and kept
            start += packed.replies
            self.counts.entries += packed.entries
        return kept

    def _went_well(self, waiting: int) -> None:
        self._failure = None
        self._kinds.clear()
        self._waits.reset()
        done, self._waiting = self._waiting[:waiting], self._waiting[waiting:]
        for sent in done:
            if not sent.done():
                sent.set_result(None)

    def _failed(self, error: AwayError) -> None:
        self.counts.failures += 1
        self._failure = error
        if isinstance(error, AsleepError) and error.span < SLEPT:
            return
        if error.kind not in self._kinds:
            self._kinds.add(error.kind)
            self._told(error)
