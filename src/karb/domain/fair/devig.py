"""Take the bookmaker's margin out of a set of odds, four ways.

Implied probabilities (1 / decimal odds) add up to more than 1; the excess is the margin.
How it lies on favourites and longshots cannot be observed, so every method is an
assumption, and where they disagree nobody knows:

| method         | fair probability of outcome i (q = 1 / odds, S = sum of q)           |
|----------------|----------------------------------------------------------------------|
| multiplicative | q / S                                                                |
| additive       | q - (S - 1) / n                                                      |
| power          | q ** k, with the k that makes the sum 1                              |
| Shin           | the share z of informed bettors that explains S (Shin 1993)          |

For two outcomes Shin *is* additive (Clarke, Kovalchik and Ingram 2017), so it is computed
so. For more, both Shin and power are solved by Newton's method on functions whose shape
makes it converge; the reasons stand at each. Written here rather than imported, because it
is thirty lines and the packages cost 20 ms to 2 s of start-up.
"""

from collections.abc import Sequence
from math import exp, fsum, inf, log, sqrt

from karb.domain.fair.rules import Method
from karb.errors import DataError

LONGEST = 1e9
"""Odds from here on are no price; below, no square of a probability vanishes."""

_ENOUGH = 1e-14
_STEPS = 200


def devig(odds: Sequence[float], method: Method) -> tuple[float, ...]:
    """Fair probabilities of `odds` (decimal), in the same order; they add up to 1.

    `Method.NONE` returns 1 / odds with the margin still in. Raises `DataError` for fewer
    than two outcomes, for odds that are not between 1 and `LONGEST`, and where the method
    has no answer: additive may take more from an outsider than his whole probability.
    """
    implied = _implied(odds)
    fair = _METHODS[method](implied)
    if not all(0.0 < p < 1.0 for p in fair):
        raise DataError(
            f"{method} has no answer for these odds: {min(fair):.4f} is not a probability",
            means="it takes more from the longest shot than there is",
            do="check the odds, or use power or shin",
        )
    return fair


def overround(odds: Sequence[float]) -> float:
    """S, the sum of the implied probabilities: 1.045 is a margin of 4.5 %."""
    return fsum(_implied(odds))


def _implied(odds: Sequence[float]) -> tuple[float, ...]:
    if len(odds) < 2:
        raise DataError(f"{len(odds)} outcome cannot be de-vigged: the others are missing")
    for price in odds:
        if not 1.0 < price < LONGEST:
            raise DataError(f"decimal odds {price!r} are not between 1 and {LONGEST:g}")
    return tuple(1.0 / price for price in odds)


def _none(implied: tuple[float, ...]) -> tuple[float, ...]:
    return implied


def _multiplicative(implied: tuple[float, ...]) -> tuple[float, ...]:
    total = fsum(implied)
    return tuple(q / total for q in implied)


def _additive(implied: tuple[float, ...]) -> tuple[float, ...]:
    each = (fsum(implied) - 1.0) / len(implied)
    return tuple(q - each for q in implied)


def _power(implied: tuple[float, ...]) -> tuple[float, ...]:
    """Newton on f(k) = sum(q ** k) - 1.

    f falls and is convex, so a step from the left of the root never passes it and no bracket
    is needed. f(1) = S - 1 says whether 1 lies on the left; 0 always does, as f(0) = n - 1.
    """
    logs = tuple(log(q) for q in implied)
    k = 1.0 if fsum(implied) > 1.0 else 0.0
    for _ in range(_STEPS):
        fair = tuple(exp(k * each) for each in logs)
        excess = fsum(fair) - 1.0
        if abs(excess) < _ENOUGH:
            break
        step = excess / fsum(p * each for p, each in zip(fair, logs, strict=True))
        if k - step == k:
            break
        k -= step
    return fair


def _shin(implied: tuple[float, ...]) -> tuple[float, ...]:
    """Newton on the sum of p_i(z), the root of (1 - z) p**2 + z p = q**2 / S.

    The sum falls from at least 1 at z = -1 to at most 1 at z = 1, with slope
    -p (1 - p) / r where r is the root of the discriminant. A step that leaves the bracket
    is replaced by its middle. S below 1 gives a negative z: no longer a share of anybody,
    but the same curve, and additive is its value for two outcomes.
    """
    if len(implied) == 2:
        return _additive(implied)
    total = fsum(implied)
    squares = tuple(q * q / total for q in implied)
    low, high, z = -1.0, 1.0, 0.0
    for _ in range(_STEPS):
        roots = tuple(sqrt(z * z + 4.0 * (1.0 - z) * square) for square in squares)
        fair = tuple(_shin_root(z, r, square) for r, square in zip(roots, squares, strict=True))
        excess = fsum(fair) - 1.0
        if abs(excess) < _ENOUGH:
            break
        low, high = (z, high) if excess > 0 else (low, z)
        slope = -fsum(p * (1.0 - p) / r for p, r in zip(fair, roots, strict=True))
        following = z - excess / slope if slope else inf
        z_next = following if low < following < high else (low + high) / 2.0
        if z_next == z:
            break
        z = z_next
    return fair


def _shin_root(z: float, root: float, square: float) -> float:
    """One p of the quadratic, written so that nothing cancels on either side of z = 0."""
    return 2.0 * square / (root + z) if z > 0 else (root - z) / (2.0 * (1.0 - z))


_METHODS = {
    Method.ADDITIVE: _additive,
    Method.MULTIPLICATIVE: _multiplicative,
    Method.POWER: _power,
    Method.SHIN: _shin,
    Method.NONE: _none,
}
