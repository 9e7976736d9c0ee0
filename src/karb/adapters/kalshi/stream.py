"""Kalshi's news over a WebSocket: connects, reads, and hands every text to who takes it.

The reader is a loop that gets a frame and calls `on_text`, without a queue or a task in
between: what is decided on a price is decided before the next frame is looked at. What to
send, and whether the connection lives, the session says (`session`); here it is only done.

A text that cannot be read is counted and told now and then; it ends nothing. A connection
that ends is made anew, at random within a time that doubles; what it told is forgotten first
(`on_lost`). A key that is refused ends the whole: asking again would not help.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from random import Random
from typing import NamedTuple, NoReturn
from urllib.parse import urlsplit

from karb.adapters.backoff import full_jitter
from karb.adapters.kalshi.actions import Action, Alive, Close, Send, Stale, Tell
from karb.adapters.kalshi.auth import Signer
from karb.adapters.kalshi.errors import ClockSkewedError, clock_off
from karb.adapters.kalshi.pulse import AWAY
from karb.adapters.kalshi.session import TICK, Session
from karb.adapters.kalshi.stream_errors import broken, ended
from karb.adapters.kalshi.transport import Library, Socket, dial, library
from karb.domain.units import SECOND, Nanos
from karb.errors import DecodeError, KarbError

TURN, TIMED = 256, 16
"""Texts that may be read in one go before others get their turn; one in so many is timed."""
SEND_SECONDS = 5.0
FIRST, LONGEST, LONGEST_WORKED = 0.1, 30.0, 2.0
"""Seconds before connecting again: at first, at most, and at most after one that worked."""
SETTLED: Nanos = 2 * SECOND
"""A connection that was of use for this long counts as no failure."""
REPEAT: Nanos = 60 * SECOND
"""How often unreadable texts are told of."""


class Takers(NamedTuple):
    """Who is behind a stream: plain calls that never wait.

    `on_text` gets each text and raises only `DecodeError`; `timed` does the same for one text
    in `TIMED` and takes the time, which costs a tenth of a text. `on_lost`: nothing that was
    told may be decided on any more; `on_alive` the time up to which the feed is known to have
    been alive; `trouble` what went wrong and is being mended.
    """

    on_text: Callable[[bytes], object]
    timed: Callable[[bytes], object]
    on_lost: Callable[[], object]
    on_alive: Callable[[Nanos], object]
    trouble: Callable[[KarbError], object]


class Counts:
    """What a screen shows of a stream. `connected` is since when, None while it is not."""

    __slots__ = ("connected", "connects", "last", "octets", "texts", "unreadable")

    def __init__(self) -> None:
        self.texts = self.octets = self.unreadable = self.connects = 0
        self.connected: Nanos | None = None
        self.last: Nanos | None = None


class KalshiStream:
    """`ports.BookFeed` over one connection at a time.

    `now` is the time of day, `clock` one that nobody sets and that goes on while the machine
    sleeps. `url` says where; the path in it is signed.
    """

    def __init__(
        self,
        url: str,
        session: Session,
        takers: Takers,
        *,
        signer: Signer | None,
        now: Callable[[], Nanos],
        clock: Callable[[], Nanos],
        random: Random,
        through: Library | None = None,
    ) -> None:
        self._url, self._path = url, urlsplit(url).path
        self._session, self._takers, self._signer = session, takers, signer
        self._now, self._clock, self._random = now, clock, random
        self._through = through or library()
        self._wake = asyncio.Event()
        session.wake = self._wake.set
        self._failures = 0
        self._told: Nanos | None = None
        self._looked: Nanos = 0
        self.counts = Counts()

    def subscribe(self, tickers: Iterable[str]) -> None:
        """Follow these markets as well."""
        self._session.want(tickers)

    def unsubscribe(self, tickers: Iterable[str]) -> None:
        """Follow these no longer."""
        self._session.unwant(tickers)

    async def run(self) -> None:
        """Connect, read, connect again; raises what connecting again cannot mend."""
        while True:
            try:
                await self._connection()
            except KarbError as error:
                lived = self._session.disconnected(self._clock())
                if not error.retryable:
                    raise
                self._takers.trouble(error)
            await asyncio.sleep(self._pause(lived))

    async def _connection(self) -> NoReturn:
        """One connection, from its beginning to its end, which is always an error."""
        socket = await self._dial()
        self._session.connected(self._clock())
        self.counts.connected = self._looked = self._now()
        self.counts.connects += 1
        try:
            await self._converse(socket)
        finally:
            self.counts.connected = None
            self._takers.on_lost()
            await _hang_up(socket)

    async def _dial(self) -> Socket:
        """Connect; a clock that is off is learned from the refusal, and tried once more."""
        try:
            return await dial(self._url, self._headers(), self._through)
        except ClockSkewedError as error:
            if self._signer is None or not self._signer.learn(error.date, self._now()):
                raise
            self._takers.trouble(clock_off(self._signer.offset))
            return await dial(self._url, self._headers(), self._through)

    def _headers(self) -> dict[str, str]:
        if self._signer is None:
            return {}
        return self._signer.headers("GET", self._path, self._now())

    async def _converse(self, socket: Socket) -> NoReturn:
        """Read and answer until one of the two ends, which neither does well."""
        tasks = [
            asyncio.create_task(self._read(socket), name="kalshi reader"),
            asyncio.create_task(self._tend(socket), name="kalshi session"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()
        raise AssertionError("a reader of the stream ended without saying why")

    async def _read(self, socket: Socket) -> NoReturn:
        recv, now, counts = socket.recv, self._now, self.counts
        turn = [self._takers.on_text if n % TIMED else self._takers.timed for n in range(TURN)]
        try:
            while True:
                for on_text in turn:
                    text = await recv(False)
                    if now() - self._looked > AWAY:
                        raise broken("went on while nobody listened")
                    counts.texts += 1
                    counts.octets += len(text)
                    try:
                        on_text(text)
                    except DecodeError as error:
                        self._unreadable(error)
                await asyncio.sleep(0)
        except self._through.closed as error:
            raise ended(error) from None

    async def _tend(self, socket: Socket) -> NoReturn:
        while True:
            self._wake.clear()
            before, self._looked = self._looked, self._now()
            for action in self._session.poll(self.counts.texts, self._clock()):
                await self._act(socket, action, before)
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK / SECOND):
                    await self._wake.wait()

    async def _act(self, socket: Socket, action: Action, before: Nanos) -> None:
        """Do what the session says; `before` is when it was last asked."""
        match action:
            case Send(text):
                await self._send(socket, text)
            case Alive():
                self.counts.last = self._looked
                self._takers.on_alive(before)
            case Stale():
                self._takers.on_lost()
            case Tell(error):
                self._takers.trouble(error)
            case Close(error):
                raise error

    async def _send(self, socket: Socket, text: str) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await socket.send(text)
        except self._through.closed as error:
            raise ended(error) from None
        except TimeoutError:
            raise broken("takes nothing any more") from None

    def _unreadable(self, error: DecodeError) -> None:
        self.counts.unreadable += 1
        self._session.on_unreadable()
        now = self._clock()
        if self._told is None or now - self._told > REPEAT:
            self._told = now
            self._takers.trouble(error)

    def _pause(self, lived: Nanos | None) -> float:
        """Seconds until the next connection; `lived` says how long the last one was of use."""
        if lived is not None and lived >= SETTLED:
            self._failures = 0
        most = LONGEST if lived is None else LONGEST_WORKED
        pause = full_jitter(self._random, self._failures, FIRST, most)
        self._failures += 1
        return pause


async def _hang_up(socket: Socket) -> None:
    """Close, which takes a second at most. To be told to stop meanwhile is not forgotten.

    Before Python 3.12 `wait_for`, which libraries close with, can lose a cancellation.
    """
    closing = asyncio.create_task(socket.close(), name="kalshi hang up")
    try:
        await asyncio.wait([closing])
    except asyncio.CancelledError:
        await asyncio.wait([closing])
        raise
