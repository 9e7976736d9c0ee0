"""Timing on a machine that does other things too.

What a message costs is the median over rounds of the thread's CPU time, in which a
preempted round does not show; contenders take turns within each round, so that a slow
minute is slow for all of them and ratios hold. Percentiles are wall time, with a clock pair
around each call.
"""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

WARM_UP = 2_000


class Contender(NamedTuple):
    """A function of one text, and the texts."""

    call: Callable[[Any], object]
    texts: Sequence[Any]


class Timing(NamedTuple):
    """Microseconds a message: CPU, and percentiles of wall time (0 where not measured)."""

    cpu: float
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0


def contest(contenders: Mapping[str, Contender], rounds: int) -> dict[str, Timing]:
    """Let the contenders take turns for `rounds` rounds."""
    cpu: dict[str, list[float]] = {name: [] for name in contenders}
    wall: dict[str, list[int]] = {name: [] for name in contenders}
    for each in contenders.values():
        _all(each.call, each.texts[:WARM_UP])
    for _ in range(rounds):
        for name, each in contenders.items():
            gc.collect()
            cpu[name].append(_cpu(each.call, each.texts))
            wall[name] += _wall(each.call, each.texts)
    return {name: _timing(cpu[name], wall[name]) for name in contenders}


def _all(call: Callable[[Any], object], texts: Sequence[Any]) -> None:
    for text in texts:
        call(text)


def _cpu(call: Callable[[Any], object], texts: Sequence[Any]) -> float:
    """Nanoseconds of CPU a text, without a clock inside the loop."""
    started = time.thread_time_ns()
    _all(call, texts)
    return (time.thread_time_ns() - started) / len(texts)


def _wall(call: Callable[[Any], object], texts: Sequence[Any]) -> list[int]:
    clock, taken = time.perf_counter_ns, []
    for text in texts:
        started = clock()
        call(text)
        taken.append(clock() - started)
    return taken


def _timing(cpu: list[float], wall: list[int]) -> Timing:
    wall.sort()
    p50, p95, p99 = (wall[int(len(wall) * share)] / 1e3 for share in (0.50, 0.95, 0.99))
    return Timing(statistics.median(cpu) / 1e3, p50, p95, p99)
