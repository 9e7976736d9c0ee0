"""A market as the exchange keeps it: what it says about itself, and what has traded."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from karb.sim.leagues import League
from karb.sim.units import CENT, DOLLAR


class Status(StrEnum):
    """A market's life in the words of answers; requests filter by other words."""

    ACTIVE = "active"
    DETERMINED = "determined"
    FINALIZED = "finalized"


class Grid(msgspec.Struct, frozen=True):
    """Prices move in steps of `step` everywhere; `structure` is the exchange's label for it."""

    structure: str
    step: int

    def below(self, price: float) -> int:
        """The highest tick that is not above."""
        return int(price // self.step) * self.step

    def above(self, price: float) -> int:
        """The lowest tick that is not below."""
        return -int(-price // self.step) * self.step

    def holds(self, price: int) -> bool:
        """Whether an order may have this price."""
        return 0 < price < DOLLAR and price % self.step == 0


WHOLE_CENTS = Grid("linear_cent", CENT)
TENTHS = Grid("deci_cent", CENT // 10)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a market says about itself and never changes. Times in nanoseconds."""

    ticker: str
    event: str
    series: str
    league: League
    title: str
    team: str
    team_id: str
    rules: str
    rules_secondary: str
    grid: Grid
    opened: int
    closes: int
    expected: int
    settlement_timer: int


class Figures(NamedTuple):
    """What has traded in a market, as its ticker tells it. Counts in 1/100 contract."""

    ticker: str
    last_price: int
    last_size: int
    volume: int
    interest: int


class Market:
    """Terms, standing and figures of one market. Counts in 1/100 contract."""

    __slots__ = (
        "interest",
        "last_price",
        "last_size",
        "previous_price",
        "result",
        "settled_at",
        "status",
        "terms",
        "updated",
        "volume",
        "volume_day",
    )

    def __init__(self, terms: Terms, *, volume: int, last_price: int) -> None:
        self.terms = terms
        self.status = Status.ACTIVE
        self.result = ""
        self.volume = volume
        self.volume_day = volume // 3
        self.interest = volume * 3 // 5
        self.last_price = self.previous_price = last_price
        self.last_size = 0
        self.settled_at: int | None = None
        self.updated = terms.opened

    def traded(self, price: int, count: int) -> None:
        """Count a trade; it is no change of what the market says about itself."""
        self.last_price, self.last_size = price, count
        self.volume += count
        self.volume_day += count
        self.interest += count // 2

    @property
    def figures(self) -> Figures:
        """What has traded so far."""
        return Figures(
            self.terms.ticker, self.last_price, self.last_size, self.volume, self.interest
        )

    @property
    def open(self) -> bool:
        """Whether orders are taken."""
        return self.status is Status.ACTIVE
