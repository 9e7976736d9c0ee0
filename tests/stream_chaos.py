"""The offline venue made to misbehave in front of karb's stream, and what came of it.

Everything is between them: sockets, signatures, both sides' wire code. The suite runs it for a
while and a soak for long.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic

from kalshi_socket import Stream
from karb.adapters.kalshi.auth import Signer
from karb.sim.faults import STREAM
from karb.sim.venue import Fault, Levels, SimOptions, Venue, open_venue
from session_run import agrees

LOOK = 0.01
QUIET = 2.0
"""Seconds after the last fault, and nothing happening, until books are compared."""


@dataclass
class Chaos:
    """How it went. Times in seconds; `dead` while a market was not LIVE, the longest time."""

    texts: int = 0
    seconds: float = 0.0
    struck: Counter[Fault] = field(default_factory=Counter)
    live: dict[str, float] = field(default_factory=dict)
    dead: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    compared: int = 0

    @property
    def least_live(self) -> float:
        """The share of the run that the worst market was live."""
        return min(self.live.values()) / self.seconds

    @property
    def longest_dead(self) -> float:
        """The longest time that any market was not."""
        return max(self.dead.values())


async def chaos(
    texts: int,
    *,
    seed: int,
    rate: float,
    every: float = 1.0,
    rounds: int = 1,
    kinds: Sequence[Fault] = STREAM,
    through: str = "websockets",
) -> Chaos:
    """Stream that many texts, with one thing going wrong each `every` seconds.

    `rate` is how many changes a second the venue makes; after each of the `rounds` it stands
    still, and every book is compared with its own.
    """
    went, random = Chaos(), Random(seed)
    async with open_venue(SimOptions(seed=seed, changes_per_second=rate)) as venue:
        stream = _stream(venue, through)
        async with stream.running():
            await _all_live(stream, venue.tickers)
            went.live = dict.fromkeys(venue.tickers, 0.0)
            went.dead = dict.fromkeys(venue.tickers, 0.0)
            for number in range(1, rounds + 1):
                await _spoil(went, venue, stream, texts * number // rounds, random, every, kinds)
                await _compare(went, venue, stream)
    return went


def _stream(venue: Venue, through: str) -> Stream:
    signer = Signer.of_pem(venue.key_id, venue.private_key_pem)
    return Stream(venue.ws_url, *venue.tickers, through=through, signer=signer)


async def _all_live(stream: Stream, tickers: Sequence[str]) -> None:
    async with asyncio.timeout(20):
        while not all(map(stream.live, tickers)):
            await asyncio.sleep(LOOK)


async def _spoil(
    went: Chaos,
    venue: Venue,
    stream: Stream,
    texts: int,
    random: Random,
    every: float,
    kinds: Sequence[Fault],
) -> None:
    """Until that many texts have come in all."""
    dead: dict[str, float] = {}
    before, due = monotonic(), monotonic() + every
    while stream.stream.counts.texts < texts:
        await asyncio.sleep(LOOK)
        now = monotonic()
        for ticker in venue.tickers:
            if stream.live(ticker):
                went.live[ticker] += now - before
                dead.pop(ticker, None)
            else:
                went.dead[ticker] = max(went.dead[ticker], now - dead.setdefault(ticker, before))
        went.seconds += now - before
        before = now
        if now >= due:
            due = now + every
            fault = random.choice(kinds)
            went.struck[fault] += 1
            venue.strike(fault)
    went.texts = stream.stream.counts.texts


async def _compare(went: Chaos, venue: Venue, stream: Stream) -> None:
    """Let the venue stand still for a moment; then each book is its own, and LIVE."""
    venue.pause()
    await asyncio.sleep(QUIET)
    for ticker, levels in venue.books().items():
        went.compared += 1
        book = stream.path.books[ticker]
        if not book.live or not agrees(book, _sides(levels)):
            went.wrong.append(ticker)
    venue.resume()


def _sides(levels: Levels) -> dict[str, dict[int, int]]:
    return {"yes": levels.yes, "no": levels.no}
