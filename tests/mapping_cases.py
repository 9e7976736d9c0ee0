"""The mapping service in tests: a bus that remembers what it was told, and a game it knows."""

import asyncio
from collections.abc import Callable
from typing import Any

from karb.domain.fair.offered import offer
from karb.domain.linking.links import Link, NoLink
from karb.domain.market.catalog import Listed
from karb.domain.market.leagues import League
from karb.errors import StoreDownError
from karb.ports import Links, News, Topic
from karb.services.mapping import MarketMapping
from karb.wiring.linking import linker
from linking_cases import at, game
from offers import AWAY, BUF, EVENT_ID, HOME, HOU, RULES, listed, offered

NOW = 1_795_000_000_000_000_000


class Told:
    """The bus as its writer sees it: the table, and every change of it in order."""

    def __init__(self) -> None:
        self.table: dict[str, Link | NoLink] = {}
        self.changes: list[str] = []

    def put(self, topic: Topic, key: str, value: Any) -> None:
        assert topic is Topic.LINKS
        self.table[key] = value
        self.changes.append(key)

    def drop(self, topic: Topic, key: str) -> None:
        assert topic is Topic.LINKS
        del self.table[key]
        self.changes.append(f"-{key}")

    def outcomes(self) -> dict[str, str]:
        """What each linked market pays on; the reason of each other one."""
        return {
            ticker: each.outcome if isinstance(each, Link) else each.reason.value
            for ticker, each in sorted(self.table.items())
        }

    def send(self, signal: object) -> None: ...
    async def run(self) -> None: ...
    async def follow(self, topics: object, take: object, stale: object) -> None: ...
    async def signals(self, group: str, consumer: str, take: object) -> None: ...


BOTH = {BUF: listed(BUF), HOU: listed(HOU, team="Houston")}
LINKED = {BUF: AWAY, HOU: HOME}


def mapping(bus: Told, links: Links, **times: float) -> MarketMapping:
    return MarketMapping(linker(), links, bus, now=lambda: NOW, **times)


def markets(entries: dict[str, Listed | None], *, whole: bool = False) -> News:
    return News(Topic.MARKETS, entries, whole)


START = at("2026-11-26 16:25")


def odds(**changed: Any) -> News:
    return News(Topic.ODDS, {EVENT_ID: offered(**{"start": START, **changed})})


GAME = game("other", League.NFL, "Kansas City Chiefs", "Denver Broncos", "2026-11-26 20:15")
OTHER = offer(GAME, at=NOW, rules=RULES)


def full(bus: Told, links: Links, **times: float) -> MarketMapping:
    """A service that has heard of both markets and the game."""
    service = mapping(bus, links, **times)
    service.on_markets(markets(dict(BOTH), whole=True))
    service.on_odds(odds())
    return service


def no_failure(error: StoreDownError) -> None:
    raise AssertionError(error)


async def running(
    service: MarketMapping, until: Callable[[], bool], failed: Callable[[StoreDownError], None]
) -> None:
    """Run the service until something is so."""
    task = asyncio.create_task(service.run(failed))
    try:
        async with asyncio.timeout(5):
            while not until() and not task.done():
                await asyncio.sleep(0.001)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
