"""The specification's seven entry conditions, on the gross edge, for an open market.

`book_count` and `book_spread` are settled when the consensus is joined (`joined`); here are
the five that a tick or the clock can change.
"""

from karb.domain.edge.edge import EdgeCalculation
from karb.domain.edge.joined import Joined
from karb.domain.edge.profile import Profile
from karb.domain.edge.refusal import Refusal
from karb.domain.edge.situation import Moment


def conditions(
    joined: Joined, now: Moment, edge: EdgeCalculation, profile: Profile
) -> list[Refusal]:
    """Every condition that fails, the edge first."""
    refused = []
    if edge.best_edge < joined.wanted:
        refused.append(Refusal("min_edge", edge.best_edge, joined.wanted))
    refused.extend(joined.refused)
    quote = now.quote
    spread = quote.spread
    if spread is None or spread > profile.max_kalshi_spread:
        refused.append(Refusal("kalshi_spread", spread, profile.max_kalshi_spread))
    volume = quote.volume
    if volume is None or volume < profile.min_volume:
        refused.append(Refusal("volume", volume, profile.min_volume))
    listing = joined.listing
    if listing.closes is not None and now.at >= listing.closes and listing.open:
        refused.append(Refusal("not_open"))
    left = listing.start - now.at
    if not joined.earliest <= left <= joined.latest:
        bound = joined.earliest if left < joined.earliest else joined.latest
        refused.append(Refusal("hours_to_event", left, bound))
    if not profile.min_price <= edge.price <= profile.max_price:
        limit = profile.min_price if edge.price < profile.min_price else profile.max_price
        refused.append(Refusal("price_bounds", edge.price, limit))
    return refused
