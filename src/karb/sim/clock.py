"""Two kinds of time: real stamps, and the venue's own seconds, which may run faster."""

from collections.abc import Callable

from karb.sim.units import SECOND


class Clock:
    """`now` is real; `elapsed` counts the venue's seconds since it opened, `speed` per second."""

    def __init__(self, now: Callable[[], int], speed: float) -> None:
        self.now = now
        self.speed = speed
        self.began = now()

    @property
    def elapsed(self) -> float:
        """The venue's seconds since it opened."""
        return (self.now() - self.began) / SECOND * self.speed

    def real(self, elapsed: float) -> int:
        """The real moment at which the venue's time comes to `elapsed`."""
        return self.began + round(elapsed / self.speed * SECOND)
