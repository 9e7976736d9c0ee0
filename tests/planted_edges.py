"""What a venue planted against what a detector said: which edges are owed, found, missed.

An edge is owed a signal when it stood long enough while nothing that detects was dead or on
its way back. A signal belongs to the edge of its market and side that stood at its time; one
that belongs to none is a stray, whenever it came.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from karb.domain.units import MILLISECOND, SECOND, Nanos
from karb.sim.venue import Planted

LEAST: Nanos = SECOND
"""How long an edge must have stood, in the venue's own time."""
LATE: Nanos = 2 * SECOND
"""How long after an edge's end its signal may still come on a busy machine."""
EARLY: Nanos = MILLISECOND
"""A signal's time is told in whole milliseconds."""


class Seen(NamedTuple):
    """A signal: market, side, and when it was decided."""

    ticker: str
    side: str
    at: Nanos


class Window(NamedTuple):
    """A span of real time."""

    begins: Nanos
    ends: Nanos


class Verdict(NamedTuple):
    """Places in the venue's plan, by what became of the edge there; and the strays.

    `found` has the edges that have a signal, owed or not, with how long that took; `whole`
    those that began in the light, where that says how quick detection is.
    """

    owed: frozenset[int]
    whole: frozenset[int]
    found: dict[int, Nanos]
    strays: tuple[Seen, ...]

    @property
    def missed(self) -> list[int]:
        """Owed, and never told."""
        return sorted(self.owed - self.found.keys())


def judged(
    planted: Sequence[Planted],
    seen: Iterable[Seen],
    *,
    lit: Window,
    dark: Iterable[Window] = (),
    speed: float = 1.0,
) -> Verdict:
    """Hold signals against a plan; edges are owed within `lit`, apart from what was `dark`."""
    least = round(LEAST / speed)
    gaps = sorted(dark)
    owed = {n for n, edge in enumerate(planted) if longest_lit(edge, lit, gaps) >= least}
    whole = {n for n in owed if not _in_the_dark(planted[n].begins_ns, lit, gaps)}
    found: dict[int, Nanos] = {}
    strays: list[Seen] = []
    for signal in sorted(seen, key=lambda each: each.at):
        place = _place(planted, signal)
        if place is not None:
            found.setdefault(place, signal.at - planted[place].begins_ns)
        elif signal.at >= lit.begins:
            strays.append(signal)
    return Verdict(frozenset(owed), frozenset(whole), found, tuple(strays))


def told_of(stray: Seen, planted: Sequence[Planted]) -> str:
    """A stray in words, with the last edge there was of its market and side."""
    before = [
        edge
        for edge in planted
        if (edge.ticker, edge.side) == (stray.ticker, stray.side) and edge.begins_ns <= stray.at
    ]
    if not before:
        return f"{stray.ticker} {stray.side}, which had no edge before"
    since = (stray.at - before[-1].ends_ns) / SECOND
    return f"{stray.ticker} {stray.side}, whose last edge had ended {since:.3f} s before"


def longest_lit(edge: Planted, lit: Window, dark: Sequence[Window]) -> Nanos:
    """The longest span for which an edge stood in the light; `dark` is in order of beginning."""
    at, end = max(edge.begins_ns, lit.begins), min(edge.ends_ns, lit.ends)
    longest = 0
    for gap in dark:
        longest = max(longest, min(end, gap.begins) - at)
        at = max(at, gap.ends)
    return max(longest, end - at)


def _in_the_dark(at: Nanos, lit: Window, dark: Sequence[Window]) -> bool:
    return at < lit.begins or any(gap.begins <= at < gap.ends for gap in dark)


def _place(planted: Sequence[Planted], signal: Seen) -> int | None:
    """The newest edge of this market and side that a signal can speak of."""
    for place in range(len(planted) - 1, -1, -1):
        edge = planted[place]
        if (edge.ticker, edge.side) == (signal.ticker, signal.side) and (
            edge.begins_ns - EARLY <= signal.at <= edge.ends_ns + LATE
        ):
            return place
    return None
