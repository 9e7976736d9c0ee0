"""Keeps every open market answered: the game it belongs to, or why it belongs to none.

News of markets and odds only mark that something changed, and only what tells which game a
market or an odds event is; prices, which move at every poll, do not. A moment later all
answers are made anew and what is different is told: to the other services by the bus, and
to PostgreSQL, which keeps every version and people's decisions. Decisions are looked at
again every few seconds, because another process takes them.

Without PostgreSQL the last decisions that were read stand. Before they were read nothing is
told: a link that a person rejected must not come back because a database is away.

Whether the prices of a link fit (the middles of two siblings, the distance from the books)
is not asked here: that needs live prices, and `services/detection` quarantines by them.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.match import Answer, Linker
from karb.domain.linking.reading import MarketFacts, facts_of
from karb.domain.market.leagues import Kind
from karb.domain.units import Nanos
from karb.errors import StoreDownError
from karb.ports import Bus, Decision, Links, News, Topic
from karb.services.decided import answers

T = TypeVar("T")

SETTLE = 0.2
"""Seconds to wait after news: they come in bursts, a list of markets or a pass over the odds."""
RECHECK = 15.0
"""Seconds after which decisions are read again."""
RETRY = 2.0
"""The same while PostgreSQL is away; its adapter spares it by itself."""


class MarketMapping:
    """Takes `News` of markets and odds. `answers` are the newest, by ticker."""

    def __init__(
        self,
        linker: Linker,
        links: Links,
        bus: Bus,
        *,
        now: Callable[[], Nanos],
        settle: float = SETTLE,
        recheck: float = RECHECK,
    ) -> None:
        self._linker, self._links, self._bus, self._now = linker, links, bus, now
        self._settle, self._recheck = settle, recheck
        self._markets: dict[str, MarketFacts] = {}
        self._events: dict[str, OddsEvent] = {}
        self._markets_came = False
        self._news = asyncio.Event()
        self._decisions: tuple[Decision, ...] | None = None
        self._found: Mapping[str, Answer] = {}
        self._due = True
        self._recorded: Mapping[str, Answer] = {}
        self._left: set[str] = set()
        self.answers: Mapping[str, Answer] = {}

    def remember(self, tickers: Iterable[str]) -> None:
        """Know whom an earlier process answered for, so that what is over is taken away."""
        self._left.update(tickers)

    def on_markets(self, news: News) -> None:
        """Take what the exchange lists: entries are `Listed`."""
        self._markets_came = True
        self._take(news, self._markets, lambda listed: facts_of(listed.market, listed.event))

    def on_odds(self, news: News) -> None:
        """Take what the books offer: entries are `Offered`."""
        self._take(news, self._events, lambda offered: identity(offered.event))

    async def run(self, failed: Callable[[StoreDownError], None]) -> None:
        """Answer anew whenever something changed, forever; `failed` hears of lost stores.

        Raises what no waiting mends.
        """
        wait = self._recheck
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._news.wait()
            await asyncio.sleep(self._settle)
            self._news.clear()
            # A start that is not over yet, or a cache that was emptied: it says nothing of links.
            if not (self._markets_came and self._events):
                continue
            wait = self._recheck
            try:
                await self.once()
            except StoreDownError as error:
                wait = min(RETRY, self._recheck)
                failed(error)
                if self._decisions is not None:
                    self._tell(await self._answered(self._decisions))

    async def once(self) -> int:
        """Answer every market, record that and tell it; how many answers are new.

        Raises `StoreDownError`, and has then told nothing.
        """
        found = await self.look()
        new = 0
        if found != self._recorded:
            new = await self._links.put(found.values(), self._now())
            self._recorded = found
        self._tell(found)
        return new

    async def look(self) -> Mapping[str, Answer]:
        """The answers under the decisions as they are now, neither recorded nor told."""
        return await self._answered(tuple(await self._links.decisions()))

    def _take(self, news: News, table: dict[str, T], made: Callable[[Any], T]) -> None:
        """Change a table by news; what links differently makes the answers due."""
        gone = {key for key, entry in news.entries.items() if entry is None}
        if news.whole:
            gone |= table.keys() - news.entries.keys()
        came = {key: made(entry) for key, entry in news.entries.items() if entry is not None}
        if gone.isdisjoint(table) and all(table.get(key) == each for key, each in came.items()):
            return
        for key in gone:
            table.pop(key, None)
        table |= came
        self._due = True
        self._news.set()

    async def _answered(self, decisions: tuple[Decision, ...]) -> Mapping[str, Answer]:
        """The answers under these decisions; made only when something changed.

        In a thread: some 50 microseconds a market, which no price should wait for.
        """
        if self._due or decisions != self._decisions:
            self._due, self._decisions = False, decisions
            made = await asyncio.to_thread(
                answers,
                [*self._markets.values()],
                [*self._events.values()],
                decisions,
                self._linker,
            )
            self._found = {answer.ticker: answer for answer in made}
        return self._found

    def _tell(self, found: Mapping[str, Answer]) -> None:
        """Put what is different on the bus, and drop what is over."""
        for ticker, answer in found.items():
            if self.answers.get(ticker) != answer:
                self._bus.put(Topic.LINKS, ticker, answer)
        for ticker in (self._left | self.answers.keys()) - found.keys():
            self._bus.drop(Topic.LINKS, ticker)
        self._left.clear()
        self.answers = found


def identity(event: OddsEvent) -> OddsEvent:
    """The event without what changes at every poll and does not tell which game it is."""
    if event.kind is Kind.GAME:
        return msgspec.structs.replace(event, quotes=(), unreadable=())
    field = tuple(
        msgspec.structs.replace(quote, odds=dict.fromkeys(sorted(quote.odds), 0.0), updated=0)
        for quote in event.quotes
    )
    return msgspec.structs.replace(event, quotes=field, unreadable=())
