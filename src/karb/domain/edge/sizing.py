"""How many contracts: fractional Kelly with the fee inside, on the low end of the fair price.

    F* = (q - a) / (1 - a)      a = price + fee per contract      q = the low end

Kelly gives a target for the market; what is held, resting or unresolved comes off it, and
position, risk, balance and the offered depth cut it. Whole contracts: the last cut makes
sure that the rounded fee has not eaten the edge at the size that is left.
"""

import msgspec

from karb.domain.edge.fees import FeeTerms, cost, least_fee
from karb.domain.edge.situation import Caps
from karb.domain.units import (
    CASH_PER_CENT,
    CASH_PER_DOLLAR,
    CASH_PER_PRICE,
    CONTRACT,
    Cash,
    Count,
    Price,
)

REFERENCE = 100


class Size(msgspec.Struct, frozen=True, gc=False):
    """Whole contracts: what Kelly asks for, and what is left after every cut.

    `net` is the net edge per contract at that size; where none is left, at the size that
    the other caps leave room for, so that a refused price is not blamed for one contract's
    rounded fee. `paid` is the price and the fee of all contracts.
    """

    target: int
    contracts: int
    net: Cash
    paid: Cash


def kelly_target(low: Cash, price: Price, terms: FeeTerms, fraction: float, bankroll: Cash) -> int:
    """The whole contracts that `fraction` of Kelly asks for, fee included; 0 without an edge."""
    each = cost(price, REFERENCE * CONTRACT, terms) / REFERENCE
    target = _kelly(low, each, fraction, bankroll)
    if target and terms.precision >= CASH_PER_CENT:
        # Rounded to the cent, the fee per contract depends on the size: once more with it.
        target = _kelly(low, cost(price, target * CONTRACT, terms) / target, fraction, bankroll)
    return target


def _kelly(low: Cash, each: float, fraction: float, bankroll: Cash) -> int:
    if low <= each:
        return 0
    return int(fraction * (low - each) / (CASH_PER_DOLLAR - each) * bankroll / each)


def affordable(money: Cash, price: Price, terms: FeeTerms) -> int:
    """The most whole contracts whose cost, fee included, fits into `money`."""
    contracts = max(0, _at_most(money, price, terms))
    while contracts > 0 and cost(price, contracts * CONTRACT, terms) > money:
        contracts -= 1
    return contracts


def _at_most(money: Cash, price: Price, terms: FeeTerms) -> int:
    """A bound on `affordable`, before the fee is rounded."""
    return money // (price * CASH_PER_PRICE + least_fee(price, terms))


def net_edge(low: Cash, price: Price, contracts: int, terms: FeeTerms) -> Cash:
    """What is left per contract at this size, fee included, rounded against us."""
    return (low * contracts - cost(price, contracts * CONTRACT, terms)) // contracts


def size(
    low: Cash,
    price: Price,
    terms: FeeTerms,
    *,
    fraction: float,
    caps: Caps,
    committed: Count,
    offered: Count | None,
) -> Size:
    """The contracts to buy now; see the module's text for the cuts."""
    target = kelly_target(low, price, terms, fraction, caps.bankroll)
    held = -(-committed // CONTRACT)
    most = caps.max_position // CONTRACT - held
    if offered is not None and offered < most * CONTRACT:
        most = offered // CONTRACT
    money = min(caps.risk_per_trade, caps.balance)
    for contracts in range(min(target - held, most, _at_most(money, price, terms)), 0, -1):
        paid = cost(price, contracts * CONTRACT, terms)
        net = (low * contracts - paid) // contracts
        if net > 0 and paid <= money:
            return Size(target, contracts, net, paid)
    room = min(most, affordable(money, price, terms))
    net = net_edge(low, price, 1 if min(target - held, room) > 0 else max(1, room), terms)
    return Size(target, 0, net, 0)
