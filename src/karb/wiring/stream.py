"""`karb stream`: Kalshi's prices, trades and list of markets, for every other process.

Nothing is decided here, so no market has bounds: every text only changes a book or is kept
for the next flush.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from time import time_ns

from karb.adapters.kalshi.discovery import Discovery
from karb.adapters.kalshi.live import LivePrices
from karb.domain.market.catalog import Listed
from karb.domain.market.messages import Trade
from karb.ports import Quoted, Topic
from karb.services.status import Feed as FeedStatus
from karb.services.status import Recent, Store
from karb.services.streaming import Streaming
from karb.services.supervise import Part
from karb.services.tables import run_remembering
from karb.wiring.clock import boot_time
from karb.wiring.feed import DISCOVER, FLUSH, Feed, News, wire_feed, wire_streaming
from karb.wiring.kalshi import kalshi_rest, kalshi_signer, kalshi_stream
from karb.wiring.loop import run_until_stopped
from karb.wiring.opened import Sides, open_sides
from karb.wiring.settings import Chosen, chosen
from karb.wiring.showing import history_store, lost_rows
from karb.wiring.supervised import run_parts


class Streamed:
    """A running stream, as a screen sees it."""

    def __init__(self, streaming: Streaming, feed: Feed, sides: Sides, recent: Recent) -> None:
        self._streaming, self._feed, self._recent = streaming, feed, recent
        self._redis, self._history = sides

    def feed(self) -> FeedStatus:
        """The connection."""
        return self._feed.status(time_ns())

    def stores(self) -> Sequence[Store]:
        """Where it all goes."""
        up = self._redis.store.writer.up
        return Store("redis", up=up, detail=""), history_store(self._history.stats())

    def lost(self) -> Mapping[str, int]:
        """What nobody will see."""
        return {
            "unreadable": self._feed.stream.counts.unreadable + self._feed.prices.unreadable,
            "history rows": lost_rows(self._history.stats()) + self._feed.prices.lost,
        }

    def counts(self) -> tuple[int, int]:
        """Ticks and trades handed to history."""
        return self._streaming.ticks, self._streaming.trades

    def market(self, ticker: str) -> tuple[Listed | None, Quoted | None]:
        """One market: how it is listed, and its newest prices."""
        return self._streaming.listed.get(ticker), self._feed.prices.quoted(ticker)

    def take_moved(self) -> list[str]:
        """The markets that were published since the last call, in the order of their news."""
        return self._streaming.take_published()

    def take_trades(self) -> list[Trade]:
        """The trades since the last call."""
        return self._streaming.take_trades()

    def problems(self) -> list[str]:
        """What was survived, newest first."""
        return self._recent.problems()


Show = Callable[[Streamed], Awaitable[None]]


def stream(show: Show) -> None:
    """Stream until somebody asks to stop; raises what ended it."""
    run_until_stopped(lambda: _stream(chosen(), show))


async def _stream(given: Chosen, show: Show) -> None:
    recent, settings = Recent(boot_time), given.settings
    signer = kalshi_signer(settings)
    trouble = partial(recent.problem, "kalshi")
    async with AsyncExitStack() as stack:
        rest = await stack.enter_async_context(kalshi_rest(settings, signer, trouble))
        sides = await stack.enter_async_context(open_sides(settings, recent.problem))
        news = News(time_ns)
        prices = LivePrices(
            on_quote=_nobody,
            on_gone=_nobody,
            on_gap=news.on_gap,
            on_frame=news.on_frame,
            now=time_ns,
        )
        feed = wire_feed(
            prices,
            news,
            partial(kalshi_stream, settings, signer),
            on_lost=prices.lose,
            on_alive=_nobody,
            trouble=trouble,
        )
        streaming = wire_streaming(
            given,
            feed,
            news,
            markets=Discovery(rest, partial(recent.problem, "markets")),
            bus=sides.redis.store.bus,
            cache=sides.redis.store.cache,
            history=sides.history,
        )
        shown = Streamed(streaming, feed, sides, recent)
        parts: dict[str, Part] = {
            "kalshi": feed.stream.run,
            "markets": partial(streaming.run_discovery, DISCOVER),
            "prices": partial(streaming.run_flush, FLUSH),
            "tables": partial(
                run_remembering,
                sides.redis.store.bus,
                dict.fromkeys((Topic.MARKETS, Topic.QUOTES), streaming.remember),
            ),
            "screen": partial(show, shown),
        }
        await run_parts(parts, sides.redis, recent)


def _nobody(*_news: object) -> None:
    """Nobody decides here."""
