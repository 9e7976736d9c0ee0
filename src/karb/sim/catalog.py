"""What the REST API lists, whether it comes from the living world or from recorded files."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from karb.sim import answers, sport
from karb.sim import wire_rest as wire
from karb.sim.book import Book
from karb.sim.candles import Candle
from karb.sim.market import Figures
from karb.sim.units import SECOND
from karb.sim.world import World


class Times(NamedTuple):
    """When something was created, closes, was settled and was last changed; None: not known.

    In seconds. A trade is no change.
    """

    created: int | None = None
    closes: int | None = None
    settled: int | None = None
    updated: int | None = None


class Row(NamedTuple):
    """One thing that is listed: its name, its answer, and what else it can be found by.

    `at` is in seconds: a milestone's start, or the time of a trade. `combo` marks the parlays,
    `competitions` are the words by which a competition is asked for.
    """

    key: str
    body: object
    event: str = ""
    series: str = ""
    ticker: str = ""
    status: str = ""
    kind: str = ""
    at: int = 0
    times: Times = Times()
    combo: bool = False
    competitions: tuple[str, ...] = ()


class Shown(NamedTuple):
    """What stands in a market's book, how often it has changed, and what has traded.

    `figures` is None where that was not recorded.
    """

    book: Book
    clock: int
    figures: Figures | None


class Board(Protocol):
    """Everything that can be subscribed to."""

    def tickers(self) -> Iterable[str]:
        """Every market."""

    def shown(self, ticker: str) -> Shown | None:
        """What is to be seen of a market now; None when there is none."""


class Catalog(Board, Protocol):
    """Everything that is listed."""

    def markets(self) -> list[Row]: ...  # noqa: D102 - each lists what it is named after
    def events(self, *, nested: bool) -> list[Row]: ...  # noqa: D102
    def series(self) -> list[Row]: ...  # noqa: D102
    def milestones(self) -> list[Row]: ...  # noqa: D102
    def trades(self) -> list[Row]: ...  # noqa: D102
    def targets(self) -> list[Row]: ...  # noqa: D102
    def live_data(self) -> list[Row]: ...  # noqa: D102
    def candles(self, ticker: str, period: int) -> Sequence[Candle]:
        """A market's candlesticks of so many minutes, the oldest first."""

    def sports(self) -> object | None:
        """Which competitions each sport has; None where that was not recorded."""

    def orderbook(self, ticker: str, depth: int, *, named: bool) -> object | None:
        """A market's book with `depth` levels a side (0: all); None when there is no market."""


class Living:
    """The world as a catalog."""

    def __init__(self, world: World) -> None:
        self._world = world

    def markets(self) -> list[Row]:
        """Every market."""
        return [self._market(ticker) for ticker in self._world.markets]

    def events(self, *, nested: bool) -> list[Row]:
        """Every event, with its markets where they are asked for."""
        opening = self._world.clock.began
        rows = []
        for event in self._world.events.values():
            markets = [self._answer(ticker) for ticker in event.markets]
            body = answers.event_answer(event, markets if nested else None, opening)
            last = max(self._world.markets[ticker].terms.closes for ticker in event.markets)
            rows.append(
                Row(
                    event.ticker,
                    body,
                    event=event.ticker,
                    series=event.series,
                    ticker=event.ticker,
                    status=markets[0].status,
                    times=Times(closes=last // SECOND, updated=opening // SECOND),
                )
            )
        return rows

    def series(self) -> list[Row]:
        """Every series."""
        return [Row(each.ticker, each) for each in answers.series_answers(self._world)]

    def milestones(self) -> list[Row]:
        """Every game's milestone, the next start first."""
        began = self._world.clock.began // SECOND
        return [
            Row(
                body.id,
                body,
                event=event.ticker,
                kind=body.type,
                at=event.start // SECOND,
                times=Times(updated=began),
                competitions=(event.league.competition,),
            )
            for event, body in sport.milestones(self._world)
        ]

    def live_data(self) -> list[Row]:
        """How each game stands, by its milestone's id."""
        return [
            Row(body.milestone_id, body, kind=body.type) for body in sport.live_data(self._world)
        ]

    def targets(self) -> list[Row]:
        """Every team."""
        return [
            Row(body.id, body, kind=body.type, competitions=(league.name,))
            for league, body in sport.targets(self._world)
        ]

    def candles(self, ticker: str, period: int) -> Sequence[Candle]:
        """A market's candlesticks since the venue opened."""
        return self._world.candles[ticker].of(period)

    def sports(self) -> object:
        """Which competitions each sport has."""
        return sport.filters(self._world)

    def trades(self) -> list[Row]:
        """The newest trades, the last one first."""
        rows = []
        for trade, at in reversed(self._world.trades):
            body = answers.trade_answer(trade, at)
            rows.append(Row(body.trade_id, body, ticker=trade.ticker, at=at // SECOND))
        return rows

    def tickers(self) -> Iterable[str]:
        """Every market."""
        return self._world.markets

    def shown(self, ticker: str) -> Shown | None:
        """A market's book and figures now."""
        market = self._world.markets.get(ticker)
        if market is None:
            return None
        exchange = self._world.exchange
        return Shown(exchange.book(ticker), exchange.clock(ticker), market.figures)

    def orderbook(self, ticker: str, depth: int, *, named: bool) -> object | None:
        """A market's book."""
        if ticker not in self._world.markets:
            return None
        book = self._world.exchange.book(ticker)
        return answers.orderbook_answer(book, depth, ticker if named else "")

    def _market(self, ticker: str) -> Row:
        market, body = self._world.markets[ticker], self._answer(ticker)
        terms, settled = market.terms, market.settled_at
        return Row(
            ticker,
            body,
            event=terms.event,
            series=terms.series,
            ticker=ticker,
            status=body.status,
            times=Times(
                created=terms.opened // SECOND,
                closes=terms.closes // SECOND,
                settled=None if settled is None else settled // SECOND,
                updated=market.updated // SECOND,
            ),
        )

    def _answer(self, ticker: str) -> wire.Market:
        market = self._world.markets[ticker]
        return answers.market_answer(market, self._world.exchange.book(ticker))
