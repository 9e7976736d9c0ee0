"""Timing on a machine that does other things too.

What a message costs is the median over rounds of the thread's CPU time, in which a
preempted round does not show. Contenders take turns within each round, and a ratio is the
median of the ratios of the rounds, so that a slow minute is slow for both and cancels.
Percentiles are wall time, with a clock pair around each call.
"""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple


def _nothing() -> None:
    """Nothing has to be set up."""


class Contender(NamedTuple):
    """A function of one text, the texts, and what to do before they come, off the clock."""

    call: Callable[[Any], object]
    texts: Sequence[Any]
    before: Callable[[], object] = _nothing


class Timing(NamedTuple):
    """Microseconds: what is compared (its median over `rounds`), and percentiles of wall time.

    What is compared is CPU a message, where a goal does not say otherwise.
    """

    cost: float
    p50: float | None
    p95: float | None
    p99: float | None
    rounds: list[float]

    def over(self, other: "Timing") -> float:
        """How many times as long as another contender of the same contest this one takes."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return statistics.median(mine / its for mine, its in pairs)


def costing(rounds: list[float]) -> Timing:
    """What was compared of each round, where no call was timed by itself."""
    return Timing(statistics.median(rounds), None, None, None, rounds)


def contest(contenders: Mapping[str, Contender], rounds: int) -> dict[str, Timing]:
    """Let the contenders take turns for `rounds` rounds."""
    cpu: dict[str, list[float]] = {name: [] for name in contenders}
    wall: dict[str, list[int]] = {name: [] for name in contenders}
    for each in contenders.values():
        each.before()
        _all(each.call, each.texts)
    for _ in range(rounds):
        for name, each in contenders.items():
            each.before()
            gc.collect()
            cpu[name].append(_cpu(each.call, each.texts))
            each.before()
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
    rounds = [nanos / 1e3 for nanos in cpu]
    return Timing(statistics.median(rounds), p50, p95, p99, rounds)
