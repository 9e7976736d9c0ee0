"""What the exchange charges, as one function that everything in karb uses.

    fee = rate * multiplier * contracts * price * (1 - price), rounded up to `precision`

The price may be either side's: the formula is symmetric. Rate, multiplier and precision
come from a dated schedule, because the exchange changed all three and reports of an old
day must use that day's. `book_fill` is the second half of the exchange's rounding: it
rounds the change of the balance down and gives the surplus back once it makes a cent, though
no fill's fee falls below 0 by it.
"""

from collections.abc import Mapping

import msgspec

from karb.domain.market.messages import Event, Series
from karb.domain.units import (
    CASH_PER_CENT,
    CONTRACT,
    DOLLAR,
    Cash,
    Count,
    Nanos,
    Price,
)
from karb.errors import DataError

RATE_ONE = 10_000
_PARTS = 1_000_000_000_000  # rate, multiplier, count, price, 1 - price: 1e-18 dollars in 1e-6


class FeeTerms(msgspec.Struct, frozen=True, gc=False):
    """What one series charges on one day.

    Rates and the multiplier are in 1/10,000 (700 is 0.07; 10,000 is 1); `precision` is the
    `Cash` that a trade's fee is rounded up to: 10,000 a cent, 100 a hundredth, 1 the finest.
    """

    taker: int
    maker: int
    multiplier: int
    precision: Cash


def fee(price: Price, count: Count, terms: FeeTerms, *, maker: bool = False) -> Cash:
    """The fee of one trade of `count` at `price`, rounded up as the exchange does."""
    rate = terms.maker if maker else terms.taker
    exact = rate * terms.multiplier * count * price * (DOLLAR - price)
    unit = _PARTS * terms.precision
    return -(-exact // unit) * terms.precision


def exact_fee(price: Price, terms: FeeTerms) -> float:
    """The taker fee of one contract in dollars before any rounding; for reports only."""
    return terms.taker * terms.multiplier * price * (DOLLAR - price) / 1e16


def least_fee(price: Price, terms: FeeTerms) -> Cash:
    """A taker fee per contract that no size can undercut: the exact one, rounded down."""
    return terms.taker * terms.multiplier * CONTRACT * price * (DOLLAR - price) // _PARTS


class FillBooked(msgspec.Struct, frozen=True, gc=False):
    """A fill as the exchange books it: the fee charged, and what is carried to the next."""

    fee: Cash
    carried: Cash


def book_fill(cost: Cash, trade_fee: Cash, carried: Cash, precision: Cash) -> FillBooked:
    """Round one fill's balance change; `carried` is the order's overpayment so far.

    The balance changes by a multiple of `precision`, rounded against the customer; what
    that overcharges accumulates over the order. Every full cent of it is given back that the
    fill's own charge covers, so that its fee is never below 0; the rest is carried.
    """
    charged = -(-(cost + trade_fee) // precision) * precision
    surplus = carried + charged - cost - trade_fee
    rebate = min(surplus, charged - cost) // CASH_PER_CENT * CASH_PER_CENT
    return FillBooked(fee=charged - cost - rebate, carried=surplus - rebate)


class Dated(msgspec.Struct, frozen=True):
    """A fee type and multiplier (1/10,000) in force from a moment on."""

    since: Nanos
    fee_type: str
    multiplier: int


class FeeSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """The dated schedule: rates by fee type, precision by day, known series.

    `rates` maps a fee type to (taker, maker) in 1/10,000; `precisions` and each series'
    entries are ordered by time. What the exchange itself lists for a series or an event
    wins; an unknown fee type costs as much as the dearest known one, so that an edge is
    never overstated.
    """

    rates: Mapping[str, tuple[int, int]]
    precisions: tuple[tuple[Nanos, Cash], ...]
    series: Mapping[str, tuple[Dated, ...]]

    def terms(
        self, series: str, at: Nanos, *, listed: Series | None = None, event: Event | None = None
    ) -> FeeTerms:
        """What `series` charges at `at`.

        `listed` is None for recordings that have no record of the series: then what was known
        of that day stands. Of a market that the exchange lists now it must be there.
        """
        fee_type, multiplier = self._known(series, at)
        if listed is not None:
            fee_type, multiplier = listed.fee_type, multiplier_of(listed.fee_multiplier)
        if event is not None and event.fee_type is not None:
            fee_type = event.fee_type
        if event is not None and event.fee_multiplier is not None:
            multiplier = multiplier_of(event.fee_multiplier)
        taker, maker = self.rates.get(fee_type) or self._dearest()
        return FeeTerms(taker, maker, multiplier, self.precision(at))

    def precision(self, at: Nanos) -> Cash:
        """What a fee was rounded up to at `at`."""
        in_force = [precision for since, precision in self.precisions if since <= at]
        return in_force[-1] if in_force else self.precisions[0][1]

    def _known(self, series: str, at: Nanos) -> tuple[str, int]:
        entries = self.series.get(series, ())
        in_force = [entry for entry in entries if entry.since <= at] or list(entries[:1])
        if not in_force:
            return "unknown", RATE_ONE
        return in_force[-1].fee_type, in_force[-1].multiplier

    def _dearest(self) -> tuple[int, int]:
        return max(t for t, _ in self.rates.values()), max(m for _, m in self.rates.values())


def multiplier_of(text: str) -> int:
    """Read a fee multiplier such as `"0.5"` as 1/10,000."""
    whole, _, fraction = text.partition(".")
    digits = whole + fraction[:4].ljust(4, "0")
    if not digits.isdecimal() or fraction[4:].strip("0") or not digits.isascii():
        raise DataError(f"fee multiplier {text!r} is not a decimal number with 4 places")
    return int(digits)


def cost(price: Price, count: Count, terms: FeeTerms) -> Cash:
    """What `count` contracts cost a taker at `price`, fee included, to the last fraction."""
    # A price times a count is cash: 1/10,000 dollar times 1/100 contract is 1/1,000,000.
    return price * count + fee(price, count, terms)
