"""When and where a market is mispriced on purpose: a plan that follows from the seed.

For a short while the makers of one market quote around a price that is some cents off. The
plan is drawn in the venue's own time, without looking at what happens, so the same seed
plants the same edges. Games with room are taken: offered, well traded, 2 to 40 hours before
the start, and priced so that the walk until then does not matter.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from karb.sim.chance import chance

SHORTEST, LONGEST = 1.0, 8.0
LEAST_CENTS, MOST_CENTS = 6, 8
"""What is promised when an edge is planted: the grid may add up to a cent to it, the walk of the
chance until its end a tenth of a cent or take it away. Both mids must still look like one game."""
_EARLIEST, _LATEST = 2.2 * 3_600, 40.0 * 3_600
_LOWEST_PRICE, _HIGHEST_PRICE = 0.28, 0.77
_TRIES = 40


class Candidate(msgspec.Struct, frozen=True):
    """A market that can carry an edge: its chance and the real seconds to its start."""

    ticker: str
    event: str
    chance: float
    to_start: float


class Plan(msgspec.Struct, frozen=True):
    """One edge to plant, at seconds of the venue's time since it opened."""

    ticker: str
    side: Literal["yes", "no"]
    cents: int
    begins: float
    ends: float


class Planted(msgspec.Struct, frozen=True):
    """An edge that was planted: from `begins_ns` to `ends_ns` `side` cost `cents` too little.

    `cents` is the least difference from the true probability at its beginning: the price grid may
    add up to a cent, and the probability walks on, by less than a tenth of a cent.
    """

    ticker: str
    side: Literal["yes", "no"]
    cents: int
    begins_ns: int
    ends_ns: int


def plans(
    seed: int, candidates: Sequence[Candidate], *, per_minute: float, speed: float
) -> Iterator[Plan]:
    """Every edge to come, by its beginning; never two at once on one event."""
    random = chance(seed, "edges")
    busy: dict[str, float] = {}
    at = 0.0
    last = max((each.to_start - _EARLIEST for each in candidates), default=0.0) * speed
    while per_minute > 0 and at < last:
        at += random.expovariate(per_minute / 60.0)
        length = random.uniform(SHORTEST, LONGEST)
        cents = random.randint(LEAST_CENTS, MOST_CENTS)
        for _ in range(_TRIES):
            candidate = random.choice(candidates)
            side: Literal["yes", "no"] = random.choice(("yes", "no"))
            free = busy.get(candidate.event, 0.0) <= at
            if free and _fits(candidate, side, cents, candidate.to_start - at / speed):
                # A second of rest, so that one edge's end is never another one's beginning.
                busy[candidate.event] = at + length + 1.0
                yield Plan(candidate.ticker, side, cents, at, at + length)
                break


def _fits(candidate: Candidate, side: str, cents: int, to_start: float) -> bool:
    worth = candidate.chance if side == "yes" else 1.0 - candidate.chance
    price = worth - cents / 100
    return _EARLIEST <= to_start <= _LATEST and _LOWEST_PRICE <= price <= _HIGHEST_PRICE
