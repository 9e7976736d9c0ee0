"""Percentiles of wall time on a machine that does other things too.

A neighbour's turn on a core is a few milliseconds that say nothing about the program. So a
run is cut into windows, each long enough to hold everything that the program does from time
to time, and the quietest window is taken for the program's own.
"""

import statistics
from collections.abc import Sequence

from perf.harness import Timing

WINDOW = 1_000
"""Texts: a tenth of a second at 10,000 a second, which is ten flushes and two of history."""


def percentile(values: Sequence[int], share: float) -> float:
    """The value below which so many lie; nanoseconds in, microseconds out."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1e3


def quietest(ages: Sequence[int], share: float) -> float:
    """The lowest percentile of all windows."""
    starts = range(0, max(1, len(ages) - WINDOW + 1), WINDOW)
    return min(percentile(ages[start : start + WINDOW], share) for start in starts)


def timing(runs: Sequence[Sequence[int]], compared: Sequence[float]) -> Timing:
    """What is compared of each run, and the percentiles of all runs together."""
    ages = [age for run in runs for age in run]
    p50, p95, p99 = (percentile(ages, share) for share in (0.50, 0.95, 0.99))
    return Timing(statistics.median(compared), p50, p95, p99, list(compared))
