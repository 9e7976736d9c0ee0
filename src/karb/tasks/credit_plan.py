"""How far the month's credits reach: passes, how often, and minutes a day that can be traded.

A quote is fresh for three minutes (a book's age limit), so a pass gives at most that much
time in which its league can be bought at all. That, and not the number of credits, is what
a plan of the source is worth. Credits come back at 00:00 UTC on the 1st.
"""

from datetime import UTC, datetime
from typing import Self

import msgspec

from karb.domain.fair.rules import DEFAULT_AGE
from karb.domain.units import HOUR, SECOND, Nanos

MINUTE: Nanos = 60 * SECOND
DAY: Nanos = 24 * HOUR
FASTEST: Nanos = MINUTE
"""The source reads the books once a minute; asking more often buys the same prices again."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What `remaining` credits give from `at` until `until`, at `cost` credits a pass.

    `every` is the even distance of passes that lasts until then, never below a minute and
    rounded up to what a person writes; None when not one pass is left.
    """

    at: Nanos
    until: Nanos
    remaining: int
    used: int | None
    cost: int
    passes: int
    every: Nanos | None

    @classmethod
    def of(cls, remaining: int, used: int | None, *, cost: int, at: Nanos) -> Self:
        """Spread these credits evenly over the rest of the month."""
        until = next_first(at)
        passes = remaining // cost if cost else 0
        even = max(FASTEST, -((at - until) // passes)) if passes else None
        return cls(
            at=at,
            until=until,
            remaining=remaining,
            used=used,
            cost=cost,
            passes=passes,
            every=None if even is None else _writable(even),
        )

    @property
    def plenty(self) -> bool:
        """Whether even a pass as often as the source reads the books would last."""
        return self.lasts(FASTEST)

    def lasts(self, every: Nanos) -> bool:
        """Whether passes so far apart can be paid for until the 1st."""
        return self.passes * every >= self.until - self.at

    @property
    def tradable(self) -> Nanos:
        """At most how much of a day prices are fresh, on average until the 1st."""
        fresh = min(self.until - self.at, self.passes * DEFAULT_AGE)
        return fresh * DAY // (self.until - self.at)


def next_first(at: Nanos) -> Nanos:
    """00:00 UTC on the 1st of the month after this moment."""
    day = datetime.fromtimestamp(at // SECOND, UTC)
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * SECOND


def _writable(span: Nanos) -> Nanos:
    """The span rounded up to seconds, and from two hours on to tenths of an hour."""
    step = SECOND if span < 2 * HOUR else HOUR // 10
    return -(-span // step) * step
