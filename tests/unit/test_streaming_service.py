"""Streaming: the list of open markets, what is followed, and what everybody is told."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pytest

from karb.domain.market.catalog import Listed
from karb.domain.market.messages import (
    Lifecycle,
    LifecycleKind,
    MarketStatus,
    Quote,
    Side,
    Trade,
)
from karb.domain.units import SECOND
from karb.errors import KarbError, UnreachableError
from karb.ports import Quoted, Tick, Topic
from karb.services.streaming import SLICE, Streaming
from offers import BUF, HOU, listed
from situations import NOW, quote


class World:
    """Everything around the service, written down."""

    def __init__(self) -> None:
        self.open: list[Listed] = []
        self.refuse: KarbError | None = None
        self.followed: set[str] = set()
        self.subscribed: set[str] = set()
        self.quotes: dict[str, Quoted] = {}
        self.changed: set[str] = set()
        self.ticks: list[Tick] = []
        self.tables: dict[tuple[Topic, str], Any] = {}
        self.puts = 0
        self.cached: dict[str, tuple[Quote, int | None]] = {}
        self.closed: list[str] = []
        self.recorded: list[Quote] = []
        self.trades: list[Trade] = []
        self.slept: list[float] = []

    async def open_markets(self, series: Sequence[str]) -> Sequence[Listed]:
        assert series == ("KXNFLGAME",)
        if self.refuse is not None:
            raise self.refuse
        return self.open

    def follow(self, tickers: Iterable[str]) -> None:
        self.followed.update(tickers)

    def unfollow(self, tickers: Iterable[str]) -> None:
        self.followed.difference_update(tickers)

    def subscribe(self, tickers: Iterable[str]) -> None:
        self.subscribed.update(tickers)

    def unsubscribe(self, tickers: Iterable[str]) -> None:
        self.subscribed.difference_update(tickers)

    def quoted(self, ticker: str) -> Quoted | None:
        return self.quotes.get(ticker)

    def take_changed(self) -> set[str]:
        changed, self.changed = self.changed, set()
        return changed

    def take_ticks(self, most: int) -> list[Tick]:
        taken, self.ticks = self.ticks[:most], self.ticks[most:]
        return taken

    def put(self, topic: Topic, key: str, value: Any) -> None:
        self.puts += 1
        self.tables[topic, key] = value

    def drop(self, topic: Topic, key: str) -> None:
        self.tables.pop((topic, key), None)

    def put_quote(self, each: Quote, last_price: int | None) -> None:
        self.cached[each.ticker] = each, last_price

    def close_market(self, ticker: str) -> None:
        self.closed.append(ticker)

    def add_quote(self, each: Quote, _last_price: int | None) -> None:
        self.recorded.append(each)

    def add_trade(self, trade: Trade) -> None:
        self.trades.append(trade)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def streaming(world: World) -> Streaming:
    around: Any = world
    return Streaming(
        markets=around,
        series=("KXNFLGAME",),
        feed=around,
        prices=around,
        bus=around,
        cache=around,
        history=around,
        now=lambda: NOW,
        sleep=world.sleep,
    )


@pytest.fixture
def world() -> World:
    return World()


def test_open_markets_are_followed_and_those_that_are_gone_leave_every_place(world: World) -> None:
    service = streaming(world)
    world.open = [listed(BUF), listed(HOU)]
    assert asyncio.run(service.discover()) == 2
    assert world.followed == world.subscribed == {BUF, HOU}
    assert set(world.tables) == {(Topic.MARKETS, BUF), (Topic.MARKETS, HOU)}
    world.tables[Topic.QUOTES, HOU] = "its last price"
    world.open = [listed(BUF)]
    asyncio.run(service.discover())
    assert world.followed == world.subscribed == {BUF}
    assert set(world.tables) == {(Topic.MARKETS, BUF)}
    assert world.closed == [HOU]


def test_a_market_is_told_again_only_when_something_but_its_price_changed(world: World) -> None:
    service = streaming(world)
    world.open = [listed(BUF)]
    asyncio.run(service.discover())
    told = world.puts
    world.open = [listed(BUF, quote=quote(100, 200), open_interest=5)]
    asyncio.run(service.discover())
    assert world.puts == told
    world.open = [listed(BUF, close_time=NOW + SECOND)]
    asyncio.run(service.discover())
    assert world.puts == told + 1


def test_a_failed_discovery_changes_nothing(world: World) -> None:
    service = streaming(world)
    world.open = [listed(BUF)]
    asyncio.run(service.discover())
    world.refuse = UnreachableError("away")
    with pytest.raises(UnreachableError):
        asyncio.run(service.discover())
    assert (world.followed, world.closed) == ({BUF}, [])


def test_discovery_goes_on_until_the_exchange_does_not_answer(world: World) -> None:
    service = streaming(world)
    world.open = [listed(BUF)]

    async def sleep(_seconds: float) -> None:
        if BUF in world.followed and HOU in world.followed:
            world.refuse = UnreachableError("away")
        world.open = [listed(BUF), listed(HOU)]

    service._sleep = sleep
    with pytest.raises(UnreachableError):
        asyncio.run(service.run_discovery(0.0))
    assert world.followed == {BUF, HOU}


def test_every_tick_is_recorded_and_the_newest_prices_are_published(world: World) -> None:
    service = streaming(world)
    ticks = [Tick(quote(4_000 + n, 5_000), None) for n in range(SLICE * 2 + 5)]
    world.ticks = list(ticks)
    newest = Quoted(quote(4_700, 4_800), live=True, last_price=4_750)
    world.quotes, world.changed = {BUF: newest}, {BUF}
    asyncio.run(service.flush())
    assert world.recorded == [tick.quote for tick in ticks]
    assert world.tables == {(Topic.QUOTES, BUF): newest}
    assert world.cached == {BUF: (newest.quote, 4_750)}
    assert world.slept == [0, 0]


def test_prices_of_a_book_that_is_not_live_are_told_as_such_and_not_cached(world: World) -> None:
    service = streaming(world)
    lost = Quoted(quote(None, None), live=False)
    world.quotes, world.changed = {BUF: lost}, {BUF}
    asyncio.run(service.flush())
    assert world.tables == {(Topic.QUOTES, BUF): lost}
    assert world.cached == {}


@pytest.mark.parametrize(
    ("kind", "status", "over"),
    [
        (LifecycleKind.DEACTIVATED, MarketStatus.PAUSED, False),
        (LifecycleKind.ACTIVATED, MarketStatus.ACTIVE, False),
        (LifecycleKind.DETERMINED, MarketStatus.DETERMINED, True),
        (LifecycleKind.SETTLED, MarketStatus.FINALIZED, True),
    ],
)
def test_what_happens_to_a_market_is_told_at_once(
    world: World, kind: LifecycleKind, status: MarketStatus, over: bool
) -> None:
    service = streaming(world)
    world.open = [listed(BUF, status=MarketStatus.UNKNOWN)]
    asyncio.run(service.discover())
    news = Lifecycle(ticker=BUF, kind=kind, result="yes", value=None, close_time=None, ts_recv=NOW)
    service.on_lifecycle(news)
    assert world.tables[Topic.MARKETS, BUF].market.status is status
    assert world.closed == ([BUF] if over else [])


def test_a_new_closing_time_is_told_and_news_of_other_markets_are_not(world: World) -> None:
    service = streaming(world)
    world.open = [listed(BUF)]
    asyncio.run(service.discover())
    news = Lifecycle(
        ticker=BUF,
        kind=LifecycleKind.CLOSE_DATE_UPDATED,
        result="",
        value=None,
        close_time=NOW + SECOND,
        ts_recv=NOW,
    )
    told = world.puts
    service.on_lifecycle(news)
    assert world.tables[Topic.MARKETS, BUF].market.close_time == NOW + SECOND
    service.on_lifecycle(msgspec.structs.replace(news, ticker=HOU))
    assert world.puts == told + 1


@pytest.mark.parametrize("news", ["a new market of the series", "a fee"])
def test_what_only_the_list_tells_is_asked_for_at_once(world: World, news: str) -> None:
    created = Lifecycle(
        ticker=HOU,
        kind=LifecycleKind.CREATED,
        result="",
        value=None,
        close_time=None,
        ts_recv=NOW,
    )

    async def later() -> None:
        service = streaming(world)
        world.open = [listed(BUF)]
        discovering = asyncio.create_task(service.run_discovery(3_600.0))
        await asyncio.sleep(0.01)
        world.open = [listed(BUF), listed(HOU)]
        service.on_lifecycle(msgspec.structs.replace(created, ticker="KXNFLSPREAD-26X-Y"))
        await asyncio.sleep(0.01)
        assert world.followed == {BUF}
        if news == "a fee":
            service.look_again()
        else:
            service.on_lifecycle(created)
        await asyncio.sleep(0.01)
        assert world.followed == {BUF, HOU}
        discovering.cancel()

    asyncio.run(later())


def test_trades_go_to_history(world: World) -> None:
    service = streaming(world)
    trade = Trade(
        ticker=BUF,
        trade_id="t",
        price=4_800,
        count=100,
        taker=Side.YES,
        ts_event=NOW,
        ts_recv=NOW,
    )
    service.on_trade(trade)
    assert (world.trades, service.trades) == ([trade], 1)
