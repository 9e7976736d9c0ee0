"""What the REST API lists, whether it comes from the living world or from recorded files."""

from typing import NamedTuple, Protocol

from karb.sim import answers
from karb.sim import wire_rest as wire
from karb.sim.units import SECOND
from karb.sim.world import World


class Row(NamedTuple):
    """One thing that is listed: what it can be found by, and its answer."""

    key: str
    event: str
    series: str
    status: str
    at: int
    body: object


class Catalog(Protocol):
    """Everything that is listed. `at` of a row is in seconds: a start, or a time of trading."""

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
        rows = []
        for event in self._world.events.values():
            markets = [self._answer(ticker) for ticker in event.markets]
            body = answers.event_answer(event, markets if nested else None, self._world.clock.began)
            row = Row(
                event.ticker, event.ticker, event.series, markets[0].status, event.start, body
            )
            rows.append(row)
        return rows

    def series(self) -> list[Row]:
        """Every series."""
        listed = answers.series_answers(self._world)
        return [Row(each.ticker, "", each.ticker, "", 0, each) for each in listed]

    def milestones(self) -> list[Row]:
        """Every game's milestone, the next start first."""
        rows = []
        for each in answers.milestone_answers(self._world):
            event = self._world.events[each.primary_event_tickers[0]]
            at = event.start // SECOND
            rows.append(Row(each.id, event.ticker, event.series, each.type, at, each))
        return rows

    def trades(self) -> list[Row]:
        """The newest trades, the last one first."""
        rows = []
        for trade, at in reversed(self._world.trades):
            event = self._world.markets[trade.ticker].terms.event
            body = answers.trade_answer(trade, at)
            rows.append(Row(body.trade_id, event, trade.ticker, "", at // SECOND, body))
        return rows

    def orderbook(self, ticker: str, depth: int, *, named: bool) -> object | None:
        """A market's book."""
        if ticker not in self._world.markets:
            return None
        book = self._world.exchange.book(ticker)
        return answers.orderbook_answer(book, depth, ticker if named else "")

    def _market(self, ticker: str) -> Row:
        terms, body = self._world.markets[ticker].terms, self._answer(ticker)
        return Row(ticker, terms.event, terms.series, body.status, 0, body)

    def _answer(self, ticker: str) -> wire.Market:
        market = self._world.markets[ticker]
        return answers.market_answer(market, self._world.exchange.book(ticker))
