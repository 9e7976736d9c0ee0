"""Streaming: the list of open markets, what is followed, and what everybody is told."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
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
from karb.domain.units import SECOND, Nanos
from karb.errors import KarbError, UnreachableError
from karb.ports import Quoted, Taken, Tick, Topic
from karb.services.streaming import SLICE, SLICES, Streaming
from offers import BUF, HOU, listed
from situations import NOW, quote

UNREADABLE = Tick(quote(ticker="UNREADABLE"), None)


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
        self.while_asked: Callable[[], object] = lambda: None

    async def open_markets(self, series: Sequence[str]) -> Sequence[Listed]:
        assert series == ("KXNFLGAME",)
        if self.refuse is not None:
            raise self.refuse
        answer = self.open
        self.while_asked()
        return answer

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

    def take_ticks(self, most: int) -> Taken:
        taken, self.ticks = self.ticks[:most], self.ticks[most:]
        return Taken([each for each in taken if each is not UNREADABLE], left=len(self.ticks))

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


def lifecycle(kind: LifecycleKind, ticker: str = BUF, close_time: Nanos | None = None) -> Lifecycle:
    return Lifecycle(
        ticker=ticker, kind=kind, result="yes", value=None, close_time=close_time, ts_recv=NOW
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


@pytest.mark.parametrize("first", ["memory", "list"])
def test_what_ended_while_nobody_streamed_leaves_the_tables_and_others_lose_nothing(
    world: World, first: str
) -> None:
    """The table of an earlier process comes before the first list of markets, or after it."""
    service = streaming(world)
    world.open = [listed(BUF)]
    ended, elsewhere = "KXNFLGAME-26NOV19BUFNYJ-BUF", "KXNBAGAME-26NOV25LALBOS-BOS"
    for ticker in (BUF, ended, elsewhere):
        world.tables |= {(Topic.MARKETS, ticker): "old", (Topic.QUOTES, ticker): "old"}
    if first == "list":
        asyncio.run(service.discover())
    service.remember([BUF, ended, elsewhere])
    if first == "memory":
        asyncio.run(service.discover())
    assert {ticker for _, ticker in world.tables} == {BUF, elsewhere}
    assert world.closed == [ended]


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


def test_ticks_that_cannot_be_read_hold_back_none_that_can(world: World) -> None:
    service = streaming(world)
    world.ticks = [UNREADABLE, Tick(quote(), None)] * SLICE
    asyncio.run(service.flush())
    assert (len(world.recorded), world.ticks) == (SLICE, [])


def test_prices_are_published_however_many_ticks_wait_to_be_recorded(world: World) -> None:
    """Ticks that come as fast as they are recorded keep nobody waiting for the newest price."""
    service = streaming(world)
    world.quotes, world.changed = {BUF: Quoted(quote(), live=True)}, {BUF}

    async def more(_seconds: float) -> None:
        assert (Topic.QUOTES, BUF) in world.tables
        world.ticks += [Tick(quote(), None)] * SLICE

    world.ticks, service._sleep = [Tick(quote(), None)] * (SLICE + 1), more
    asyncio.run(service.flush())
    assert len(world.recorded) == SLICE * SLICES


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
    service.on_lifecycle(lifecycle(kind))
    assert world.tables[Topic.MARKETS, BUF].market.status is status
    assert world.closed == ([BUF] if over else [])


def test_a_new_closing_time_is_told_and_news_of_other_markets_are_not(world: World) -> None:
    service = streaming(world)
    world.open = [listed(BUF)]
    asyncio.run(service.discover())
    news = lifecycle(LifecycleKind.CLOSE_DATE_UPDATED, close_time=NOW + SECOND)
    told = world.puts
    service.on_lifecycle(news)
    assert world.tables[Topic.MARKETS, BUF].market.close_time == NOW + SECOND
    service.on_lifecycle(msgspec.structs.replace(news, ticker=HOU))
    assert world.puts == told + 1


def test_a_decided_market_does_not_come_back_with_its_last_prices(world: World) -> None:
    """The exchange cancels what rests in its book, and every change of it is news of prices."""
    service = streaming(world)
    world.open = [listed(BUF)]
    asyncio.run(service.discover())
    service.on_lifecycle(lifecycle(LifecycleKind.DETERMINED))
    world.quotes, world.changed = {BUF: Quoted(quote(), live=True)}, {BUF}
    asyncio.run(service.flush())
    assert (world.closed, world.cached) == ([BUF], {})


def test_a_list_that_was_asked_for_before_does_not_overrule_news(world: World) -> None:
    """What the stream says while the list is on its way stands, and the list is asked again."""
    service = streaming(world)
    world.open = [listed(BUF), listed(HOU)]
    asyncio.run(service.discover())

    def news() -> None:
        service.on_lifecycle(lifecycle(LifecycleKind.DEACTIVATED))
        service.on_lifecycle(lifecycle(LifecycleKind.CLOSE_DATE_UPDATED, HOU, NOW + SECOND))

    world.while_asked = news
    asyncio.run(service.discover())
    assert world.tables[Topic.MARKETS, BUF].market.status is MarketStatus.PAUSED
    assert world.tables[Topic.MARKETS, HOU].market.close_time == NOW + SECOND
    assert service._again.is_set()


def test_a_market_that_is_paused_before_it_was_ever_listed_is_listed_as_paused(
    world: World,
) -> None:
    service = streaming(world)
    world.open = [listed(BUF)]
    world.while_asked = lambda: service.on_lifecycle(lifecycle(LifecycleKind.DEACTIVATED))
    asyncio.run(service.discover())
    assert world.tables[Topic.MARKETS, BUF].market.status is MarketStatus.PAUSED


def test_news_from_before_a_list_was_asked_for_does_not_overrule_it(world: World) -> None:
    service = streaming(world)
    world.open = [listed(BUF)]
    asyncio.run(service.discover())
    service.on_lifecycle(lifecycle(LifecycleKind.DEACTIVATED))
    asyncio.run(service.discover())
    assert world.tables[Topic.MARKETS, BUF].market.status is MarketStatus.ACTIVE


@pytest.mark.parametrize("news", ["a new market of the series", "a fee"])
def test_what_only_the_list_tells_is_asked_for_at_once(world: World, news: str) -> None:
    created = lifecycle(LifecycleKind.CREATED, HOU)

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
