"""Kalshi's feed wired: texts to prices, trades and lifecycle to streaming, answers to the session.

`Feed` is the whole way in, for `karb stream` and `karb run` alike; what differs is who is
told that a price matters.
"""

from collections.abc import Callable
from time import perf_counter_ns, time_ns
from typing import NamedTuple

from karb.adapters.kalshi.commands_wire import LIFECYCLE
from karb.adapters.kalshi.decode import message_of
from karb.adapters.kalshi.frames import Ignored
from karb.adapters.kalshi.live import LivePrices
from karb.adapters.kalshi.session import Session
from karb.adapters.kalshi.stream import KalshiStream, Takers
from karb.adapters.kalshi.wire import Frame, LifecycleFrame, SubscribedFrame, TradeFrame
from karb.domain.linking.tickers import series_for
from karb.domain.market.messages import Lifecycle, Trade
from karb.domain.units import Nanos
from karb.errors import KarbError
from karb.ports import Bus, History, HotCache, Markets
from karb.services.latency import Sampler
from karb.services.status import Feed as FeedStatus
from karb.services.status import Rate
from karb.services.streaming import Streaming
from karb.wiring.clock import boot_time
from karb.wiring.settings import Chosen

FLUSH, DISCOVER = 0.01, 300.0
"""Seconds from one flush of prices to the next, and from one look at the list of markets."""
FEE_NEWS = "event_fee_update"


class News:
    """Takes what is neither tick nor book; its takers are set once they exist.

    `relist` is called whenever something may have happened that only the list of markets
    tells: a fee was changed, news of markets were missed, or begin to come only now.
    """

    def __init__(self, now: Callable[[], Nanos]) -> None:
        self._now = now
        self._lifecycle_sid: int | None = None
        self.trade: Callable[[Trade], object] = _nobody
        self.lifecycle: Callable[[Lifecycle], object] = _nobody
        self.relist: Callable[[], object] = _nobody
        self.answer: Callable[[Frame | Ignored], object] = _nobody
        self.gap: Callable[[int], object] = _nobody

    def on_gap(self, sid: int) -> None:
        """Messages of a subscription were missed."""
        self.gap(sid)
        if sid == self._lifecycle_sid:
            self.relist()

    def on_frame(self, frame: Frame | Ignored) -> None:
        """Hand a frame to whom it concerns."""
        if isinstance(frame, TradeFrame | LifecycleFrame):
            message = message_of(frame, ts_recv=self._now())
            if isinstance(message, Trade):
                self.trade(message)
            elif isinstance(message, Lifecycle):
                self.lifecycle(message)
        elif isinstance(frame, Ignored):
            if frame.kind == FEE_NEWS:
                self.relist()
        else:
            if isinstance(frame, SubscribedFrame) and frame.msg.channel == LIFECYCLE:
                self._lifecycle_sid = frame.msg.sid
                self.relist()
            self.answer(frame)


def _nobody(*_news: object) -> None:
    """Nobody listens yet."""


class Feed(NamedTuple):
    """A feed that runs when `stream.run()` does."""

    stream: KalshiStream
    session: Session
    prices: LivePrices
    sampler: Sampler
    rate: Rate

    def status(self, at: Nanos) -> FeedStatus:
        """What stands on the screen."""
        counts = self.stream.counts
        return FeedStatus(
            connected=counts.connected is not None,
            markets=self.session.wanted,
            live=sum(book.live for book in self.prices.books.values()),
            messages=counts.texts,
            rate=self.rate.read(counts.texts),
            latency=self.sampler.latency(),
            gaps=self.session.gaps.total(),
            reconnects=max(0, counts.connects - 1),
            unreadable=counts.unreadable + self.prices.unreadable,
            quiet=None if counts.last is None else max(0, at - counts.last),
        )


def wire_feed(
    prices: LivePrices,
    news: News,
    stream: Callable[[Session, Takers], KalshiStream],
    *,
    on_lost: Callable[[], object],
    on_alive: Callable[[Nanos], object],
    trouble: Callable[[KarbError], object],
) -> Feed:
    """Put session and stream around prices."""
    path = prices.path
    session = Session(prices.books, drop=path.drop_book, heard=path.heard)
    news.answer, news.gap = session.on_frame, session.on_gap
    sampler = Sampler(perf_counter_ns)
    takers = Takers(
        on_text=prices.on_text,
        timed=sampler.timed(prices.on_text),
        on_lost=on_lost,
        on_alive=on_alive,
        trouble=trouble,
    )
    return Feed(stream(session, takers), session, prices, sampler, Rate(boot_time))


def wire_streaming(
    given: Chosen,
    feed: Feed,
    news: News,
    *,
    markets: Markets,
    bus: Bus,
    cache: HotCache,
    history: History,
) -> Streaming:
    """Everybody who wants what the feed says, and is not in its way."""
    streaming = Streaming(
        markets=markets,
        series=series_for(given.settings.karb_leagues, given.profile.markets),
        feed=feed.stream,
        prices=feed.prices,
        bus=bus,
        cache=cache,
        history=history,
        now=time_ns,
    )
    news.trade, news.lifecycle = streaming.on_trade, streaming.on_lifecycle
    news.relist = streaming.look_again
    return streaming
