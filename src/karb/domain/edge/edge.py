"""The gross edge: the consensus against the ask, per contract, before the fee.

    YES edge = fair - YES ask          NO edge = (1 - fair) - NO ask

This is the specification's edge. It is not what a trade earns: the fee comes off it, and
the fair price is an interval. The seven conditions look at it, the guards at the net one.
"""

import msgspec

from karb.domain.market.messages import NO, YES, Quote, Side
from karb.domain.units import CASH_PER_PRICE, DOLLAR, Cash, Price


class EdgeCalculation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Both sides' gross edges, `Cash` per contract; None where nothing is offered.

    `edge_percent` is the best edge as a share of the price paid, in percent.
    """

    yes_edge: Cash | None
    no_edge: Cash | None
    best_side: Side
    best_edge: Cash
    price: Price

    @property
    def edge_percent(self) -> float:
        """The best edge over the price paid, in percent."""
        return 100 * self.best_edge / (self.price * CASH_PER_PRICE)


def edges(fair: Cash, quote: Quote) -> EdgeCalculation | None:
    """Both edges and the better side; None when neither side is offered."""
    ask, bid = quote.yes_ask, quote.yes_bid
    yes = None if ask is None else fair - ask * CASH_PER_PRICE
    # NO is bought by taking the YES bid: (1 - fair) - (1 - bid).
    no = None if bid is None else bid * CASH_PER_PRICE - fair
    if ask is not None and yes is not None and (no is None or yes >= no):
        side, best, price = YES, yes, ask
    elif bid is not None and no is not None:
        side, best, price = NO, no, DOLLAR - bid
    else:
        return None
    return EdgeCalculation(yes_edge=yes, no_edge=no, best_side=side, best_edge=best, price=price)
