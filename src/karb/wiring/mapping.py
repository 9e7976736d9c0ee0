"""Mapping over the stores: a pass, passes without end, and looks that change nothing."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from time import time_ns
from typing import NamedTuple

from karb.config.teams import team_tables
from karb.domain.fair.offered import Offered
from karb.domain.linking.match import Answer
from karb.domain.linking.reading import facts_of
from karb.domain.market.catalog import Listed
from karb.domain.market.messages import Quote
from karb.domain.units import SECOND, Nanos
from karb.errors import KarbError
from karb.ports import Bus, Links, News, Quoted, Topic
from karb.services.mapping import MarketMapping
from karb.services.tables import whole_of
from karb.tasks.review import Pending, review
from karb.wiring.clock import boot_time
from karb.wiring.linking import linker, propose
from karb.wiring.loop import run_until_stopped
from karb.wiring.mapping_stores import MappingStores, mapping_stores
from karb.wiring.settings import current

TABLE_SECONDS = 3.0
HEARD_WITHIN = 1.5
"""Seconds to listen for prices: who writes them is heard at least once a second."""

Told = Callable[[KarbError], None]
"""Hears of a store that is lost, once, while it is waited for."""


class Tables(NamedTuple):
    """What other processes left on the bus about markets and games."""

    listed: Mapping[str, Listed]
    offered: Mapping[str, Offered]


class Mapped(NamedTuple):
    """The answers at a moment; `new` of them differ from what was recorded before."""

    answers: Mapping[str, Answer]
    new: int
    at: Nanos


def market_mapping(bus: Bus, links: Links) -> MarketMapping:
    """The service over these doors; give it news, and run it."""
    return MarketMapping(linker(), links, bus, now=time_ns)


def one_pass(told: Told) -> Mapped:
    """Answer every market of the cache, record and tell it."""
    return asyncio.run(_one_pass(told))


async def _one_pass(told: Told) -> Mapped:
    async with mapping_stores(current().settings, told) as stores:
        return await mapped(stores, await tables(stores.bus))


def passes(every: Nanos, tell: Callable[[Mapped], None], told: Told) -> None:
    """Passes until interrupted; `tell` hears what came of each. Raises what no waiting mends."""
    run_until_stopped(partial(_passes, every, tell, told))


async def _passes(every: Nanos, tell: Callable[[Mapped], None], told: Told) -> None:
    async with mapping_stores(current().settings, told) as stores:
        while True:
            began = boot_time()
            try:
                tell(await mapped(stores, await tables(stores.bus)))
            except KarbError as error:
                if not (error.retryable or isinstance(error, NothingThereError)):
                    raise
                told(error)
            await asyncio.sleep(max(0, began + every - boot_time()) / SECOND)


def looked(told: Told) -> Mapped:
    """The answers as a pass would give them; nothing is recorded or told."""
    return asyncio.run(_looked(told))


async def _looked(told: Told) -> Mapped:
    async with mapping_stores(current().settings, told) as stores:
        service = await fed(stores, await tables(stores.bus))
        return Mapped(await service.look(), 0, time_ns())


def reviewed(told: Told) -> list[Pending]:
    """The markets that wait for a person."""
    return asyncio.run(_reviewed(told))


async def _reviewed(told: Told) -> list[Pending]:
    async with mapping_stores(current().settings, told) as stores:
        seen = await tables(stores.bus)
        service = await fed(stores, seen)
        return review(
            (await service.look()).values(),
            [facts_of(each.market, each.event) for each in seen.listed.values()],
            [each.event for each in seen.offered.values()],
            await _live_quotes(stores.bus),
            team_tables(),
            propose,
            time_ns(),
        )


async def _live_quotes(bus: Bus) -> list[Quote]:
    """The prices whose writer is heard; those of one that is gone say nothing of now."""
    held: dict[str, Quoted | None] = {}
    complete = asyncio.Event()

    def take(news: News) -> None:
        if news.whole:
            held.clear()
        held.update(news.entries)
        if all(each is None or each.live for each in held.values()):
            complete.set()

    follower = asyncio.create_task(bus.follow([Topic.QUOTES], take, lambda _: held.clear()))
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(complete.wait(), HEARD_WITHIN)
    finally:
        follower.cancel()
        await asyncio.gather(follower, return_exceptions=True)
    return [each.quote for each in held.values() if each is not None and each.live]


class NothingThereError(KarbError):
    """The cache has no markets or no odds, so there is nothing to answer yet."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(what, means="nothing was linked and no link was changed", do=do)


async def tables(bus: Bus) -> Tables:
    """Markets and odds as they are now. Raises `NothingThereError` where either is missing."""
    listed = await whole_of(bus, Topic.MARKETS, within=TABLE_SECONDS)
    if not listed:
        raise NothingThereError("the cache lists no market", "start `karb stream`")
    offered = await whole_of(bus, Topic.ODDS, within=TABLE_SECONDS)
    if not offered:
        raise NothingThereError("the cache has no odds", "type `karb ingest-odds`")
    return Tables(listed, offered)


async def fed(stores: MappingStores, seen: Tables) -> MarketMapping:
    """The service with these tables, knowing what an earlier one told."""
    service = market_mapping(stores.bus, stores.links)
    service.remember(await whole_of(stores.bus, Topic.LINKS, within=TABLE_SECONDS))
    service.on_markets(News(Topic.MARKETS, seen.listed, whole=True))
    service.on_odds(News(Topic.ODDS, seen.offered, whole=True))
    return service


async def mapped(stores: MappingStores, seen: Tables) -> Mapped:
    """A pass over these tables."""
    service = await fed(stores, seen)
    new = await service.once()
    return Mapped(service.answers, new, time_ns())
