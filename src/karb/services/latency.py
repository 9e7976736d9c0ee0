"""How long messages take, from samples: what the specification calls its latency statistics."""

from array import array
from collections.abc import Callable
from typing import TypeVar

import msgspec

T = TypeVar("T")

KEPT = 4_096


class Latency(msgspec.Struct, frozen=True):
    """Nanoseconds of the newest samples; `count` of them."""

    count: int
    average: int
    p50: int
    p95: int
    least: int
    most: int


class Sampler:
    """Times calls, and keeps the newest few thousand samples."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._samples = array("q")
        self._next = 0

    def timed(self, take: Callable[[T], object]) -> Callable[[T], object]:
        """`take` with its time taken."""
        clock, keep = self._clock, self._keep

        def call(message: T) -> object:
            began = clock()
            answer = take(message)
            keep(clock() - began)
            return answer

        return call

    def latency(self) -> Latency | None:
        """What the samples say; None without any."""
        ordered = sorted(self._samples)
        if not ordered:
            return None
        count = len(ordered)
        return Latency(
            count=count,
            average=sum(ordered) // count,
            p50=ordered[count // 2],
            p95=ordered[min(count - 1, count * 95 // 100)],
            least=ordered[0],
            most=ordered[-1],
        )

    def _keep(self, sample: int) -> None:
        if len(self._samples) < KEPT:
            self._samples.append(sample)
        else:
            self._samples[self._next] = sample
            self._next = (self._next + 1) % KEPT
