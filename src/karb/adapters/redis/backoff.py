"""How long to wait before a server that was away is asked again: full jitter, doubling."""

from random import Random

FIRST, LONGEST = 0.05, 2.0
"""Seconds."""


class Backoff:
    """Waits; longer each time, until it is told that all is well."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._failures = 0

    def next(self) -> float:
        """Seconds to wait now."""
        longest = min(LONGEST, FIRST * 2.0**self._failures)
        self._failures = min(self._failures + 1, 16)
        return self._random.uniform(longest / 2, longest)

    def reset(self) -> None:
        """It went well: the next wait is a short one."""
        self._failures = 0
