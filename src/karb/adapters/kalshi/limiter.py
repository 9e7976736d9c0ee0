"""Kalshi's budget of requests: tokens that come back at a steady rate.

A request costs ten, so the smallest account has twenty reads a second. Time is handed in.
"""

from karb.domain.units import SECOND, Nanos

COST = 10
BASIC = 200
"""Tokens a second that every account has for reading; they do not add up beyond that."""


class TokenBucket:
    """Tokens to spend. One who takes more than there are is told how long to wait."""

    def __init__(self, capacity: int = BASIC, rate: int = BASIC) -> None:
        self._capacity, self._rate = capacity, rate
        self._left = float(capacity)
        self._at: Nanos | None = None

    def resize(self, capacity: int, rate: int) -> None:
        """Take the account's own limits; what has been spent stays spent."""
        self._left += capacity - self._capacity
        self._capacity, self._rate = capacity, rate

    def take(self, tokens: int, now: Nanos) -> Nanos:
        """Spend tokens, and say how long to wait until they are there.

        They are taken at once, also those that are not there yet: who asks first goes first.
        """
        at = now if self._at is None else max(now, self._at)
        back = 0 if self._at is None else (at - self._at) * self._rate / SECOND
        self._left = min(float(self._capacity), self._left + back) - tokens
        self._at = at
        return 0 if self._left >= 0 else int(-self._left * SECOND / self._rate)
