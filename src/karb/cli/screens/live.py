"""A running karb on a terminal: what is wrong, the newest signals, the best edges, the funnel.

Everything is made to fit the terminal, in height too: what a person must not miss stands
above, and the tables take the lines that are left.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from karb.cli.output import clean
from karb.cli.screens.detect_rows import live_cells
from karb.cli.screens.picture import Column, Line, Row, Span, Table, cells, flowed, paragraph
from karb.domain.edge.refusal import describe, duration
from karb.domain.units import MILLISECOND, SECOND, Nanos

if TYPE_CHECKING:
    from karb.domain.edge.signal import Signal
    from karb.services.latency import Latency
    from karb.services.status import Feed, Odds, Status, Store

LEAST = 9
"""Lines that signals and edges have before anything is told that can wait."""
_COLUMNS = {
    "buy": Column(20, words=True),
    "market": Column(0, left=True),
    "starts": Column(5),
    "ask": Column(5),
    "fair": Column(5),
    "interval": Column(9),
    "edge": Column(5),
    "fee": Column(5),
    "net": Column(5),
    "size": Column(9),
    "odds": Column(4),
    "last": Column(8, words=True),
}
_DEAREST = (
    *("buy", "ask", "net", "starts", "last", "fair"),
    *("size", "interval", "odds", "edge", "fee", "market"),
)
"""What stays on a narrow terminal: which bet, of which game, at what price, for how much."""
_MARKS = {True: ("up", "green"), False: ("down", "red"), None: ("starting", "yellow")}


def drawn(status: "Status", width: int, height: int) -> list[Line]:
    """The whole screen at one moment, for a terminal of so many columns and lines."""
    above, below = _above(status, width, height), _below(status, width)
    if height - len(above) - len(below) < LEAST:
        above, below = _above(status, width, height, brief=True), below[:1]
    rows = height - len(above) - len(below)
    return [*above, *_tables(status, width, rows), *below][:height]


def _above(status: "Status", width: int, height: int, *, brief: bool = False) -> list[Line]:
    return [
        _head(status),
        *([] if status.feed is None else feed_lines(status.feed, width, brief=brief)),
        *flowed("odds", list(_odds(status.odds, status.at)), width),
        *stores_lines(status.stores, width),
        *lost_lines(status.lost, width),
        *problem_lines(status.problems, width, height // 4),
    ]


def _head(status: "Status") -> Line:
    real = status.mode == "LIVE"
    gap = Span("  ")
    return (
        Span("karb", "bold"),
        gap,
        Span(status.profile, "bold"),
        gap,
        Span(status.mode, "bold white on red" if real else "bold black on yellow"),
        gap,
        Span(f"up {duration(status.at - status.since)}", "dim"),
    )


def feed_lines(feed: "Feed", width: int, *, brief: bool = False) -> list[Line]:
    """The connection to the exchange; in brief without how long a message takes."""
    lines = flowed("prices", list(_feed(feed)), width)
    if feed.latency is not None and not brief:
        lines += flowed("", list(_latency(feed.latency)), width)
    return lines


def _feed(feed: "Feed") -> Iterator[Span]:
    yield Span("LIVE", "green") if feed.connected else Span("NOT CONNECTED", "bold red")
    yield Span(f"{feed.live:,} of {feed.markets:,} books")
    if feed.quiet is not None:
        yield Span(f"heard {_quiet(feed.quiet)} ago")
    yield Span(f"{feed.rate:,.0f}/s")
    yield Span(f"{feed.messages:,} received")
    if feed.gaps:
        yield Span(f"gaps mended {feed.gaps:,}", "yellow")
    if feed.reconnects:
        yield Span(f"reconnects {feed.reconnects:,}", "yellow")


def _quiet(span: Nanos) -> str:
    return duration(span) if span >= 10 * SECOND else f"{span // MILLISECOND:,} ms"


def _latency(latency: "Latency") -> Iterator[Span]:
    yield Span(f"a message takes avg {latency.average / 1e3:,.1f} µs", "dim")
    figures = (latency.p50, latency.p95, latency.least, latency.most)
    for name, figure in zip(("P50", "P95", "min", "max"), figures, strict=True):
        yield Span(f"{name} {figure / 1e3:,.1f}", "dim")


def _odds(odds: "Odds | None", now: Nanos) -> Iterator[Span]:
    if odds is None:
        yield Span("none yet", "yellow")
        return
    yield Span(f"{odds.priced:,} of {odds.events:,} events priced")
    yield Span(f"answered {duration(now - odds.at)} ago")
    if odds.credits_left is not None:
        yield Span(f"{odds.credits_left:,} credits left")


def stores_lines(stores: "Sequence[Store]", width: int) -> list[Line]:
    """The stores, and what waits for them."""
    parts = []
    for store in stores:
        mark, colour = _MARKS[store.up]
        parts.append(Span(f"{store.name} {mark}", colour))
        if store.detail:
            parts.append(Span(clean(store.detail), "dim"))
    return flowed("stores", parts, width)


def lost_lines(lost: Mapping[str, int], width: int) -> list[Line]:
    """What nobody will see."""
    parts = [Span(f"{name} {count:,}", "yellow") for name, count in lost.items() if count]
    return flowed("lost", parts or [Span("nothing", "dim")], width)


def problem_lines(problems: Sequence[str], width: int, most: int) -> list[Line]:
    """What went wrong and was survived, newest first, over `most` lines; the rest is counted."""
    lines: list[Line] = []
    for number, told in enumerate(problems):
        last = number == len(problems) - 1
        left = most - len(lines) - (not last)
        if left < 1:
            return [*lines, (Span(f"and {len(problems) - number} more", "yellow"),)]
        lines += paragraph(clean(told), "yellow", width, min(left, max(2, most // 3)))
    return lines


def _below(status: "Status", width: int) -> list[Line]:
    left = [f"{count:,} {name}" for name, count in status.funnel]
    parts = [Span(step if not number else f"> {step}") for number, step in enumerate(left)]
    refused = sorted(status.refused.items(), key=lambda item: (-item[1], item[0]))
    why = [Span(f"{reason} {count:,}", "dim") for reason, count in refused]
    return [*flowed("markets", parts, width, most=1), *flowed("refused", why, width, most=2)]


def _tables(status: "Status", width: int, lines: int) -> list[Line]:
    """Signals and the best edges, below each other in the same columns."""
    rows = max(0, lines - 2)
    few = min(len(status.signals), max(rows * 2 // 5, rows - len(status.edges)))
    sent = [_sent(signal, status.at) for signal in status.signals[:few]]
    edges = status.edges[: rows - few]
    looked = [_looked(signal, status.at) for signal in edges]
    table = Table(_COLUMNS, _DEAREST, [*sent, *looked], width)
    room = table.widths.get("last", 0)
    signals = f"signals: {status.sent:,}"
    return [
        table.heading(buy=signals, last="sent ago") if sent else (Span(signals, "bold"),),
        *map(table.line, sent),
        table.heading(buy="best edges now", last="why")
        if looked
        else (Span("no market has both prices yet", "dim"),),
        *(table.line(_named(row, signal, room)) for row, signal in zip(looked, edges, strict=True)),
    ]


def _sent(signal: "Signal", now: Nanos) -> Row:
    return _row(signal, now, duration(now - signal.at), "green")


def _looked(signal: "Signal", now: Nanos) -> Row:
    if signal.should_trade:
        return _row(signal, now, "signal", "bold green")
    return _row(signal, now, describe(signal.reasons[0]), "dim")


def _row(signal: "Signal", now: Nanos, last: str, style: str) -> Row:
    told = {**live_cells(signal, now), "last": last}
    return Row({name: clean(text) for name, text in told.items()}, style)


def _named(row: Row, signal: "Signal", room: int) -> Row:
    """The row with a reason's name where there is no room for its words."""
    if signal.should_trade or cells(row.cells["last"]) <= room:
        return row
    return Row({**row.cells, "last": signal.reasons[0].name}, row.style)
