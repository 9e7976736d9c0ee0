"""From what happens at the venue to bodies of WebSocket messages."""

from functools import cache
from uuid import NAMESPACE_URL, uuid5

from karb.sim.book import ASK, BID, Book
from karb.sim.exchange import Delta, Trade
from karb.sim.market import Figures, Market, Status
from karb.sim.units import CONTRACT, DOLLAR, MILLISECOND, SECOND, contracts, dollars, rfc3339
from karb.sim.wire_stream import (
    DeltaBody,
    Level,
    LifecycleBody,
    SnapshotBody,
    TickerBody,
    TradeBody,
)

_A_DOLLAR = 2 * CONTRACT
"""How many contracts the exchange's own example counts as a dollar of volume or interest."""


@cache
def market_id(ticker: str) -> str:
    """The exchange's uuid of a market."""
    return str(uuid5(NAMESPACE_URL, f"market/{ticker}"))


def trade_id(number: int) -> str:
    """The exchange's uuid of a trade."""
    return str(uuid5(NAMESPACE_URL, f"trade/{number}"))


def ticker_body(figures: Figures, book: Book, at: int) -> TickerBody:
    """The state of a market; an empty side is told as 0 or 1 dollar."""
    bid, ask = book.best(BID), book.best(ASK)
    return TickerBody(
        market_id=market_id(figures.ticker),
        market_ticker=figures.ticker,
        price_dollars=dollars(figures.last_price),
        yes_bid_dollars=dollars(bid or 0),
        yes_ask_dollars=dollars(DOLLAR if ask is None else ask),
        volume_fp=contracts(figures.volume),
        open_interest_fp=contracts(figures.interest),
        dollar_volume=figures.volume // _A_DOLLAR,
        dollar_open_interest=figures.interest // _A_DOLLAR,
        yes_bid_size_fp=contracts(book.size(BID, bid) if bid else 0),
        yes_ask_size_fp=contracts(book.size(ASK, ask) if ask else 0),
        last_trade_size_fp=contracts(figures.last_size),
        ts=at // SECOND,
        ts_ms=at // MILLISECOND,
        time=rfc3339(at),
    )


def trade_body(trade: Trade, at: int) -> TradeBody:
    """A trade that just happened."""
    return TradeBody(
        trade_id=trade_id(trade.number),
        market_ticker=trade.ticker,
        yes_price_dollars=dollars(trade.price),
        no_price_dollars=dollars(DOLLAR - trade.price),
        count_fp=contracts(trade.count),
        taker_side=trade.taker,
        taker_outcome_side=trade.taker,
        taker_book_side=BID if trade.taker == "yes" else ASK,
        is_block_trade=False,
        ts=at // SECOND,
        ts_ms=at // MILLISECOND,
    )


def snapshot_body(ticker: str, book: Book, clock: int, *, use_yes_price: bool) -> SnapshotBody:
    """A whole book; NO bids at their own price, or at the YES price where that is asked for."""
    asks = book.levels(ASK)
    no = asks if use_yes_price else [(DOLLAR - price, count) for price, count in reversed(asks)]
    return SnapshotBody(
        market_ticker=ticker,
        market_id=market_id(ticker),
        clock=clock,
        yes_dollars_fp=_levels(book.levels(BID)),
        no_dollars_fp=_levels(no),
    )


def _levels(levels: list[tuple[int, int]]) -> list[Level]:
    return [(dollars(price), contracts(count)) for price, count in levels]


def delta_body(delta: Delta, at: int, *, use_yes_price: bool) -> DeltaBody:
    """A change that just happened."""
    price = DOLLAR - delta.price if use_yes_price and delta.side == "no" else delta.price
    return DeltaBody(
        market_ticker=delta.ticker,
        market_id=market_id(delta.ticker),
        clock=delta.clock,
        price_dollars=dollars(price),
        delta_fp=contracts(delta.change),
        side=delta.side,
        ts=rfc3339(at),
        ts_ms=at // MILLISECOND,
    )


def lifecycle_body(market: Market) -> LifecycleBody:
    """What the market's newest status is told as."""
    index = market.terms.league.exchange_index
    at = market.updated // SECOND
    if market.status is Status.FINALIZED:
        return LifecycleBody(
            market_ticker=market.terms.ticker,
            event_type="settled",
            exchange_index=index,
            settled_ts=at,
        )
    return LifecycleBody(
        market_ticker=market.terms.ticker,
        event_type="determined",
        exchange_index=index,
        result=market.result,
        settlement_value=dollars(DOLLAR if market.result == "yes" else 0),
        determination_ts=at,
    )
