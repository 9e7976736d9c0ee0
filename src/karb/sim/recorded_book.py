"""Order books and figures out of recorded answers, of today's format or of the older one.

Prices are `*_dollars` texts or, until March 2026, whole cents; counts `*_fp` texts or whole
contracts. Where no book was recorded, a market's best prices make one, a level a side.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from karb.sim.book import ASK, BID, Book, Order
from karb.sim.market import Figures
from karb.sim.recorded_files import RecordedError
from karb.sim.units import CENT, CONTRACT, DOLLAR

Json = Mapping[str, object]
_LEAST = 1
"""The smallest count there is (0.01): what is taken for a size that was not recorded."""


def recorded_book(ticker: str, sides: Json) -> Book:
    """A whole book, from the bids of both sides."""
    bids = _levels(sides, "yes")
    asks = {DOLLAR - price: count for price, count in _levels(sides, "no").items()}
    return _book(ticker, bids, asks)


def best_prices(market: Json) -> Book:
    """A book of a market's best prices; a side without a price stays empty."""
    ticker = str(market["ticker"])
    return _book(ticker, _best(market, "bid"), _best(market, "ask"))


def figures(market: Json) -> Figures | None:
    """What has traded; None where the answer does not say."""
    price = _price(market, "last_price")
    volume, interest = (_count(market, name) for name in ("volume", "open_interest"))
    if price is None or volume is None or interest is None:
        return None
    return Figures(str(market["ticker"]), price, 0, volume, interest)


def _book(ticker: str, bids: dict[int, int], asks: dict[int, int]) -> Book:
    if bids and asks and max(bids) >= min(asks):
        raise RecordedError(f"{ticker} has a bid that is not below its ask")
    book = Book()
    for side, levels in ((BID, bids), (ASK, asks)):
        for price, count in levels.items():
            if 0 < price < DOLLAR and count > 0:
                book.add(Order(price, "", ticker, side, price, count))
    return book


def _best(market: Json, name: str) -> dict[int, int]:
    price = _price(market, f"yes_{name}")
    if price is None or not 0 < price < DOLLAR:
        return {}
    size = _count(market, f"yes_{name}_size")
    return {price: _LEAST if size is None else size}


def _levels(sides: Json, side: str) -> dict[int, int]:
    """Counts by price; a side may be absent or null."""
    dollars, cents = sides.get(f"{side}_dollars"), sides.get(side)
    unit, levels = (DOLLAR, dollars) if dollars is not None else (CENT, cents)
    if levels is None:
        return {}
    if not isinstance(levels, list):
        raise RecordedError(f"the {side} side of a book is not a list")
    found = {}
    for level in levels:
        if not isinstance(level, list) or len(level) != 2:
            raise RecordedError(f"a level of a book is not a price and a count: {level}")
        found[_whole(level[0], unit)] = _whole(level[1], CONTRACT)
    return found


def _price(market: Json, name: str) -> int | None:
    return _either(market, f"{name}_dollars", DOLLAR, name, CENT)


def _count(market: Json, name: str) -> int | None:
    return _either(market, f"{name}_fp", CONTRACT, name, CONTRACT)


def _either(market: Json, now: str, unit: int, older: str, older_unit: int) -> int | None:
    """A figure by its present name, else by the older one; None without both."""
    if market.get(now) is not None:
        return _whole(market[now], unit)
    return None if market.get(older) is None else _whole(market[older], older_unit)


def _whole(value: object, unit: int) -> int:
    """A number or its text in the venue's integers."""
    try:
        exact = Decimal(str(value)) * unit
        if exact == int(exact):
            return int(exact)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise RecordedError(f"{value!r} is no price or count of the exchange's")
