"""A running karb on a terminal: edges, ages, funnel, rates and losses, drawn twice a second.

Off a terminal nothing is drawn; `stream_json` prints the same as NDJSON, a signal the moment
it is sent and the whole status every few seconds.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from karb.cli.output import clean
from karb.cli.screens.detect_rows import live_cells
from karb.domain.edge.refusal import describe, duration
from karb.domain.units import MILLISECOND

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from karb.domain.edge.signal import Signal
    from karb.services.latency import Latency
    from karb.services.status import Feed, Odds, Status, Store

EDGES, SIGNALS, PROBLEMS = 12, 6, 3
_ALL = ("market", "buy", "ask", "fair (interval)", "edge", "fee", "net", "size", "odds", "starts")
_LAYOUTS = (
    (165, _ALL),
    (125, _ALL[1:]),
    (100, ("buy", "ask", "fair (interval)", "net", "size", "odds")),
    (0, ("buy", "ask", "fair (interval)", "net")),
)
"""From how many columns on, and what is shown there."""
_WORDS = frozenset({"market", "buy", "signal", ""})
_MARKS = {True: ("up", "green"), False: ("down", "red"), None: ("starting", "yellow")}


def drawn(status: "Status", width: int) -> "RenderableType":
    """The whole screen at one moment, for a terminal of `width` columns."""
    from rich.console import Group
    from rich.text import Text

    columns = _columns(width)
    parts: list[RenderableType] = [_head(status), *_lines(status), _edges(status, columns)]
    if status.signals:
        parts.append(_signals(status, columns))
    parts.append(Text(_funnel(status), style="dim"))
    parts += [Text(clean(told), style="yellow") for told in status.problems[:PROBLEMS]]
    return Group(*parts)


def _columns(width: int) -> tuple[str, ...]:
    """As many figures as there is room for; which bet and what is left of it come first."""
    return next(columns for room, columns in _LAYOUTS if width >= room)


def _head(status: "Status") -> "RenderableType":
    from rich.text import Text

    text = Text(f"karb  {status.profile}  ", style="bold")
    text.append(
        status.mode, style="bold black on yellow" if status.mode != "LIVE" else "bold white on red"
    )
    text.append(f"  up {duration(status.at - status.since)}", style="dim")
    return text


def _lines(status: "Status") -> "list[RenderableType]":
    from rich.text import Text

    lines = [] if status.feed is None else feed_lines(status.feed)
    if status.odds is not None:
        lines.append(Text(f"odds    {_odds(status.odds, status.at)}"))
    return [*lines, stores_line(status.stores), lost_line(status.lost)]


def feed_lines(feed: "Feed") -> "list[RenderableType]":
    """The connection to the exchange."""
    from rich.text import Text

    text = Text("prices  ")
    state = "LIVE" if feed.connected else "NOT CONNECTED"
    text.append(state, style="green" if feed.connected else "bold red")
    return [text.append(_feed(feed))]


def lost_line(lost: Mapping[str, int]) -> "RenderableType":
    """What nobody will see."""
    from rich.text import Text

    told = ", ".join(f"{name} {count:,}" for name, count in lost.items())
    return Text(f"lost    {told}", style="yellow" if any(lost.values()) else "dim")


def _feed(feed: "Feed") -> str:
    quiet = "" if feed.quiet is None else f", heard {feed.quiet / MILLISECOND:,.0f} ms ago"
    return (
        f"  {feed.live} of {feed.markets} books, {feed.messages:,} messages, {feed.rate:,.0f}/s"
        f"{quiet}{_latency(feed.latency)}"
    )


def _latency(latency: "Latency | None") -> str:
    if latency is None:
        return ""
    figures = (latency.average, latency.p50, latency.p95, latency.least, latency.most)
    named = zip(("avg", "P50", "P95", "min", "max"), figures, strict=True)
    return (
        "\n        one message takes " + ", ".join(f"{n} {v / 1e3:.1f}" for n, v in named) + " µs"
    )


def _odds(odds: "Odds", now: int) -> str:
    left = "" if odds.credits_left is None else f", {odds.credits_left:,} credits left"
    return (
        f"{odds.priced} of {odds.events} events priced, asked {duration(now - odds.at)} ago{left}"
    )


def stores_line(stores: "Sequence[Store]") -> "RenderableType":
    """The stores, and what waits for them."""
    from rich.text import Text

    text = Text("stores  ")
    for store in stores:
        mark, colour = _MARKS[store.up]
        text.append(f"{store.name} ").append(mark, style=colour)
        text.append(f" {store.detail}   " if store.detail else "   ", style="dim")
    return text


def _edges(status: "Status", columns: Sequence[str]) -> "Table":
    table = _table((*columns, ""))
    for signal in status.edges[:EDGES]:
        why = "signal" if signal.should_trade else describe(signal.reasons[0])
        style = "bold green" if signal.should_trade else "dim"
        _add(table, signal, columns, why, style)
    return table


def _signals(status: "Status", columns: Sequence[str]) -> "Table":
    table = _table((*columns, "signal"))
    for signal in status.signals[:SIGNALS]:
        _add(table, signal, columns, f"{duration(status.at - signal.at)} ago", "green")
    return table


def _add(table: "Table", signal: "Signal", columns: Sequence[str], last: str, style: str) -> None:
    cells = live_cells(signal)
    table.add_row(*(clean(cells[name]) for name in columns), clean(last), style=style)


def _table(columns: Sequence[str]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", expand=True)
    for name in columns:
        justify: Literal["left", "right"] = "left" if name in _WORDS else "right"
        # Figures are never cut; words give way, the last column first.
        width = 6 if name in _WORDS else None
        table.add_column(
            name,
            justify=justify,
            no_wrap=True,
            overflow="ellipsis",
            min_width=width or len(name),
            ratio=1 if name == columns[-1] else None,
        )
    return table


def _funnel(status: "Status") -> str:
    steps = " > ".join(f"{count:,} {name}" for name, count in status.funnel)
    refused = sorted(status.refused.items(), key=lambda item: -item[1])[:6]
    why = ", ".join(f"{name} {count:,}" for name, count in refused)
    return f"{steps}; {status.sent:,} signals" + (f"\nrefused: {why}" if why else "")


def status_body(status: "Status") -> dict[str, Any]:
    """The status for NDJSON, without the looks at edges, which are for people."""
    import msgspec

    return {
        "profile": status.profile,
        "mode": status.mode,
        "feed": msgspec.to_builtins(status.feed),
        "odds": msgspec.to_builtins(status.odds),
        "stores": msgspec.to_builtins(list(status.stores)),
        "funnel": dict(status.funnel),
        "refused": dict(status.refused),
        "signals": status.sent,
        "lost": dict(status.lost),
        "problems": list(status.problems),
    }
