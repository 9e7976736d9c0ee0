"""The gross edge: the consensus against the ask, per contract, before the fee.

    YES edge = fair - YES ask          NO edge = (1 - fair) - NO ask

This is the specification's edge. It is not what a trade earns: the fee comes off it, and
the fair price is an interval. The seven conditions look at it, the guards at the net one.
"""

import msgspec

from karb.domain.market.messages import Quote, Side
from karb.domain.units import CASH_PER_DOLLAR, CASH_PER_PRICE, Cash, Price


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


def gross(fair: Cash, price: Price) -> Cash:
    """Worth less price, per contract."""
    return fair - price * CASH_PER_PRICE


def edges(fair: Cash, quote: Quote) -> EdgeCalculation | None:
    """Both edges and the better side; None when neither side is offered."""
    yes_ask, no_ask = quote.ask(Side.YES), quote.ask(Side.NO)
    yes = None if yes_ask is None else gross(fair, yes_ask)
    no = None if no_ask is None else gross(CASH_PER_DOLLAR - fair, no_ask)
    if yes is not None and yes_ask is not None and (no is None or yes >= no):
        side, best, price = Side.YES, yes, yes_ask
    elif no is not None and no_ask is not None:
        side, best, price = Side.NO, no, no_ask
    else:
        return None
    return EdgeCalculation(yes_edge=yes, no_edge=no, best_side=side, best_edge=best, price=price)
