"""What the REST API lists, whether it comes from the living world or from recorded files."""

from typing import NamedTuple, Protocol

from karb.sim import answers
from karb.sim import wire_rest as wire
from karb.sim.units import SECOND
from karb.sim.world import World


class Row(NamedTuple):
    """One thing that is listed: its name, its answer, and what else it can be found by.

    `at` is in seconds: a milestone's start, or the time of a trade.
    """

    key: str
    body: object
    event: str = ""
    series: str = ""
    ticker: str = ""
    status: str = ""
    kind: str = ""
    at: int = 0


class Catalog(Protocol):
    """Everything that is listed."""

    def markets(self) -> list[Row]: ...  # noqa: D102 - each lists what it is named after
    def events(self, *, nested: bool) -> list[Row]: ...  # noqa: D102
    def series(self) -> list[Row]: ...  # noqa: D102
    def milestones(self) -> list[Row]: ...  # noqa: D102
    def trades(self) -> list[Row]: ...  # noqa: D102
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
            status = markets[0].status
            rows.append(
                Row(event.ticker, body, event=event.ticker, series=event.series, status=status)
            )
        return rows

    def series(self) -> list[Row]:
        """Every series."""
        return [Row(each.ticker, each) for each in answers.series_answers(self._world)]

    def milestones(self) -> list[Row]:
        """Every game's milestone, the next start first."""
        rows = []
        for each in answers.milestone_answers(self._world):
            event = self._world.events[each.primary_event_tickers[0]]
            at = event.start // SECOND
            rows.append(Row(each.id, each, event=event.ticker, kind=each.type, at=at))
        return rows

    def trades(self) -> list[Row]:
        """The newest trades, the last one first."""
        rows = []
        for trade, at in reversed(self._world.trades):
            body = answers.trade_answer(trade, at)
            rows.append(Row(body.trade_id, body, ticker=trade.ticker, at=at // SECOND))
        return rows

    def orderbook(self, ticker: str, depth: int, *, named: bool) -> object | None:
        """A market's book."""
        if ticker not in self._world.markets:
            return None
        book = self._world.exchange.book(ticker)
        return answers.orderbook_answer(book, depth, ticker if named else "")

    def _market(self, ticker: str) -> Row:
        terms, body = self._world.markets[ticker].terms, self._answer(ticker)
        return Row(
            ticker, body, event=terms.event, series=terms.series, ticker=ticker, status=body.status
        )

    def _answer(self, ticker: str) -> wire.Market:
        market = self._world.markets[ticker]
        return answers.market_answer(market, self._world.exchange.book(ticker))
