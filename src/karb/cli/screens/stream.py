"""`karb stream`: the markets that moved last on a terminal, NDJSON of prices and trades off it."""

import asyncio
from typing import TYPE_CHECKING, Any

from karb.cli.output import clean
from karb.cli.screens.live import feed_lines, lost_line, stores_line
from karb.cli.screens.running import TOLD_EVERY, draw, line, terminal
from karb.domain.market.messages import Side
from karb.domain.units import CENT, CONTRACT, MILLISECOND, cents, contracts

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from karb.domain.market.messages import Trade
    from karb.ports import Quoted
    from karb.wiring.stream import Streamed

ROWS = 25


def run(*, as_json: bool) -> None:
    """Stream, and show it."""
    from karb.wiring.stream import stream

    stream(_on_terminal if terminal(as_json=as_json) else _as_lines)


async def _on_terminal(streamed: "Streamed") -> None:
    moved: dict[str, None] = {}

    def picture(_width: int) -> "RenderableType":
        for ticker in streamed.take_moved():
            moved.pop(ticker, None)
            moved[ticker] = None
        streamed.take_trades()
        return _drawn(streamed, list(moved)[::-1][:ROWS])

    await draw(picture)


def _drawn(streamed: "Streamed", tickers: list[str]) -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    ticks, trades = streamed.counts()
    parts: list[RenderableType] = [
        Text("karb stream", style="bold"),
        *feed_lines(streamed.feed()),
        stores_line(streamed.stores()),
        lost_line(streamed.lost()),
        Text(f"history {ticks:,} ticks, {trades:,} trades"),
        _table(streamed, tickers),
    ]
    parts += [Text(clean(told), style="yellow") for told in streamed.problems()[:3]]
    return Group(*parts)


def _table(streamed: "Streamed", tickers: list[str]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in ("market", "book"):
        table.add_column(name, no_wrap=True)
    for name in ("bid", "ask", "spread", "bid size", "ask size", "last", "volume"):
        table.add_column(name, justify="right", no_wrap=True)
    for ticker in tickers:
        _, quoted = streamed.market(ticker)
        if quoted is not None:
            style = "" if quoted.live else "dim red"
            table.add_row(clean(ticker), *_cells(quoted), style=style)
    return table


def _cells(quoted: "Quoted") -> list[str]:
    quote = quoted.quote
    prices = (quote.yes_bid, quote.yes_ask, quote.spread)
    sizes = (quote.yes_bid_size, quote.yes_ask_size)
    return [
        "LIVE" if quoted.live else "lost",
        *("-" if price is None else cents(price) for price in prices),
        *("-" if size is None else contracts(size) for size in sizes),
        "-" if quoted.last_price is None else cents(quoted.last_price),
        "-" if quote.volume is None else contracts(quote.volume),
    ]


async def _as_lines(streamed: "Streamed") -> None:
    while True:
        for trade in streamed.take_trades():
            line("karb.trade/1", _trade(trade))
        for ticker in streamed.take_moved():
            _, quoted = streamed.market(ticker)
            if quoted is not None:
                line("karb.quote/1", _quote(quoted))
        await asyncio.sleep(TOLD_EVERY)


def _quote(quoted: "Quoted") -> dict[str, Any]:
    """Prices in cents, sizes in contracts, times in ms."""
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


def _trade(trade: "Trade") -> dict[str, Any]:
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
