"""karb as `karb run` builds it, on the markets of the bench, connected to its exchange.

`wire_live` builds all of it; only the list of markets, their links and their odds are handed
in, and the address of the exchange. With `branches` everything runs that runs in production;
without them what feeds cache, bus and history stands still, so that what is left is the way
from a text to a decision.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from random import Random
from typing import NamedTuple

from karb.adapters.kalshi.session import Session
from karb.adapters.kalshi.stream import KalshiStream, Takers
from karb.adapters.kalshi.transport import Library
from karb.domain.edge.profile import Profile
from karb.domain.edge.signal import Signal
from karb.domain.fair.odds import BookQuote, OddsEvent
from karb.domain.fair.offered import Offered, offer
from karb.domain.linking.links import Link
from karb.domain.market.catalog import Listed
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import Market, MarketStatus, Quote
from karb.domain.units import HOUR, Nanos
from karb.ports import Topic
from karb.services.status import Recent
from karb.services.supervise import Part
from karb.services.windows import run_windows
from karb.wiring.clock import boot_time
from karb.wiring.feed import DISCOVER, FLUSH
from karb.wiring.run import Live, Stores, wire_live
from karb.wiring.settings import Chosen
from perf.traffic import SENT_AT, traffic

MARGIN = 0.02
"""What each book adds to either outcome."""
_BOOKS = ("draftkings", "fanduel", "betmgm", "betus")
_HOME, _AWAY = "Boston Celtics", "Los Angeles Lakers"
_PATIENCE = 20.0


def offered(ticker: str, cents: float, at: Nanos, profile: Profile) -> Offered:
    """Four books of one mind about the game of a market: YES is worth so many cents."""
    chance = cents / 100
    odds = {_HOME: 1 / (chance + MARGIN), _AWAY: 1 / (1 - chance + MARGIN)}
    event = OddsEvent(
        id=f"odds-{ticker}",
        league=League.NBA,
        kind=Kind.GAME,
        home=_HOME,
        away=_AWAY,
        start=at + 20 * HOUR,
        quotes=tuple(BookQuote(book, odds, at) for book in _BOOKS),
    )
    return offer(event, at=at, rules=profile.fair)


def listed(ticker: str, at: Nanos) -> Listed:
    """An open market, without a price so far."""
    quote = Quote(ticker, None, None, None, None, None, None, at)
    market = Market(
        ticker=ticker,
        event_ticker=ticker.rpartition("-")[0],
        series="KXNBAGAME",
        title="",
        team="",
        status=MarketStatus.ACTIVE,
        quote=quote,
    )
    return Listed(market=market, event=None, series=None, start=None, at=at)


def link(ticker: str, at: Nanos) -> Link:
    """Its link to the game."""
    return Link(
        ticker=ticker,
        event_ticker=ticker.rpartition("-")[0],
        league=League.NBA,
        kind=Kind.GAME,
        odds_event_id=f"odds-{ticker}",
        outcome=_HOME,
        opponent=_AWAY,
        team="",
        start=at + 20 * HOUR,
    )


class _Markets:
    """The markets of the bench, all open."""

    async def open_markets(self, _series: Sequence[str]) -> Sequence[Listed]:
        return [listed(ticker, time.time_ns()) for ticker in traffic().fair]


class Ages:
    """How old each text was when it was decided, and each signal when it had been sent."""

    def __init__(self) -> None:
        self.texts: list[int] = []
        self.signals: list[int] = []
        self._sent_at = 0

    def around(self, on_text: Callable[[bytes], object]) -> Callable[[bytes], object]:
        """`on_text` with its end noted; what the exchange says of itself has no age."""
        clock, add = time.monotonic_ns, self.texts.append

        def take(text: bytes) -> None:
            try:
                self._sent_at = sent_at = int(text[SENT_AT])
            except ValueError:
                on_text(text)
                return
            on_text(text)
            add(clock() - sent_at)
            self._sent_at = 0

        return take

    def on_signal(self, signal: Signal) -> None:
        """A signal was sent; one that no text caused has no age either."""
        del signal
        if self._sent_at:
            self.signals.append(time.monotonic_ns() - self._sent_at)


class Graph(NamedTuple):
    """A karb that runs, with its markets joined and their books live."""

    live: Live
    recent: Recent

    async def heard(self, texts: int) -> None:
        """Wait until so many texts were taken in all."""
        counts = self.live.feed.stream.counts
        async with asyncio.timeout(_PATIENCE):
            while counts.texts < texts:
                await asyncio.sleep(0.005)

    @property
    def texts(self) -> int:
        """How many were taken so far."""
        return self.live.feed.stream.counts.texts


@asynccontextmanager
async def running(
    given: Chosen,
    stores: Stores,
    url: str,
    through: Library,
    *,
    ages: Ages | None = None,
    branches: bool = True,
) -> AsyncIterator[Graph]:
    """Everything that `karb run` runs but for odds, links and screen; stopped afterwards."""

    def stream(session: Session, takers: Takers) -> KalshiStream:
        if ages is not None:
            takers = takers._replace(
                on_text=ages.around(takers.on_text), timed=ages.around(takers.timed)
            )
        return KalshiStream(
            url,
            session,
            takers,
            signer=None,
            now=time.time_ns,
            clock=boot_time,
            random=Random(),
            through=through,
        )

    recent = Recent(boot_time)
    notify = _nobody if ages is None else ages.on_signal
    live = wire_live(given, stores, _Markets(), stream, recent, notify)
    tasks = [asyncio.ensure_future(part()) for part in _parts(live, branches=branches)]
    try:
        await _joined(live, given)
        yield Graph(live, recent)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        assert isinstance(error, asyncio.CancelledError), f"a part of karb ended by itself: {error}"


def _parts(live: Live, *, branches: bool) -> list[Part]:
    deciding = live.deciding
    parts: list[Part] = [
        live.feed.stream.run,
        partial(live.streaming.run_discovery, DISCOVER),
        partial(run_windows, deciding.detector, deciding.detection, clock=boot_time),
    ]
    return [*parts, partial(live.streaming.run_flush, FLUSH)] if branches else parts


async def _joined(live: Live, given: Chosen) -> None:
    """Hand over links and odds, and wait until every market can be decided on."""
    fair = traffic().fair
    for ticker, cents in fair.items():
        at = time.time_ns()
        live.bus.put(Topic.LINKS, ticker, link(ticker, at))
        live.bus.put(Topic.ODDS, f"odds-{ticker}", offered(ticker, cents, at, given.profile))
    detection, prices = live.deciding.detection, live.feed.prices
    async with asyncio.timeout(_PATIENCE):
        while not all(
            detection.consensus(ticker) is not None
            and (quoted := prices.quoted(ticker)) is not None
            and quoted.live
            and quoted.quote.volume is not None
            for ticker in fair
        ):
            await asyncio.sleep(0.01)
            await live.streaming.flush()


def _nobody(*_news: object) -> None:
    """Nobody listens."""
