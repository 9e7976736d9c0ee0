"""`karb run`: every service in one process, hearing each other by plain calls.

    Kalshi -> prices -> detector -> signals          on the way of a price: calls only
    The Odds API -> odds -> LocalBus -> links, joins
    side branches: bus and cache (Redis), history (QuestDB), links and credits (PostgreSQL)

What decides needs none of the three stores while it runs.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from time import time_ns
from typing import NamedTuple

from karb.adapters.kalshi.discovery import Discovery
from karb.adapters.kalshi.session import Session
from karb.adapters.kalshi.stream import KalshiStream, Takers
from karb.adapters.local.bus import LocalBus
from karb.adapters.postgres.credits import PostgresCredits
from karb.adapters.postgres.links import PostgresLinks
from karb.adapters.questdb.writer import HistoryWriter
from karb.domain.units import Nanos
from karb.ports import Markets, Topic
from karb.services.mapping import MarketMapping
from karb.services.odds import OddsIngest, Sinks
from karb.services.status import Recent, Store
from karb.services.streaming import Streaming
from karb.services.supervise import Part
from karb.services.tables import Remember, run_remembering
from karb.services.windows import run_windows
from karb.wiring.clock import boot_time
from karb.wiring.database import database
from karb.wiring.deciding import Deciding, Outcomes, new_id, wire_deciding
from karb.wiring.feed import DISCOVER, FLUSH, Feed, News, wire_feed, wire_streaming
from karb.wiring.kalshi import kalshi_rest, kalshi_signer, kalshi_stream
from karb.wiring.loop import run_until_stopped
from karb.wiring.mapping import market_mapping
from karb.wiring.notify import Notify, notifying
from karb.wiring.odds import odds_ingest, odds_source
from karb.wiring.opened import OpenRedis, open_sides
from karb.wiring.settings import Chosen, caps_of, chosen
from karb.wiring.showing import OddsSide, Shown, Sources, history_store, lost_rows
from karb.wiring.supervised import run_parts
from karb.wiring.tick_path import wire_ticks

Show = Callable[[Shown], Awaitable[None]]
"""Shows a running process until it is cancelled."""


class Wanted(NamedTuple):
    """What the command line asks for. `every` None: as often as the credits last."""

    profile: str | None = None
    every: Nanos | None = None
    notify: bool = False


class Stores(NamedTuple):
    """The three stores, open."""

    redis: OpenRedis
    history: HistoryWriter
    links: PostgresLinks
    credits: PostgresCredits


class Live(NamedTuple):
    """Everything that decides, wired."""

    bus: LocalBus
    feed: Feed
    streaming: Streaming
    deciding: Deciding


def run(wanted: Wanted, show: Show) -> None:
    """Run everything until somebody asks to stop; raises what ended it."""
    run_until_stopped(lambda: run_with(chosen(wanted.profile), wanted, show))


async def run_with(given: Chosen, wanted: Wanted, show: Show) -> None:
    """The same with settings of the caller's."""
    recent, settings = Recent(boot_time), given.settings
    signer = kalshi_signer(settings)
    async with AsyncExitStack() as stack:
        notify = stack.enter_context(notifying(settings, wanted=wanted.notify))
        source = await stack.enter_async_context(odds_source(settings))
        trouble = partial(recent.problem, "kalshi")
        rest = await stack.enter_async_context(kalshi_rest(settings, signer, trouble))
        stores = await _opened(stack, given, recent)
        live = wire_live(
            given,
            stores,
            Discovery(rest, partial(recent.problem, "markets")),
            partial(kalshi_stream, settings, signer),
            recent,
            notify,
        )
        mapping = market_mapping(live.bus, stores.links)
        live.bus.tell(Topic.MARKETS, mapping.on_markets)
        live.bus.tell(Topic.ODDS, mapping.on_odds)
        sinks = Sinks(live.bus, stores.redis.store.cache, stores.history, stores.credits)
        ingest = odds_ingest(source, sinks, settings, given.profile)
        odds = OddsSide(ingest, recent)
        shown = _shown(given, stores, live, odds, recent)
        left = _left_behind(live.streaming, ingest, mapping)
        parts: dict[str, Part] = {
            **_parts(live),
            "tables": partial(run_remembering, stores.redis.store.bus, left),
            "odds": partial(odds.run, wanted.every),
            "links": partial(mapping.run, partial(recent.problem, "links")),
            "screen": partial(show, shown),
        }
        await run_parts(parts, stores.redis, recent)


async def _opened(stack: AsyncExitStack, given: Chosen, recent: Recent) -> Stores:
    sides = await stack.enter_async_context(open_sides(given.settings, recent.problem))
    postgres = await stack.enter_async_context(database(given.settings))
    return Stores(*sides, PostgresLinks(postgres), PostgresCredits(postgres))


def wire_live(
    given: Chosen,
    stores: Stores,
    markets: Markets,
    stream: Callable[[Session, Takers], KalshiStream],
    recent: Recent,
    notify: Notify,
) -> Live:
    """The way of a price and what hangs beside it; the benchmarks build theirs by this, too."""
    bus = LocalBus(stores.redis.store.bus)
    outcomes, news = Outcomes(bus, stores.history, recent, notify), News(time_ns)
    ticks = wire_ticks(
        given.profile,
        caps_of(given.settings),
        sink=outcomes.sink,
        refused=outcomes.refused,
        new_id=new_id,
        now=time_ns,
        on_gap=news.on_gap,
        on_frame=news.on_frame,
    )
    deciding = wire_deciding(given, ticks.detector, ticks.prices.newest)
    for topic in (Topic.MARKETS, Topic.LINKS, Topic.ODDS):
        bus.tell(topic, deciding.detection.on_news)

    def alive(at: Nanos) -> None:
        ticks.detector.feed_alive_at = at

    feed = wire_feed(
        ticks.prices,
        news,
        stream,
        on_lost=ticks.lose_feed,
        on_alive=alive,
        trouble=partial(recent.problem, "kalshi"),
    )
    streaming = wire_streaming(
        given,
        feed,
        news,
        markets=markets,
        bus=bus,
        cache=stores.redis.store.cache,
        history=stores.history,
    )
    return Live(bus, feed, streaming, deciding)


def _parts(live: Live) -> dict[str, Part]:
    """What runs for as long as the process does."""
    return {
        "kalshi": live.feed.stream.run,
        "markets": partial(live.streaming.run_discovery, DISCOVER),
        "prices": partial(live.streaming.run_flush, FLUSH),
        "windows": partial(
            run_windows, live.deciding.detector, live.deciding.detection, clock=boot_time
        ),
    }


def _left_behind(
    streaming: Streaming, odds: OddsIngest, mapping: MarketMapping
) -> dict[Topic, Remember]:
    """Who clears away what earlier processes left in the shared tables, as far as it is theirs."""
    return {
        Topic.ODDS: odds.remember,
        Topic.MARKETS: streaming.remember,
        Topic.QUOTES: streaming.remember,
        Topic.LINKS: lambda links: mapping.remember(filter(streaming.owns, links)),
    }


def _shown(given: Chosen, stores: Stores, live: Live, odds: OddsSide, recent: Recent) -> Shown:
    redis, history = stores.redis.store, stores.history

    def lost() -> dict[str, int]:
        feed = live.feed
        return {
            "unreadable": feed.stream.counts.unreadable + feed.prices.unreadable,
            "history rows": lost_rows(history.stats()) + feed.prices.lost,
            "signals": redis.bus.lost_signals,
        }

    sources = Sources(
        feed=live.feed.status,
        odds=odds.status,
        stores=lambda: (
            Store("redis", up=redis.writer.up, detail=""),
            Store("postgres", up=stores.links.up, detail=""),
            history_store(history.stats()),
        ),
        listed=lambda: len(live.streaming.listed),
        lost=lost,
    )
    return Shown(
        profile=given.profile.name,
        deciding=live.deciding,
        recent=recent,
        sources=sources,
        now=time_ns,
    )
