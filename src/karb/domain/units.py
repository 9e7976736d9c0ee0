"""The integers money is made of, and how they are read and printed.

| name    | unit                          | range                     |
|---------|-------------------------------|---------------------------|
| Price   | 1/10,000 dollar               | 0 .. 10,000               |
| Count   | 1/100 contract                | any                       |
| Cash    | 1/1,000,000 dollar            | any                       |
| Nanos   | nanoseconds since 1970, UTC   | any                       |

The exchange quotes down to 1/10,000 dollar, trades down to 1/100 contract and charges fees
down to 1/1,000,000 dollar, so these are exact. An edge is `Cash` per contract, because a
fair price is finer than the grid. No float ever holds a price; probabilities are floats and
become `Cash` once, by `fair_value`. The aliases are plain `int` on purpose: wrapping them
costs a call on the path that must not have one.

Reading is strict. A price that is missing, not a number, finer than 1/10,000 dollar or
outside 0..1 dollar raises `DataError`; it never becomes 0.
"""

import re
from typing import TypeAlias

from karb.errors import DataError

Price: TypeAlias = int
Count: TypeAlias = int
Cash: TypeAlias = int
Nanos: TypeAlias = int

DOLLAR: Price = 10_000
CENT: Price = 100
CONTRACT: Count = 100
CASH_PER_PRICE = 100
CASH_PER_CENT: Cash = 10_000
CASH_PER_DOLLAR: Cash = 1_000_000
SECOND: Nanos = 1_000_000_000
MILLISECOND: Nanos = 1_000_000
HOUR: Nanos = 3_600 * SECOND

_DECIMAL = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,12}))?", re.ASCII)


def _scaled(text: str, places: int, what: str) -> int:
    """Read a decimal string as an integer of 10**-places; refuse digits that would be lost."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise DataError(f"{what} {text[:40]!r} is not a decimal number")
    sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
    if fraction[places:].strip("0"):
        raise DataError(f"{what} {text!r} has more than {places} decimals")
    value = int(whole + fraction[:places].ljust(places, "0"))
    return -value if sign else value


def parse_price(text: str) -> Price:
    """Read dollars as the exchange writes them: `"0.4850"` is 4,850."""
    value = _scaled(text, 4, "price")
    if not 0 <= value <= DOLLAR:
        raise DataError(f"price {text!r} is not between 0 and 1 dollar")
    return value


def price_from_cents(cents: int) -> Price:
    """Read whole cents as recordings before March 2026 have them: 48 is 4,800."""
    if not 0 <= cents <= 100:
        raise DataError(f"price {cents} is not between 0 and 100 cents")
    return cents * CENT


def parse_count(text: str) -> Count:
    """Read contracts as the exchange writes them: `"136.00"` is 13,600; may be negative."""
    return _scaled(text, 2, "count")


def parse_cash(text: str) -> Cash:
    """Read an amount of dollars with up to six decimals: `"0.017500"` is 17,500."""
    return _scaled(text, 6, "amount")


def fair_value(probability: float) -> Cash:
    """What one contract is worth on average: the only place a probability becomes money."""
    if not 0.0 <= probability <= 1.0:
        raise DataError(f"probability {probability!r} is not between 0 and 1")
    return round(probability * CASH_PER_DOLLAR)


def price_wire(price: Price) -> str:
    """Write a price as the exchange does: 4,850 is `"0.4850"`."""
    return f"{price // DOLLAR}.{price % DOLLAR:04d}"


def cents(price: Price) -> str:
    """A price for people, with as many decimals as it needs: `48c`, `48.5c`."""
    return f"{_trim(price, CENT, 2)}c"


def cash_cents(cash: Cash, places: int = 1) -> str:
    """An amount per contract for people, in cents: `-1.3c`; more places where it would be 0."""
    shown = f"{cash / CASH_PER_CENT:.{places}f}"
    if cash and not shown.strip("-0."):
        shown = f"{cash / CASH_PER_CENT:.{places + 2}f}"
    return f"{shown}c"


def dollars(cash: Cash) -> str:
    """An amount for people: `$1.75`, `-$0.02`."""
    whole = (abs(cash) + CASH_PER_CENT // 2) // CASH_PER_CENT
    sign = "-" if cash < 0 and whole else ""
    return f"{sign}${whole // 100:,}.{whole % 100:02d}"


def contracts(count: Count) -> str:
    """A count for people: `25`, `25.5`."""
    return _trim(count, CONTRACT, 2)


def _trim(value: int, unit: int, places: int) -> str:
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), unit)
    fraction = f"{rest:0{places}d}".rstrip("0")
    return f"{sign}{whole:,}.{fraction}" if fraction else f"{sign}{whole:,}"
