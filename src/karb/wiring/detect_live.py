"""`karb detect`: one profile's detector over what other processes publish in Redis.

Prices come from `karb stream`, odds from `karb ingest-odds`, links from `karb map-events`.
Without the first of them, or without Redis, nothing is detected within a second.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from time import perf_counter_ns, time_ns

from karb.domain.edge.bounds import Thresholds
from karb.domain.edge.detector import EdgeDetector
from karb.domain.market.messages import Quote
from karb.domain.units import SECOND, Nanos
from karb.ports import Bus, News, Topic
from karb.services.followed import FollowedPrices
from karb.services.latency import Sampler
from karb.services.status import Feed, Rate, Recent, Store
from karb.services.supervise import Part
from karb.services.windows import run_windows
from karb.wiring.clock import boot_time
from karb.wiring.deciding import Deciding, Outcomes, Taker, new_id, wire_deciding
from karb.wiring.loop import run_until_stopped
from karb.wiring.notify import notifying
from karb.wiring.opened import Sides, open_sides
from karb.wiring.settings import Chosen, caps_of, chosen
from karb.wiring.showing import Shown, Sources, history_store, lost_rows
from karb.wiring.supervised import run_parts

Show = Callable[[Shown], Awaitable[None]]
FRESH: Nanos = SECOND
"""A publisher says four times a second that it lives; a second without is a broken line."""


class Follower:
    """A detector that follows the tables of other processes.

    `missing_tables` have not been handed over yet.
    """

    def __init__(self, prices: FollowedPrices, deciding: Deciding) -> None:
        self.prices, self.deciding = prices, deciding
        self.sampler = Sampler(perf_counter_ns)
        self._on_prices = self.sampler.timed(prices.on_news)
        self.missing_tables = set(Topic)

    async def run(self, bus: Bus) -> None:
        """Follow, forever."""
        await bus.follow(tuple(Topic), self.on_news, self.on_stale)

    def on_news(self, news: News) -> None:
        """Take what changed in a table."""
        if news.whole:
            self.missing_tables.discard(news.topic)
        if news.topic is Topic.QUOTES:
            self.deciding.detector.feed_alive_at = time_ns()
            self._on_prices(news)
        else:
            self.deciding.detection.on_news(news)

    def on_stale(self, topic: Topic) -> None:
        """A table cannot be trusted any more until it comes whole again."""
        if topic is Topic.QUOTES:
            self.prices.lose()
            self.deciding.detector.lose_feed()


def wire_follower(given: Chosen, outcomes: Taker) -> Follower:
    """A follower for one profile."""

    def announce(ticker: str, limits: Thresholds | None, alert: bool) -> None:
        prices.announce(ticker, limits, alert)

    def newest(ticker: str) -> Quote | None:
        return prices.newest(ticker)

    detector = EdgeDetector(
        given.profile,
        caps_of(given.settings),
        sink=outcomes.sink,
        refused=outcomes.refused,
        new_id=new_id,
        now=time_ns,
        announce=announce,
        newest=newest,
    )
    prices = FollowedPrices(on_quote=detector.on_quote, on_gone=detector.on_gone, now=time_ns)
    return Follower(prices, wire_deciding(given, detector, newest))


def detect(profile: str | None, show: Show, *, notify: bool) -> None:
    """Detect until somebody asks to stop; raises what ended it."""
    run_until_stopped(lambda: _detect(chosen(profile), show, notify=notify))


async def _detect(given: Chosen, show: Show, *, notify: bool) -> None:
    recent, settings = Recent(boot_time), given.settings
    async with AsyncExitStack() as stack:
        told = stack.enter_context(notifying(settings, wanted=notify))
        sides = await stack.enter_async_context(open_sides(settings, recent.problem))
        bus = sides.redis.store.bus
        follower = wire_follower(given, Outcomes(bus, sides.history, recent, told))
        shown = _shown(given, follower, sides, recent)
        parts: dict[str, Part] = {
            "tables": partial(follower.run, bus),
            "windows": partial(
                run_windows,
                follower.deciding.detector,
                follower.deciding.detection,
                clock=boot_time,
            ),
            "screen": partial(show, shown),
        }
        await run_parts(parts, sides.redis, recent)


def _shown(given: Chosen, follower: Follower, sides: Sides, recent: Recent) -> Shown:
    redis, history = sides
    rate, heard = Rate(boot_time), redis.store.bus.heard

    def feed(at: Nanos) -> Feed:
        prices = follower.prices
        quiet = at - prices.alive_at if prices.alive_at else None
        return Feed(
            connected=quiet is not None and quiet < FRESH,
            markets=prices.known,
            live=prices.live,
            messages=prices.taken,
            rate=rate.read(prices.taken),
            latency=follower.sampler.latency(),
            gaps=heard.stale,
            reconnects=heard.reconnects,
            unreadable=heard.unread,
            quiet=quiet,
        )

    def stores() -> Sequence[Store]:
        return Store("redis", up=redis.store.writer.up, detail=""), history_store(history.stats())

    def lost() -> dict[str, int]:
        return {
            "unreadable": heard.unread,
            "history rows": lost_rows(history.stats()),
            "signals": redis.store.bus.lost_signals,
        }

    sources = Sources(
        feed=feed,
        odds=lambda: None,
        stores=stores,
        listed=lambda: follower.deciding.detection.listed,
        lost=lost,
    )
    return Shown(
        profile=given.profile.name,
        deciding=follower.deciding,
        recent=recent,
        sources=sources,
        now=time_ns,
    )
