"""The tables of history: the specification's columns under its own names, and karb's.

Prices, odds as prices, edges and amounts are cents, counts are contracts, both DOUBLE: 48.5 is
48.5 and half a contract is 0.5. `timestamp` is when karb received a row, `event_time` when it
happened by the clock of who sent it. Two ticks of one millisecond differ by `seq`, which
stands in the keys, so that both stay and a row that is sent twice is one.
"""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """A column's type in QuestDB. A SYMBOL is a text of which there are few."""

    SYMBOL = "SYMBOL"
    STRING = "STRING"
    DOUBLE = "DOUBLE"
    LONG = "LONG"
    TIMESTAMP = "TIMESTAMP"


class Column(NamedTuple):
    """A column. `capacity` says how many different symbols to expect."""

    name: str
    kind: Kind
    capacity: int | None = None

    @property
    def declared(self) -> str:
        """As in CREATE TABLE."""
        size = f" CAPACITY {self.capacity}" if self.capacity else ""
        return f'"{self.name}" {self.kind}{size}'


TIME, SEQ = "timestamp", "seq"
"""Columns of every table, before its own: when a row was received, and its number."""


class Table(NamedTuple):
    """A table. `columns` are its own, in the order of a row's values; `key` is one of them."""

    name: str
    columns: tuple[Column, ...]
    key: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns by which two rows are the same."""
        return TIME, self.key, SEQ

    @property
    def stored(self) -> tuple[Column, ...]:
        """Every column but the designated timestamp, in the order of the table."""
        return *self.columns, Column(SEQ, Kind.LONG)


def _symbol(name: str, capacity: int | None = None) -> Column:
    return Column(name, Kind.SYMBOL, capacity)


def _numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.DOUBLE) for name in names)


_TICKER = _symbol("ticker", 10_000)
_SPORT = _symbol("sport", 20)
_EVENT_TIME = Column("event_time", Kind.TIMESTAMP)

TICKS = Table(
    "kalshi_ticks",
    (
        _TICKER,
        *_numbers("yes_bid", "yes_ask", "no_bid", "no_ask", "volume", "last_price"),
        *_numbers("yes_bid_size", "yes_ask_size"),
        _EVENT_TIME,
    ),
    key="ticker",
)
"""Every ticker message."""

TRADES = Table(
    "kalshi_trades",
    (
        _TICKER,
        *_numbers("count", "price"),
        _symbol("side", 4),
        _symbol("taker_side", 4),
        Column("trade_id", Kind.STRING),
        _SPORT,
        _EVENT_TIME,
    ),
    key="ticker",
)
"""Every trade. `side` is the outcome that the taker bought, `price` what he paid for it."""

OPPORTUNITIES = Table(
    "arb_opportunities",
    (
        _TICKER,
        Column("event_id", Kind.STRING),
        _SPORT,
        *_numbers("kalshi_yes_ask", "consensus_prob", "edge_cents"),
        Column("confidence_score", Kind.LONG),
        _symbol("action", 20),
        Column("signal_id", Kind.STRING),
        _symbol("profile", 20),
        _symbol("side", 4),
        *_numbers("kalshi_yes_bid", "price", "max_price", "net_edge_cents"),
        *_numbers("fair_low", "fair_high", "total_fee_cents", "contracts"),
        *_numbers("total_risk_cents", "total_profit_cents"),
        _symbol("confidence_tier", 8),
        Column("book_count", Kind.LONG),
        *_numbers("book_spread"),
        Column("quote_age_ms", Kind.LONG),
        Column("odds_age_ms", Kind.LONG),
        Column("reasons", Kind.STRING),
        Column("starts_at", Kind.TIMESTAMP),
        _EVENT_TIME,
    ),
    key="ticker",
)
"""Every signal, and NO_TRADE where its reason changed.

`edge_cents` is gross, `net_edge_cents` what is left per contract at the low end of the fair
price after the fee. `price`, `max_price`, `fair_low` and `fair_high` are those of `side`;
the totals are for all `contracts`, the profit what they earn on average.
"""

ODDS = Table(
    "sportsbook_odds",
    (
        _symbol("event_id", 10_000),
        _SPORT,
        _symbol("team", 1_000),
        _symbol("book", 50),
        *_numbers("decimal_odds", "implied", "fair"),
        Column("book_updated_at", Kind.TIMESTAMP),
        *_numbers("consensus", "consensus_low", "consensus_high"),
        _symbol("dropped", 20),
    ),
    key="event_id",
)
"""Every book's odds of every outcome. `implied` has the margin in it, `fair` has not.

`fair` is empty where the book does not count, and `dropped` says why.
"""

TABLES = {table.name: table for table in (TICKS, TRADES, OPPORTUNITIES, ODDS)}
