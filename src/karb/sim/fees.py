"""What the exchange charges for a trade, in the venue's own code.

    fee = rate * multiplier * contracts * price * (1 - price), up to the next 1/10,000 dollar

The maker's rate is a quarter of the taker's where the series has maker fees. Rates are from
the exchange's fee schedule of 2026.
"""

from decimal import ROUND_CEILING, Decimal

from karb.sim.units import CONTRACT, DOLLAR

FEE_TYPE = "quadratic_with_maker_fees"
_TAKER, _MAKER = Decimal("0.07"), Decimal("0.0175")
_PRECISION = Decimal("0.0001")


def fee(price: int, count: int, multiplier: float, *, maker: bool = False) -> Decimal:
    """The fee in dollars of one trade of `count` at `price`, the side of which is the same."""
    rate = (_MAKER if maker else _TAKER) * Decimal(str(multiplier))
    chance = Decimal(price) / DOLLAR
    exact = rate * Decimal(count) / CONTRACT * chance * (1 - chance)
    return exact.quantize(_PRECISION, rounding=ROUND_CEILING)
