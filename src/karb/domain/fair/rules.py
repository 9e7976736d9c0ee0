"""The choices behind a fair price, gathered in one value that a profile fills in."""

from enum import StrEnum

import msgspec

from karb.domain.units import SECOND, Nanos


class Method(StrEnum):
    """How the bookmaker's margin is taken out. NONE leaves it in: a plain mean."""

    ADDITIVE = "additive"
    MULTIPLICATIVE = "multiplicative"
    POWER = "power"
    SHIN = "shin"
    NONE = "none"


HONEST_METHODS = (Method.MULTIPLICATIVE, Method.ADDITIVE, Method.POWER, Method.SHIN)
"""The methods whose spread is part of the interval; NONE is not an estimate."""

DEFAULT_AGE = 180 * SECOND
SLOW_FEED_AGES = {"caesars": 600 * SECOND}

FEEDS = {"lowvig": "betonlineag"}
"""Books that repeat another book's numbers; they count as one."""

BOOKS = (
    "draftkings",
    "fanduel",
    "betmgm",
    "caesars",
    "betonlineag",
    "betus",
    "fanatics",
    "betrivers",
    "pinnacle",
    "lowvig",
)
"""The feeds a consensus is built from; `lowvig` stands in when `betonlineag` is missing."""

SHARP = ("betonlineag", "pinnacle")
"""In order of preference: the first one present weighs `sharp_weight`."""


class FairRules(msgspec.Struct, frozen=True, kw_only=True):
    """How books become one fair price with an interval.

    Ages in `Nanos`; `outlier`, overround limits and `drift` are probabilities (0.03 is 3
    cents). `max_age` replaces every per-book limit when set. `drift` is what the interval
    loses per square root of an hour of quote age. `copies` caps n in `sd / sqrt(n)`,
    because books copy each other.
    """

    method: Method = Method.ADDITIVE
    max_age: Nanos | None = None
    books: tuple[str, ...] = BOOKS
    min_feeds: int = 2
    outlier: float = 0.03
    sharp_weight: float = 2.0
    min_odds: float = 1.01
    min_overround: float = 1.0
    max_overround: float = 1.12
    max_outright_overround: float = 1.6
    k: float = 1.0
    copies: int = 3
    drift: float = 0.008

    def age_limit(self, book: str) -> Nanos:
        """How old a book's quote may be."""
        if self.max_age is not None:
            return self.max_age
        return SLOW_FEED_AGES.get(book, DEFAULT_AGE)
