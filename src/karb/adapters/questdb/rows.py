"""Domain values as rows: the one place where an exact price becomes a float.

Money is divided once, by a power of ten, so that a row holds the double nearest to the
decimal: 4,850 is 48.5. What is not known is None, never 0.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import msgspec

from karb.adapters.questdb.tables import ODDS, OPPORTUNITIES, TICKS, TRADES, Table
from karb.domain.edge.signal import Signal
from karb.domain.fair.odds import BookQuote, OddsEvent
from karb.domain.fair.offered import Offered
from karb.domain.linking.tickers import league_and_kind, series_of
from karb.domain.market.messages import YES, Quote, Trade
from karb.domain.units import (
    CASH_PER_CENT,
    CENT,
    CONTRACT,
    DOLLAR,
    MILLISECOND,
    Cash,
    Count,
    Nanos,
    Price,
)

Values: TypeAlias = tuple[str | float | int | None, ...]


class Row(msgspec.Struct, frozen=True, gc=False):
    """Received `at`; `values` in the order of the table's own columns."""

    at: Nanos
    seq: int
    values: Values


class Ticked(msgspec.Struct, frozen=True, gc=False):
    """A tick with the YES price of the last trade."""

    quote: Quote
    last_price: Price | None


class Priced(msgspec.Struct, frozen=True):
    """The odds of an event, and what was made of them, received `at`."""

    event: OddsEvent
    offered: Offered
    at: Nanos


Entry: TypeAlias = Ticked | Trade | Signal | Priced
"""What was recorded and is no row yet."""

_TABLE_OF: dict[type, Table] = {
    Ticked: TICKS,
    Trade: TRADES,
    Signal: OPPORTUNITIES,
    Priced: ODDS,
}


def table_of(entry: Entry) -> Table:
    """The table that an entry belongs in."""
    return _TABLE_OF[type(entry)]


def row_count(entry: Entry) -> int:
    """How many rows it makes."""
    if isinstance(entry, Priced):
        return sum(len(quote.odds) for quote in entry.event.quotes)
    return 1


def rows(entry: Entry, new_seq: Callable[[], int]) -> Iterable[Row]:
    """Its rows, each with a number of its own."""
    if isinstance(entry, Ticked):
        return (Row(entry.quote.ts_recv, new_seq(), _tick(entry)),)
    if isinstance(entry, Trade):
        return (Row(entry.ts_recv, new_seq(), _trade(entry)),)
    if isinstance(entry, Signal):
        return (Row(entry.at, new_seq(), _signal(entry)),)
    return (Row(entry.at, new_seq(), values) for values in _odds(entry))


def _tick(ticked: Ticked) -> Values:
    quote = ticked.quote
    bid, ask = quote.yes_bid, quote.yes_ask
    return (
        quote.ticker,
        _cents(bid),
        _cents(ask),
        None if ask is None else (DOLLAR - ask) / CENT,
        None if bid is None else (DOLLAR - bid) / CENT,
        _contracts(quote.volume),
        _cents(ticked.last_price),
        _contracts(quote.yes_bid_size),
        _contracts(quote.yes_ask_size),
        quote.ts_event,
    )


def _trade(trade: Trade) -> Values:
    paid = trade.price if trade.taker is YES else DOLLAR - trade.price
    return (
        trade.ticker,
        trade.count / CONTRACT,
        paid / CENT,
        trade.taker.value,
        trade.taker.value,
        trade.trade_id,
        _sport(trade.ticker),
        trade.ts_event,
    )


def _signal(signal: Signal) -> Values:
    edge, listing, books = signal.edge, signal.listing, signal.sportsbook
    return (
        listing.ticker,
        books.event_id,
        listing.league.sport,
        _cents(signal.kalshi.yes_ask),
        signal.fair / CASH_PER_CENT,
        None if edge is None else edge.best_edge / CASH_PER_CENT,
        signal.confidence_score,
        signal.action.value,
        signal.signal_id,
        signal.profile,
        None if edge is None else edge.best_side.value,
        _cents(signal.kalshi.yes_bid),
        None if edge is None else edge.price / CENT,
        _cents(signal.max_price),
        _cash_cents(signal.net_edge),
        signal.low / CASH_PER_CENT,
        signal.high / CASH_PER_CENT,
        signal.fee / CASH_PER_CENT,
        float(signal.recommended_contracts),
        signal.risk_amount / CASH_PER_CENT,
        signal.potential_profit / CASH_PER_CENT,
        signal.confidence_tier.value,
        books.books,
        100 * books.spread,
        None if signal.quote_age is None else signal.quote_age // MILLISECOND,
        signal.odds_age // MILLISECOND,
        ",".join(refusal.name for refusal in signal.reasons) or None,
        listing.start,
        signal.kalshi.ts_event,
    )


def _odds(priced: Priced) -> Iterator[Values]:
    for quote in priced.event.quotes:
        for team, decimal in quote.odds.items():
            yield _offer(priced, quote, team, decimal)


def _offer(priced: Priced, quote: BookQuote, team: str, decimal: float) -> Values:
    consensus = priced.offered.fair.get(team)
    answer = consensus or priced.offered.none.get(team)
    kept = consensus.kept if consensus else ()
    fair = next((each.probability for each in kept if each.book == quote.book), None)
    dropped = answer.dropped if answer else ()
    return (
        priced.event.id,
        priced.event.league.sport,
        team,
        quote.book,
        float(decimal),
        100 / decimal if decimal > 0 else None,
        _percent(fair),
        quote.updated,
        _percent(consensus.probability if consensus else None),
        _percent(consensus.low if consensus else None),
        _percent(consensus.high if consensus else None),
        next((each.reason.value for each in dropped if each.book == quote.book), None),
    )


def _sport(ticker: str) -> str | None:
    """By the series, which says it for certain; None where karb does not know it."""
    found = league_and_kind(series_of(ticker))
    return found[0].sport if found else None


def _cents(price: Price | None) -> float | None:
    return None if price is None else price / CENT


def _cash_cents(cash: Cash | None) -> float | None:
    return None if cash is None else cash / CASH_PER_CENT


def _contracts(count: Count | None) -> float | None:
    return None if count is None else count / CONTRACT


def _percent(probability: float | None) -> float | None:
    return None if probability is None else 100 * probability
