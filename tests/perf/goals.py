"""The goals the bench reports on, and what a run found beside each."""

from collections.abc import Mapping
from typing import NamedTuple

from perf.harness import Timing

AT_MOST, AT_LEAST = "at most", "at least"


class Goal(NamedTuple):
    """A ratio or a count, and the bound that a release claims."""

    name: str
    what: str
    bound: str
    limit: float

    def met(self, value: float) -> bool:
        """Whether a value keeps the bound."""
        return value <= self.limit if self.bound == AT_MOST else value >= self.limit


GOALS = {
    goal.name: goal
    for goal in (
        Goal("M1", "whole detection / typed decode", AT_MOST, 1.5),
        Goal("M2", "pykalshi's decode and dispatch / whole detection", AT_LEAST, 8),
        Goal("M3", "kalshi-sdk's decode and dispatch / whole detection", AT_LEAST, 15),
        Goal("M4", "obvious version / whole detection", AT_LEAST, 12),
        Goal("M5", "receive and decide / receive and decode", AT_MOST, 1.25),
        Goal("M6", "wire to decision / receive only, P50 at 10,000 a second", AT_MOST, 1.1),
        Goal("M7", "wire to decision / receive only, P99 at 10,000 a second", AT_MOST, 1.25),
        Goal("M8", "messages a second for 2 s, none lost, no backlog", AT_LEAST, 100_000),
        Goal("M9", "capacity of one core / 2,000 messages a second", AT_LEAST, 250),
        Goal("M10a", "P99 with Redis stopped for 1 s / without", AT_MOST, 1.1),
        Goal("M10b", "what Redis lacks once it goes on", AT_MOST, 0),
        Goal("M12", "a tick among 100,000 markets / among 100", AT_MOST, 1.75),
        Goal("M13", "redis-py's pipeline / write-behind, CPU a tick", AT_LEAST, 10),
        Goal("M14", "network calls and awaits between text and decision", AT_MOST, 0),
        Goal("M15", "garbage collections in 60,000 rejected ticks", AT_MOST, 0),
        Goal("M16", "consensus published to in force / bare hop, P50", AT_MOST, 1.1),
        Goal("M17a", "delta to best bid and ask / typed decode", AT_MOST, 2.5),
        Goal("M17b", "kalshi-sdk's delta to book / delta to best bid and ask", AT_LEAST, 10),
    )
}


class Row(NamedTuple):
    """One line of the table; `value` is None for what could not be measured, with `note`."""

    goal: str
    value: float | None = None
    floor: Timing | None = None
    other: Timing | None = None
    karb: Timing | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """`met`, `MISSED` or `skipped`."""
        if self.value is None:
            return "skipped"
        return "met" if GOALS[self.goal].met(self.value) else "MISSED"


def ratio(goal: str, timings: Mapping[str, Timing], above: str, below: str, note: str = "") -> Row:
    """A row for the cost of one contender over another's in the same contest."""
    others = [timing for name, timing in timings.items() if name not in ("floor", "karb")]
    return Row(
        goal,
        timings[above].over(timings[below]),
        timings.get("floor"),
        others[0] if others else None,
        timings.get("karb"),
        note,
    )


def table(rows: list[Row]) -> str:
    """The rows for people; times in microseconds."""
    head = ("goal", "limit", "measured", "", "floor", "other", "karb", "P50", "P95", "P99", "what")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(row: Row) -> tuple[str, ...]:
    goal, karb = GOALS[row.goal], row.karb
    spread = (karb.p50, karb.p95, karb.p99) if karb else (None, None, None)
    return (
        row.goal,
        f"{'<=' if goal.bound == AT_MOST else '>='} {goal.limit:,g}",
        "-" if row.value is None else _figure(row.value),
        row.verdict,
        *(_time(timing and timing.cost) for timing in (row.floor, row.other, karb)),
        *(_time(value) for value in spread),
        goal.what + (f" ({row.note})" if row.note else ""),
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.2f}"


def _time(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
