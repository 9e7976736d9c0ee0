"""The venue's own integers, and how they are written on the wire.

A price is in 1/10,000 dollar, a count in 1/100 contract, a time in nanoseconds since 1970.
karb has units like these. These are not them on purpose: a mistake shared by an exchange and
its client would be invisible.
"""

from datetime import UTC, datetime
from functools import lru_cache

DOLLAR = 10_000
CENT = 100
CONTRACT = 100
SECOND = 1_000_000_000
MILLISECOND = 1_000_000
DAY = 24 * 3_600 * SECOND
YEAR = 365 * DAY


def dollars(price: int) -> str:
    """A price as the exchange writes it: `0.4700`."""
    return f"{price // DOLLAR}.{price % DOLLAR:04d}"


def contracts(count: int) -> str:
    """A count, or a signed change of one, as the exchange writes it: `-54.00`."""
    sign = "-" if count < 0 else ""
    whole, rest = divmod(abs(count), CONTRACT)
    return f"{sign}{whole}.{rest:02d}"


def utc(at: int) -> datetime:
    """A moment as UTC, to the second."""
    return datetime.fromtimestamp(at // SECOND, UTC)


def rfc3339(at: int) -> str:
    """A moment to the second: `2026-11-29T21:00:00Z`."""
    return _written(at // SECOND)


@lru_cache(maxsize=1_024)
def _written(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
