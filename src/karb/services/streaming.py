"""From one connection to everybody who wants its prices: bus, cache, history, and the list.

What decides is wired behind the feed by plain calls and does not wait for anything here. A
few milliseconds later `flush` takes what was only marked: the newest prices of each market
go to bus and cache, every tick to history. A flush gives the loop back every so many ticks,
so that a burst delays no decision, and ends after so many, so that it delays no price.

`discover` asks which markets are open, follows the new ones and lets go of the others. A
market that the exchange says is paused or decided is told to everybody at once; the next
discovery is the audit of that. What ended while nobody streamed leaves the shared tables with
the first discovery (`remember`), but only markets of this process's series: others may be
another one's. News that come while a list is on its way stand above it,
because nobody knows which of the two is the newer, and the list is asked for again.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress

import msgspec

from karb.domain.market.catalog import Listed
from karb.domain.market.messages import Lifecycle, LifecycleKind, MarketStatus, Quote, Trade
from karb.domain.units import Nanos
from karb.ports import BookFeed, Bus, History, HotCache, Markets, Prices, Topic

SOONEST = 5.0
"""Seconds between two discoveries, whatever happens."""
REMEMBERED = 500
"""Trades kept for whoever shows them; history has them all."""
SLICE = 16
"""Ticks read, or markets published, in one go: less than a tenth of a millisecond."""
SLICES = 64
"""Slices of ticks in one flush; the next flush goes on with the rest."""

_STATUS = {
    LifecycleKind.ACTIVATED: MarketStatus.ACTIVE,
    LifecycleKind.DEACTIVATED: MarketStatus.PAUSED,
    LifecycleKind.DETERMINED: MarketStatus.DETERMINED,
    LifecycleKind.SETTLED: MarketStatus.FINALIZED,
}
_NO_QUOTE = Quote(
    ticker="",
    yes_bid=None,
    yes_ask=None,
    yes_bid_size=None,
    yes_ask_size=None,
    volume=None,
    ts_event=None,
    ts_recv=0,
)
_OVER = frozenset({MarketStatus.DETERMINED, MarketStatus.FINALIZED})


class Streaming:
    """The markets of some series, followed. `listed` are those that are open, by ticker."""

    def __init__(
        self,
        *,
        markets: Markets,
        series: Sequence[str],
        feed: BookFeed,
        prices: Prices,
        bus: Bus,
        cache: HotCache,
        history: History,
        now: Callable[[], Nanos],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._markets, self._series = markets, series
        self._feed, self._prices = feed, prices
        self._bus, self._cache, self._history = bus, cache, history
        self._now, self._sleep = now, sleep
        self._prefixes = tuple(f"{each}-" for each in series)
        self._again = asyncio.Event()
        self._heard: list[Lifecycle] = []
        self._left: set[str] = set()
        self._discovered = False
        self.listed: dict[str, Listed] = {}
        self.ticks = self.trades = 0
        self._published: dict[str, None] = {}
        self._traded: deque[Trade] = deque(maxlen=REMEMBERED)

    def owns(self, ticker: str) -> bool:
        """Whether a market is of the series that are followed here."""
        return ticker.startswith(self._prefixes)

    def remember(self, tickers: Iterable[str]) -> None:
        """Know what earlier processes left in the shared tables; what is not open leaves them."""
        self._left.update(filter(self.owns, tickers))
        if self._discovered:
            self._clear_what_is_left()

    async def discover(self) -> int:
        """Ask which markets are open now; how many there are. Raises what `Markets` raises."""
        found = await self._open()
        gone = self.listed.keys() - found.keys()
        self._feed.unsubscribe(gone)
        self._prices.unfollow(gone)
        for ticker in gone:
            self._let_go(ticker)
        new = found.keys() - self.listed.keys()
        self._prices.follow(new)
        self._feed.subscribe(new)
        for listed in found.values():
            self._list(listed)
        self._discovered = True
        self._clear_what_is_left()
        return len(found)

    def _clear_what_is_left(self) -> None:
        for ticker in self._left - self.listed.keys():
            self._tell_gone(ticker)
        self._left.clear()

    async def _open(self) -> dict[str, Listed]:
        """The open markets by ticker, with what was heard of them while they were asked for."""
        self._heard.clear()
        answer = await self._markets.open_markets(self._series)
        found = {each.market.ticker: each for each in answer}
        for news in self._heard:
            if news.ticker in found:
                found[news.ticker] = self._after(found[news.ticker], news)
                self.look_again()
        return found

    async def run_discovery(self, every: float) -> None:
        """Discover, now and again and again; ends with what `Markets` raises.

        Sooner than `every` seconds when something happened that only the list tells in full.
        """
        while True:
            self._again.clear()
            await self.discover()
            await self._sleep(min(SOONEST, every))
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, every - SOONEST)):
                    await self._again.wait()

    def look_again(self) -> None:
        """Something is listed differently now: a market was created, a fee was changed."""
        self._again.set()

    async def run_flush(self, every: float) -> None:
        """Flush again and again."""
        while True:
            await self._sleep(every)
            await self.flush()

    async def flush(self) -> None:
        """Hand on what was marked since the last call."""
        for number, ticker in enumerate(self._prices.take_changed(), 1):
            self._publish(ticker)
            if number % SLICE == 0:
                await self._sleep(0)
        for _ in range(SLICES):
            ticks, left = self._prices.take_ticks(SLICE)
            self.ticks += len(ticks)
            for tick in ticks:
                self._history.add_quote(tick.quote, tick.last_price)
            if not left:
                break
            await self._sleep(0)

    def _publish(self, ticker: str) -> None:
        quoted = self._prices.quoted(ticker)
        if quoted is None:
            return
        self._bus.put(Topic.QUOTES, ticker, quoted)
        self._published.pop(ticker, None)
        self._published[ticker] = None
        listed = self.listed.get(ticker)
        if quoted.live and not (listed and listed.market.status in _OVER):
            self._cache.put_quote(quoted.quote, quoted.last_price)

    def on_trade(self, trade: Trade) -> None:
        """Take a trade."""
        self.trades += 1
        self._history.add_trade(trade)
        self._traded.append(trade)

    def take_published(self) -> list[str]:
        """The markets whose prices were published since the last call, oldest news first."""
        published = list(self._published)
        self._published.clear()
        return published

    def take_trades(self) -> list[Trade]:
        """The newest trades since the last call, a few hundred at most."""
        trades = list(self._traded)
        self._traded.clear()
        return trades

    def on_lifecycle(self, news: Lifecycle) -> None:
        """Take what happened to a market; for one that is not listed the list is asked again."""
        if not self.owns(news.ticker):
            return
        self._heard.append(news)
        listed = self.listed.get(news.ticker)
        if listed is None:
            self.look_again()
        else:
            self._list(self._after(listed, news))

    def _after(self, listed: Listed, news: Lifecycle) -> Listed:
        """A market as it is listed once this has happened to it."""
        market, status = listed.market, _STATUS.get(news.kind)
        if status is not None:
            market = msgspec.structs.replace(market, status=status, result=news.result)
        if news.close_time is not None:
            market = msgspec.structs.replace(market, close_time=news.close_time)
        return msgspec.structs.replace(listed, market=market, at=self._now())

    def _list(self, listed: Listed) -> None:
        ticker = listed.market.ticker
        if _facts(listed) == _facts(self.listed.get(ticker)):
            return
        self.listed[ticker] = listed
        self._bus.put(Topic.MARKETS, ticker, listed)
        if listed.market.status in _OVER:
            self._cache.close_market(ticker)

    def _let_go(self, ticker: str) -> None:
        del self.listed[ticker]
        self._tell_gone(ticker)

    def _tell_gone(self, ticker: str) -> None:
        self._bus.drop(Topic.MARKETS, ticker)
        self._bus.drop(Topic.QUOTES, ticker)
        self._cache.close_market(ticker)


def _facts(listed: Listed | None) -> object:
    """What is worth telling: not the prices, which come by their own way, nor the time."""
    if listed is None:
        return None
    market = msgspec.structs.replace(
        listed.market, quote=_NO_QUOTE, last_price=None, open_interest=None
    )
    return market, listed.event, listed.series, listed.start
