"""The levels of a book, from the exchange's two lists of bids to one ladder of YES prices.

The exchange lists bids of NO at NO prices, or at YES prices where a subscription asked for
`use_yes_price`; it has announced that the second will become the only way. `yes_price` is
the one place that knows. The order of a list is not promised and is not used.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from karb.adapters.kalshi.prices import count_of, level_price, price_of
from karb.domain.market.messages import Level, Side
from karb.domain.units import DOLLAR, Count, Price, price_wire
from karb.errors import DecodeError

WireLevels: TypeAlias = Iterable[tuple[str | int, str | int]]


def yes_price(price: Price, side: Side, *, use_yes_price: bool) -> Price:
    """The YES price of a level listed on one side of the exchange's book."""
    return price if side is Side.YES or use_yes_price else DOLLAR - price


def first_told(*lists: WireLevels | None) -> WireLevels:
    """The first list that is there, finest format first; a side without bids has none."""
    return next((levels for levels in lists if levels is not None), ())


def levels_of(levels: WireLevels, side: Side, *, use_yes_price: bool) -> tuple[Level, ...]:
    """One side of a book at YES prices, best first; empty levels dropped, doubles refused."""
    found: dict[Price, Count] = {}
    for price_told, count_told in levels:
        told = level_price(_number(price_of, price_told, "price of a level"))
        price = yes_price(told, side, use_yes_price=use_yes_price)
        if price in found:
            raise DecodeError(f"the {side} side lists the price {price_wire(told)} twice")
        found[price] = _number(count_of, count_told, "count of a level")
    best_first = sorted(found, reverse=side is Side.YES)
    return tuple(Level(price=p, count=found[p]) for p in best_first if found[p])


def _number(read: Callable[[str | None, int | None, str], int], told: str | int, what: str) -> int:
    """A level's price or count, in whichever of the two formats it stands."""
    return read(told, None, what) if isinstance(told, str) else read(None, told, what)
