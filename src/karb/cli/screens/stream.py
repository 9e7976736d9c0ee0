"""`karb stream`: the markets that moved last on a terminal, NDJSON of prices and trades off it."""

from collections.abc import Sequence
from functools import partial
from time import time_ns
from typing import TYPE_CHECKING

from karb.cli.output import clean
from karb.cli.screens.lines import Lines
from karb.cli.screens.live import feed_lines, lost_lines, problem_lines, stores_lines
from karb.cli.screens.picture import Column, Line, Row, Span, Table, flowed
from karb.cli.screens.running import beside_none, draw, terminal, turns
from karb.cli.screens.stream_json import Standing, quote_body, standing_body, trade_body
from karb.cli.screens.troubles import Troubles
from karb.domain.units import cents, contracts

if TYPE_CHECKING:
    from karb.cli.screens.screen import Picture
    from karb.ports import Quoted
    from karb.wiring.stream import Streamed

ROWS = 100
"""Markets looked at for a picture: more than a terminal has lines."""
_COLUMNS = {
    "market": Column(0, left=True),
    "book": Column(4, left=True),
    "bid": Column(5),
    "ask": Column(5),
    "spread": Column(5),
    "bid size": Column(6),
    "ask size": Column(6),
    "last": Column(5),
    "volume": Column(7),
}
_DEAREST = ("market", "bid", "ask", "book", "last", "bid size", "ask size", "spread", "volume")
"""What stays on a narrow terminal."""


def run(*, as_json: bool) -> None:
    """Stream, and show it."""
    from karb.wiring.stream import stream

    stream(beside_none(_on_terminal if terminal(as_json=as_json) else as_lines))


async def _on_terminal(streamed: "Streamed") -> None:
    moved: dict[str, None] = {}

    def look() -> "Picture":
        for ticker in streamed.take_moved():
            moved.pop(ticker, None)
            moved[ticker] = None
        streamed.take_trades()
        newest = (streamed.market(ticker)[1] for ticker in list(moved)[::-1][:ROWS])
        quotes = [quoted for quoted in newest if quoted is not None]
        return partial(drawn, _standing(streamed), quotes)

    await draw(look)


async def as_lines(streamed: "Streamed") -> None:
    """Print NDJSON until cancelled."""
    async with Lines() as lines:
        troubles = Troubles(lines.note)
        async for due in turns():
            for trade in streamed.take_trades():
                lines.keep("karb.trade/1", partial(trade_body, trade))
            for ticker in streamed.take_moved():
                _, quoted = streamed.market(ticker)
                if quoted is not None:
                    lines.newest(ticker, "karb.quote/1", partial(quote_body, quoted))
            if due.troubles:
                troubles.look(streamed.problems())
            if due.status:
                body = partial(standing_body, _standing(streamed), lines.lost)
                lines.newest("status", "karb.status/1", body)
            lines.check()


def _standing(streamed: "Streamed") -> Standing:
    return Standing(
        time_ns(),
        streamed.feed(),
        streamed.stores(),
        streamed.lost(),
        *streamed.counts(),
        streamed.problems(),
    )


def drawn(standing: Standing, quotes: "Sequence[Quoted]", width: int, height: int) -> list[Line]:
    """The screen at one moment; `quotes` are those of the markets that moved, the newest first."""
    history = (Span(f"{standing.ticks:,} ticks"), Span(f"{standing.trades:,} trades"))
    above = [
        (Span("karb stream", "bold"),),
        *feed_lines(standing.feed, width, brief=height < 24),
        *stores_lines(standing.stores, width),
        *flowed("history", history, width),
        *lost_lines(standing.lost, width),
        *problem_lines(standing.problems, width, height // 4),
    ]
    rows = [_row(quoted) for quoted in quotes[: max(0, height - len(above) - 1)]]
    table = Table(_COLUMNS, _DEAREST, rows, width)
    return [*above, table.heading(market="newest prices"), *map(table.line, rows)][:height]


def _row(quoted: "Quoted") -> Row:
    quote = quoted.quote
    told = {
        "market": quote.ticker,
        "book": "LIVE" if quoted.live else "lost",
        "bid": _price(quote.yes_bid),
        "ask": _price(quote.yes_ask),
        "spread": _price(quote.spread),
        "bid size": _size(quote.yes_bid_size),
        "ask size": _size(quote.yes_ask_size),
        "last": _price(quoted.last_price),
        "volume": _size(quote.volume),
    }
    cells = {name: clean(text) for name, text in told.items()}
    return Row(cells, "" if quoted.live else "dim red")


def _price(price: int | None) -> str:
    return "-" if price is None else cents(price)


def _size(count: int | None) -> str:
    return "-" if count is None else contracts(count)
