"""Follows a bus in tests: the tables as a service would have them, and what was said when."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from karb.ports import Bus, News, Quoted, Topic
from situations import quote

DEADLINE = 10.0
STALE = "stale"


async def until(true: Callable[[], object]) -> None:
    """Wait until something is so; fails when it never is."""
    async with asyncio.timeout(DEADLINE):
        while not true():
            await asyncio.sleep(0.002)


@asynccontextmanager
async def running(*work: Awaitable[None]) -> AsyncIterator[None]:
    """Parts that run inside. One that ended by an error fails the test with it."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [each for each in ended if not isinstance(each, asyncio.CancelledError)] == []


class Listener:
    """What a follower was told: `tables` as they are now, `news` and `stale` in their order."""

    def __init__(self) -> None:
        self.tables: dict[Topic, dict[str, Any]] = {topic: {} for topic in Topic}
        self.told: list[News | str] = []

    async def follow(self, bus: Bus, *topics: Topic) -> None:
        await bus.follow(topics or list(Topic), self.take, self.stale)

    def take(self, news: News) -> None:
        self.told.append(news)
        table = self.tables[news.topic]
        if news.whole:
            table.clear()
        for key, value in news.entries.items():
            if value is None:
                table.pop(key, None)
            else:
                table[key] = value

    def stale(self, topic: Topic) -> None:
        self.tables[topic].clear()
        self.told.append(STALE)

    @property
    def quotes(self) -> dict[str, Quoted]:
        return self.tables[Topic.QUOTES]

    @property
    def live(self) -> set[str]:
        """The markets that may be decided on."""
        return {ticker for ticker, quoted in self.quotes.items() if quoted.live}

    def wholes(self, topic: Topic) -> int:
        return sum(
            isinstance(each, News) and each.whole and each.topic is topic for each in self.told
        )

    @property
    def times_stale(self) -> int:
        return self.told.count(STALE)


def quoted(ticker: str, bid: int = 4_700, live: bool = True) -> Quoted:
    """A market's prices."""
    return Quoted(quote(bid, bid + 100, ticker=ticker), live, bid)


def put_quotes(bus: Bus, tickers: Sequence[str], bid: int = 4_700) -> None:
    """Set some markets' prices."""
    for ticker in tickers:
        bus.put(Topic.QUOTES, ticker, quoted(ticker, bid))
