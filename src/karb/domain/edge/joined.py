"""A market joined with its consensus: all that no tick can change, computed once.

Consensus changes every half minute, prices many times a second. What depends on the books
alone is settled here: what a contract is worth, the edge the profile wants, the conditions
that already fail, the points of confidence that are already earned.
"""

from math import ceil, floor

import msgspec

from karb.domain.edge.profile import Profile
from karb.domain.edge.refusal import Refusal
from karb.domain.edge.situation import Listing
from karb.domain.fair.consensus import Consensus
from karb.domain.fair.interval import age_term
from karb.domain.market.leagues import Kind
from karb.domain.units import CASH_PER_DOLLAR, Cash, Nanos, fair_value


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """One market and its consensus, for one profile.

    `fair`, `low` and `high` are what one YES is worth, the interval still without the age
    term (`term` is what it takes off either end). `wanted` is the gross edge in force, at least one
    unit. `refused` are the conditions no tick can mend; `points` the confidence so far.
    """

    listing: Listing
    consensus: Consensus
    fair: Cash
    low: Cash
    high: Cash
    drift: float
    wanted: Cash
    earliest: Nanos
    latest: Nanos
    refused: tuple[Refusal, ...]
    points: int

    def term(self, at: Nanos) -> Cash:
        """What the interval loses on either side by the age of its oldest quote."""
        return ceil(age_term(self.drift, at - self.consensus.oldest) * CASH_PER_DOLLAR)


def join(listing: Listing, consensus: Consensus, profile: Profile) -> Joined:
    """Join a market with its consensus under a profile."""
    earliest, latest = profile.min_time, profile.max_time
    if listing.kind is Kind.CHAMPION:
        earliest, latest = profile.champion_min_time, profile.champion_max_time
    agreeing = agree(consensus, profile)
    return Joined(
        listing=listing,
        consensus=consensus,
        fair=fair_value(consensus.probability),
        low=floor(consensus.low * CASH_PER_DOLLAR),
        high=ceil(consensus.high * CASH_PER_DOLLAR),
        drift=profile.fair.drift,
        wanted=max(profile.min_edge_agreeing if agreeing else profile.min_edge, 1),
        earliest=earliest,
        latest=latest,
        refused=_refused(listing, consensus, profile),
        points=_points(consensus, profile, agreeing=agreeing),
    )


def agree(consensus: Consensus, profile: Profile) -> bool:
    """Whether many books lie close together."""
    return (
        consensus.books >= profile.agreeing_books
        and fair_value(consensus.spread) <= profile.agreeing_range
    )


def _refused(listing: Listing, consensus: Consensus, profile: Profile) -> tuple[Refusal, ...]:
    refused = []
    if not listing.open:
        refused.append(Refusal("not_open"))
    if listing.quarantined:
        refused.append(Refusal("quarantined"))
    if listing.kind not in profile.markets:
        refused.append(Refusal("kind"))
    if consensus.books < profile.min_books:
        refused.append(Refusal("book_count", consensus.books, profile.min_books))
    spread = fair_value(consensus.spread)
    if spread > profile.max_book_spread:
        refused.append(Refusal("book_spread", spread, profile.max_book_spread))
    return tuple(refused)


def _points(consensus: Consensus, profile: Profile, *, agreeing: bool) -> int:
    rules = profile.confidence
    points = rules.base
    if agreeing:
        points += rules.books_agree
    if fair_value(consensus.spread) < rules.tight_range:
        points += rules.tight_books
    if consensus.books <= 2:
        points += rules.two_books
    return points
