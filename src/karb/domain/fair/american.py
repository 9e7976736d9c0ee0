"""American odds and decimal odds, one into the other.

American odds say what 100 wins (+130) or what wins 100 (-150), so nothing lies between -100
and 100, and +100 and -100 are both even money. Decimal odds say what 1 returns, stake
included. Averages and margins are computed on probabilities, never on American numbers.
"""

from math import isfinite

from karb.errors import DataError

EVEN = 100.0


def decimal_from_american(price: float) -> float:
    """-150 is 1.6667, +130 is 2.3. Raises `DataError` between -100 and 100."""
    if not isfinite(price) or abs(price) < EVEN:
        raise DataError(f"American odds {price:g} lie between -100 and 100")
    return 1.0 + (price / EVEN if price > 0 else EVEN / -price)


def american_from_decimal(odds: float) -> float:
    """1.6667 is -150, 2.3 is 130: not rounded. Raises `DataError` at 1 and below."""
    if not isfinite(odds) or odds <= 1.0:
        raise DataError(f"decimal odds {odds!r} are not above 1")
    return EVEN * (odds - 1.0) if odds >= 2.0 else -EVEN / (odds - 1.0)


def american(odds: float) -> str:
    """Decimal odds as American odds for people: `-150`, `+130`."""
    return f"{american_from_decimal(odds):+.0f}"
