"""Prices, trades and the standing of `karb stream` as JSON.

Prices are cents, sizes contracts, the times of prices and trades milliseconds since 1970.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from karb.cli.screens.detect_json import iso_time
from karb.cli.screens.live_json import feed_body, lost_body, stores_body
from karb.domain.market.messages import Side
from karb.domain.units import CENT, CONTRACT, MILLISECOND, Nanos

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karb.domain.market.messages import Trade
    from karb.ports import Quoted
    from karb.services.status import Feed, Store


class Standing(NamedTuple):
    """How a stream stands at one moment; `ticks` and `trades` were handed to history."""

    at: Nanos
    feed: "Feed"
    stores: "Sequence[Store]"
    lost: "Mapping[str, int]"
    ticks: int
    trades: int
    problems: "Sequence[str]"


def standing_body(standing: Standing, unread: int) -> dict[str, Any]:
    """The members of `karb run`'s status, null where a process that only streams has nothing."""
    return {
        "at": iso_time(standing.at),
        "profile": None,
        "mode": None,
        "feed": feed_body(standing.feed),
        "odds": None,
        "stores": stores_body(standing.stores),
        "funnel": None,
        "refused": None,
        "signals": None,
        "history": {"ticks": standing.ticks, "trades": standing.trades},
        "lost": lost_body(standing.lost, unread),
        "problems": list(standing.problems),
    }


def quote_body(quoted: "Quoted") -> dict[str, Any]:
    """The newest prices of a market."""
    quote = quoted.quote
    return {
        "ticker": quote.ticker,
        "live": quoted.live,
        "yes_bid": _over(quote.yes_bid, CENT),
        "yes_ask": _over(quote.yes_ask, CENT),
        "no_bid": _over(quote.bid(Side.NO), CENT),
        "no_ask": _over(quote.ask(Side.NO), CENT),
        "yes_bid_size": _over(quote.yes_bid_size, CONTRACT),
        "yes_ask_size": _over(quote.yes_ask_size, CONTRACT),
        "volume": _over(quote.volume, CONTRACT),
        "last_price": _over(quoted.last_price, CENT),
        "ts": None if quote.ts_event is None else quote.ts_event // MILLISECOND,
        "received": quote.ts_recv // MILLISECOND,
    }


def trade_body(trade: "Trade") -> dict[str, Any]:
    """One trade on the exchange."""
    return {
        "ticker": trade.ticker,
        "trade_id": trade.trade_id,
        "yes_price": trade.price / CENT,
        "count": trade.count / CONTRACT,
        "taker_side": trade.taker,
        "ts": trade.ts_event // MILLISECOND,
    }


def _over(value: int | None, unit: int) -> float | None:
    return None if value is None else value / unit
