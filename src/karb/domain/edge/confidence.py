"""The confidence score of the specification, started at a base so that every tier exists.

The books' factors are earned when the consensus is joined (`joined`); volume, time and
price are added here.
"""

from enum import StrEnum

from karb.domain.edge.joined import Joined
from karb.domain.edge.profile import ConfidenceRules
from karb.domain.edge.situation import Moment
from karb.domain.units import Price


class Tier(StrEnum):
    """How much of the Kelly stake a score deserves; SKIP is no trade."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    SKIP = "SKIP"

    @property
    def share(self) -> float:
        """The part of the profile's Kelly fraction that is staked."""
        if self is _HIGH:
            return 1.0
        if self is _MEDIUM:
            return 0.5
        return 0.25 if self is _LOW else 0.0


_HIGH, _MEDIUM, _LOW, _SKIP = Tier.HIGH, Tier.MEDIUM, Tier.LOW, Tier.SKIP


def score(joined: Joined, now: Moment, price: Price, rules: ConfidenceRules) -> int:
    """The points of every factor that holds, clamped to 0..100."""
    points = joined.points
    volume = now.quote.volume
    if volume is not None and volume > rules.volume:
        points += rules.high_volume
    if joined.listing.start - now.at <= rules.near:
        points += rules.near_event
    if not rules.extreme_low <= price <= rules.extreme_high:
        points += rules.extreme_price
    if points < 0:
        return 0
    return min(100, points)


def tier(points: int, rules: ConfidenceRules) -> Tier:
    """The tier a score falls into."""
    if points >= rules.high:
        return _HIGH
    if points >= rules.medium:
        return _MEDIUM
    return _LOW if points >= rules.low else _SKIP
