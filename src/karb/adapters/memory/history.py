"""History that ends with the process: for tests, and as the model of the tables' answers."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from karb.adapters.questdb.found import LATEST, SIGNALS, VOLUME, Found
from karb.domain.edge.signal import Action, Signal
from karb.domain.fair.odds import OddsEvent
from karb.domain.fair.offered import Offered
from karb.domain.linking.tickers import league_and_kind, series_of
from karb.domain.market.messages import Quote, Side, Trade
from karb.domain.units import CASH_PER_CENT, CENT, CONTRACT, Nanos, Price

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Recorded(NamedTuple):
    """A tick with the price of the last trade."""

    quote: Quote
    last_price: Price | None


class RecordedOdds(NamedTuple):
    """The odds of an event, and what was made of them."""

    event: OddsEvent
    offered: Offered
    at: Nanos


class MemoryHistory:
    """The port `History`, and the three questions. What was recorded lies open, in order."""

    def __init__(self) -> None:
        self.ticks: list[Recorded] = []
        self.trades: list[Trade] = []
        self.odds: list[RecordedOdds] = []
        self.opportunities: list[Signal] = []

    def add_quote(self, quote: Quote, last_price: Price | None) -> None:
        """Record a tick."""
        self.ticks.append(Recorded(quote, last_price))

    def add_trade(self, trade: Trade) -> None:
        """Record a trade."""
        self.trades.append(trade)

    def add_odds(self, event: OddsEvent, offered: Offered, at: Nanos) -> None:
        """Record every book's odds of an event and what was made of them."""
        self.odds.append(RecordedOdds(event, offered, at))

    def add_signal(self, signal: Signal) -> None:
        """Record a signal, or a NO_TRADE whose reason changed."""
        self.opportunities.append(signal)

    def latest(self, after: Nanos, limit: int) -> Found:
        """The newest prices of each market that ticked after this, the newest first."""
        newest = {
            tick.quote.ticker: tick
            for tick in sorted(self.ticks, key=lambda tick: tick.quote.ts_recv)
            if tick.quote.ts_recv > after
        }
        ordered = sorted(newest.values(), key=lambda tick: (-tick.quote.ts_recv, tick.quote.ticker))
        return Found(LATEST, [_latest(tick) for tick in ordered[:limit]])

    def volume(self, after: Nanos, limit: int) -> Found:
        """Contracts and trades after this by sport, the most first."""
        by_sport: defaultdict[str | None, list[Trade]] = defaultdict(list)
        for trade in self.trades:
            if trade.ts_recv > after:
                found = league_and_kind(series_of(trade.ticker))
                by_sport[found[0].sport if found else None].append(trade)
        rows = [
            (sport, sum(trade.count for trade in trades) / CONTRACT, len(trades))
            for sport, trades in by_sport.items()
        ]
        rows.sort(key=lambda row: (-row[1], row[0] or ""))
        return Found(VOLUME, list(rows[:limit]))

    def signals(self, after: Nanos, min_edge: float, limit: int) -> Found:
        """Signals after this with so many cents of gross edge, the newest first."""
        wanted = [
            signal
            for signal in _newest_first(self.opportunities)
            if signal.at > after
            and signal.action is not Action.NO_TRADE
            and signal.edge is not None
            and signal.edge.best_edge / CASH_PER_CENT >= min_edge
        ]
        return Found(SIGNALS, [_signal(signal) for signal in wanted[:limit]])


def _latest(tick: Recorded) -> tuple[object, ...]:
    quote = tick.quote
    prices = (
        quote.yes_bid,
        quote.yes_ask,
        quote.bid(Side.NO),
        quote.ask(Side.NO),
        tick.last_price,
    )
    volume = None if quote.volume is None else quote.volume / CONTRACT
    return quote.ticker, *map(_cents, prices), volume, _when(quote.ts_recv)


def _signal(signal: Signal) -> tuple[object, ...]:
    edge = signal.edge
    if edge is None or signal.net_edge is None:
        raise AssertionError("what is traded has an edge")
    return (
        _when(signal.at),
        signal.listing.ticker,
        signal.action.value,
        edge.price / CENT,
        _cents(signal.max_price),
        float(signal.recommended_contracts),
        edge.best_edge / CASH_PER_CENT,
        signal.net_edge / CASH_PER_CENT,
        signal.fair / CASH_PER_CENT,
        signal.low / CASH_PER_CENT,
        signal.confidence_score,
        signal.confidence_tier.value,
        signal.profile,
        signal.listing.league.sport,
        signal.signal_id,
    )


def _newest_first(signals: Iterable[Signal]) -> list[Signal]:
    return sorted(signals, key=lambda signal: -signal.at)


def _cents(price: Price | None) -> float | None:
    return None if price is None else price / CENT


def _when(at: Nanos) -> datetime:
    """As exact as QuestDB keeps it: a microsecond."""
    return _EPOCH + timedelta(microseconds=at // 1_000)
