"""The prices at which an edge begins and ends.

`max_price` is exact: the highest tick at which a given size keeps the profile's edge and a
positive net edge. `thresholds` are its cheap, generous sibling for the path of a tick: a
price beyond them cannot make a signal whatever the size, so the tick is dropped by one
comparison. Both rest on cost rising with the price.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from karb.domain.edge.fees import FeeTerms, least_fee
from karb.domain.edge.joined import Joined
from karb.domain.edge.sizing import net_edge
from karb.domain.market.grid import snap_down, snap_up
from karb.domain.market.messages import YES, PriceRange, Side
from karb.domain.units import CASH_PER_DOLLAR, CASH_PER_PRICE, DOLLAR, Cash, Price

NEVER: Price = -1


class Thresholds(msgspec.Struct, frozen=True, gc=False):
    """A tick matters when its YES ask is at most `ask` or its YES bid at least `bid`."""

    ask: Price
    bid: Price

    def excludes(self, bid: Price | None, ask: Price | None) -> bool:
        """Whether these best YES prices cannot matter; None is a side on which nobody is."""
        return (ask is None or ask > self.ask) and (bid is None or bid < self.bid)


CLOSED = Thresholds(ask=NEVER, bid=DOLLAR + 1)


@lru_cache(maxsize=64)
def _least_costs(terms: FeeTerms) -> Sequence[Cash]:
    """What one contract costs at least, by price; one table per set of fee terms."""
    return tuple(p * CASH_PER_PRICE + least_fee(p, terms) for p in range(DOLLAR + 1))


def _highest(fair: Cash, low: Cash, min_edge: Cash, terms: FeeTerms, *, net: bool) -> Price:
    """The highest price with the edge wanted; with `net`, whose cost lies below `low` as well."""
    gross = (fair - min_edge) // CASH_PER_PRICE
    return min(gross, _highest_net(low, terms) if net else DOLLAR)


def _highest_net(low: Cash, terms: FeeTerms) -> Price:
    """The highest price whose cost may lie below `low` at some size."""
    return bisect_right(_least_costs(terms), low - 1) - 1


def thresholds(joined: Joined, *, net: bool) -> Thresholds:
    """Where an edge can begin on either side; `net` asks for a positive net edge as well."""
    terms, wanted = joined.listing.terms, joined.wanted
    ask = _highest(joined.fair, joined.low, wanted, terms, net=net)
    turned, low = CASH_PER_DOLLAR - joined.fair, CASH_PER_DOLLAR - joined.high
    no_ask = _highest(turned, low, wanted, terms, net=net)
    return Thresholds(
        ask=ask if ask >= 0 else NEVER, bid=DOLLAR - no_ask if no_ask >= 0 else DOLLAR + 1
    )


def max_price(
    ask: Price,
    *,
    side: Side,
    fair: Cash,
    low: Cash,
    min_edge: Cash,
    contracts: int,
    terms: FeeTerms,
    grid: tuple[PriceRange, ...],
) -> Price | None:
    """The highest tick of `side`, from `ask` up, that still keeps both edges at this size.

    `fair` and `low` are the side's own, `contracts` at least 1. None when the ask itself does
    not keep them.
    """
    best = (fair - min_edge) // CASH_PER_PRICE
    if best < ask:
        return None
    tick = _snapped(best, side, grid)
    if tick > ask and net_edge(low, tick, contracts, terms) <= 0:
        # The fee decides. Rounded, it is dearer than the least one by a few ticks at most,
        # and rounded to whole cents it can be dearer on a cheaper tick: each is looked at.
        tick = min(tick, _snapped(max(ask, _highest_net(low, terms)), side, grid))
        while tick > ask and net_edge(low, tick, contracts, terms) <= 0:
            tick = _snapped(tick - 1, side, grid)
    if tick > ask:
        return tick
    return ask if net_edge(low, ask, contracts, terms) > 0 else None


def _snapped(price: Price, side: Side, grid: tuple[PriceRange, ...]) -> Price:
    """Down to a tick. The grid is of YES prices: NO is rounded down by rounding YES up."""
    return snap_down(price, grid) if side is YES else DOLLAR - snap_up(DOLLAR - price, grid)
