"""How much may be read: the exchange's token buckets.

A request costs ten tokens, the few in `COSTS` less; tokens come back at a steady rate and do not
add up beyond a second's worth. An account spends by its tier, which `/account/limits` tells. Who
does not sign is counted by address: of the real exchange 51 requests a second were measured to
pass there, and 77 not to; here 60 do.
"""

from collections.abc import Callable
from typing import NamedTuple

from karb.sim.faults import Armed, Fault
from karb.sim.units import SECOND

DEFAULT_COST = 10
COSTS = {"/portfolio/orders/{order}": 2}
"""What costs something else, by its path."""
BALANCE = "/portfolio/balance"
"""The path with a limit of its own beside the tokens."""
_STRANGERS = 600


class Tier(NamedTuple):
    """What an account may do a second: tokens to read and to write, balances to ask for."""

    name: str
    read: int
    write: int
    balances: int


BASIC = Tier("basic", 200, 100, 1)
PRIME = Tier("prime", 4_000, 4_000, 5)
"""The venue's own: clients that pace themselves never meet its end."""


class Bucket:
    """Tokens, at most a second's worth of them. `now` is in nanoseconds."""

    def __init__(self, a_second: int, now: Callable[[], int]) -> None:
        self._rate, self._now = a_second, now
        self._left, self._at = float(a_second), now()

    def take(self, cost: int) -> bool:
        """Spend tokens if they are there."""
        at = self._now()
        back = max(0, at - self._at) * self._rate / SECOND
        self._left, self._at = min(float(self._rate), self._left + back), at
        if self._left < cost:
            return False
        self._left -= cost
        return True


class Limits:
    """What the account, and everybody else together, may still read."""

    def __init__(self, now: Callable[[], int], armed: Armed) -> None:
        self._armed = armed
        self._reads = {tier: Bucket(tier.read, now) for tier in (BASIC, PRIME)}
        self._balances = {tier: Bucket(tier.balances, now) for tier in (BASIC, PRIME)}
        self._strangers = Bucket(_STRANGERS, now)

    @property
    def tier(self) -> Tier:
        """The account's tier now."""
        return BASIC if Fault.BASIC_TIER in self._armed.holding else PRIME

    def allow(self, path: str, *, signed: bool) -> bool:
        """Whether a path may be read once more now; spends its tokens if so."""
        cost = COSTS.get(path, DEFAULT_COST)
        if not signed:
            return self._strangers.take(cost)
        own = self._balances[self.tier].take(1) if path == BALANCE else True
        return own and self._reads[self.tier].take(cost)
