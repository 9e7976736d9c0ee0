"""Kalshi's words for prices, counts, amounts, times and sides, as karb's values.

Until March 2026 the exchange sent whole cents and whole contracts as integers; since then it
sends decimal strings (`*_dollars`, `*_fp`); for some weeks it sent both. Where both stand
beside each other the string wins, because the integer has lost what is finer than a cent.
Nothing said is an error for a price and None for a size; it is never 0.

Everything here raises `DecodeError` and nothing else. The two tables answer the usual
spellings with one look-up, which is what keeps decoding near the cost of parsing JSON.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from karb.domain.market.messages import Side
from karb.domain.units import (
    CONTRACT,
    DOLLAR,
    MILLISECOND,
    SECOND,
    Cash,
    Count,
    Nanos,
    Price,
    parse_cash,
    parse_count,
    parse_price,
    price_from_cents,
    price_wire,
)
from karb.errors import DataError, DecodeError

COUNTS_KEPT: Final = 1 << 14
MOST_CONTRACTS: Final[Count] = CONTRACT * 10**12

_SIDES: Final = {side.value: side for side in Side}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_YEAR, _LAST_YEAR = 2001, 2254


class PriceTable(dict[str, Price]):
    """Every price in four decimals; other widths are read when they come and not kept.

    A price has one digit before its point. So all its spellings sort as text the way they
    sort as numbers, which is how ticks are compared; `00.45`, `-0` and `1e-1` are no prices.
    """

    def __missing__(self, text: str) -> Price:
        """Read a price of another width."""
        if text[1:2] not in ("", "."):
            raise DecodeError(f"price {text[:40]!r} is not one digit and decimals")
        try:
            return parse_price(text)
        except DataError as error:
            raise DecodeError(error.what) from error


class CountTable(dict[str, Count]):
    """Counts that have been seen, up to a bound: the same few hundred sizes come again."""

    def __missing__(self, text: str) -> Count:
        """Read a count; a change of a level may be negative. `KeyError` for no text at all."""
        if not text:
            raise KeyError(text)
        try:
            count = parse_count(text)
        except DataError as error:
            raise DecodeError(error.what) from error
        if len(self) >= COUNTS_KEPT:
            self.clear()
        self[text] = count
        return count


PRICES: Final = PriceTable({price_wire(price): price for price in range(DOLLAR + 1)})
COUNTS: Final = CountTable()


def price_of(text: str | None, cents: int | None, what: str) -> Price:
    """A price told as dollars or as whole cents; `what` names it in the error."""
    if text:
        return PRICES[text]
    if cents is None:
        raise DecodeError(f"{what} is missing", means="a missing price is not a price of 0")
    try:
        return price_from_cents(cents)
    except DataError as error:
        raise DecodeError(error.what) from error


def price_told(text: str | None, cents: int | None, what: str) -> Price | None:
    """The same where the price may be missing."""
    return price_of(text, cents, what) if text or cents is not None else None


def tradable(price: Price) -> Price | None:
    """A best price; the exchange writes 0 or a dollar where nobody bids or asks."""
    return price if 0 < price < DOLLAR else None


def best_prices(
    bid_text: str | None, bid_cents: int | None, ask_text: str | None, ask_cents: int | None
) -> tuple[Price | None, Price | None]:
    """Best YES bid and ask; a bid that is not below the ask is an error, no exchange lets it."""
    bid = tradable(price_of(bid_text, bid_cents, "yes bid"))
    ask = tradable(price_of(ask_text, ask_cents, "yes ask"))
    if bid is not None and ask is not None and bid >= ask:
        raise DecodeError(f"yes bid {price_wire(bid)} is not below yes ask {price_wire(ask)}")
    return bid, ask


def level_price(price: Price) -> Price:
    """A price at which an order rests: strictly between 0 and a dollar."""
    if not 0 < price < DOLLAR:
        raise DecodeError(f"an order resting at {price_wire(price)} dollars cannot be true")
    return price


def change_of(text: str | None, contracts: int | None, what: str) -> Count:
    """A number of contracts that may be negative, told as a decimal or as a whole number."""
    if text:
        return COUNTS[text]
    if contracts is None:
        raise DecodeError(f"{what} is missing")
    if abs(contracts) > MOST_CONTRACTS // CONTRACT:
        raise DecodeError(f"{what} is beyond any number of contracts")
    return contracts * CONTRACT


def count_of(text: str | None, contracts: int | None, what: str) -> Count:
    """A number of contracts that must be there."""
    count = change_of(text, contracts, what)
    if count < 0:
        raise DecodeError(f"{what} of {count / CONTRACT:g} contracts is negative")
    return count


def count_told(text: str | None, contracts: int | None, what: str) -> Count | None:
    """The same where nothing told is None."""
    if not text:
        return None if contracts is None else count_of(None, contracts, what)
    count = COUNTS[text]
    return count if count >= 0 else count_of(text, None, what)


def cash_told(text: str | None, what: str) -> Cash | None:
    """An amount of dollars, not negative; None when not told."""
    if not text:
        return None
    try:
        cash = parse_cash(text)
    except DataError as error:
        raise DecodeError(error.what) from error
    if cash < 0:
        raise DecodeError(f"{what} {text!r} is negative")
    return cash


def time_of(ms: int | None, other: int | str | None, what: str) -> Nanos:
    """A time that must be there (see `time_told`)."""
    told = time_told(ms, other)
    if told is None:
        raise DecodeError(f"{what} is missing", means="a missing time is not the present")
    return told


def time_told(ms: int | None, other: int | str | None = None) -> Nanos | None:
    """A time in milliseconds, else in whatever `ts` is: seconds, milliseconds or RFC 3339.

    Seconds have ten digits and milliseconds thirteen for every year from 2001 to 2254, so a
    number says itself which it is. 0 and nothing mean not told.
    """
    stamp = ms or other
    if not stamp:
        return None
    if isinstance(stamp, str):
        return rfc3339(stamp)
    if 1_000_000_000_000 <= stamp < 9_000_000_000_000:
        return stamp * MILLISECOND
    if 1_000_000_000 <= stamp < 9_000_000_000:
        return stamp * SECOND
    raise DecodeError("a time is neither seconds nor milliseconds of 2001 to 2254")


def rfc3339(text: str | None) -> Nanos | None:
    """A time as REST writes it; None for nothing and for the year 1, which means the same."""
    if not text:
        return None
    try:
        moment = msgspec.convert(text, datetime)
    except msgspec.ValidationError as error:
        raise DecodeError(f"time {text[:40]!r} is not RFC 3339") from error
    if moment.year == 1:
        return None
    if moment.tzinfo is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise DecodeError(f"time {text[:40]!r} has no zone or no likely year")
    return (moment - _EPOCH) // _MICROSECOND * 1_000


def side_of(word: str | None) -> Side:
    """`yes` or `no`; anything else is an error."""
    try:
        return _SIDES[word or ""]
    except KeyError as error:
        raise DecodeError(f"side {(word or '')[:20]!r} is neither yes nor no") from error
