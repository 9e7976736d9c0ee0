"""How long to wait before trying again: at random, up to a bound that doubles.

Full jitter: what fell together comes back apart. Chance is handed in.
"""

from random import Random

MOST_DOUBLINGS = 30


def full_jitter(random: Random, failures: int, first: float, most: float) -> float:
    """Seconds to wait after so many failures in a row: up to `first`, doubled for each."""
    return random.uniform(0.0, min(most, first * 2.0 ** min(failures, MOST_DOUBLINGS)))


class Backoff:
    """Waits for a server that is away; longer each time, until it is told that all is well."""

    def __init__(self, random: Random, first: float, most: float) -> None:
        self._random, self._first, self._most = random, first, most
        self._failures = 0

    def next(self) -> float:
        """Seconds to wait now."""
        wait = full_jitter(self._random, self._failures, self._first, self._most)
        self._failures += 1
        return wait

    def reset(self) -> None:
        """It went well: the next wait is a short one."""
        self._failures = 0
