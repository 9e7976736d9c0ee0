"""The prices that a market can trade at.

A market moves in steps of a cent, a tenth of a cent or less, often finer near 0 and near a
dollar, and says so in ranges: from `start` to `end` in steps of `step`. The ranges count and
nothing else does; a constant of one cent would refuse good prices and send bad ones. All
prices here are YES prices. 0 and a dollar may be points of the grid, because ranges end
there, but nobody can trade at them.
"""

from collections.abc import Iterable
from itertools import pairwise

from karb.domain.market.messages import PriceRange
from karb.domain.units import DOLLAR, Price, cents
from karb.errors import DataError

Grid = tuple[PriceRange, ...]


def checked_grid(ranges: Iterable[PriceRange]) -> Grid:
    """The ranges in order; `DataError` unless they join without gap and their steps fit."""
    grid = tuple(sorted(ranges, key=lambda r: r.start))
    if not grid:
        raise DataError("a price grid without ranges")
    for part in grid:
        _check_range(part)
    for low, high in pairwise(grid):
        if low.end != high.start:
            raise DataError(f"price ranges do not join: {_text(low)} and {_text(high)}")
    return grid


def _check_range(part: PriceRange) -> None:
    if not 0 <= part.start < part.end <= DOLLAR:
        raise DataError(f"price range {_text(part)} does not run upwards between 0 and 1 dollar")
    if part.step <= 0 or (part.end - part.start) % part.step:
        raise DataError(f"price range {_text(part)} is not a whole number of steps")


def _text(part: PriceRange) -> str:
    return f"{cents(part.start)}-{cents(part.end)} by {cents(part.step)}"


def is_on_grid(price: Price, grid: Grid) -> bool:
    """Whether the price is a point of the grid; a price outside every range is not."""
    return any(
        part.start <= price <= part.end and (price - part.start) % part.step == 0 for part in grid
    )


def snap_down(price: Price, grid: Grid) -> Price:
    """The highest point of the grid that is not above the price."""
    for part in reversed(grid):
        if price >= part.start:
            return min(price - (price - part.start) % part.step, part.end)
    raise DataError(f"no price of the grid is at or below {cents(price)}")


def snap_up(price: Price, grid: Grid) -> Price:
    """The lowest point of the grid that is not below the price."""
    for part in grid:
        if price <= part.end:
            return max(price + (part.start - price) % part.step, part.start)
    raise DataError(f"no price of the grid is at or above {cents(price)}")


def tick_down(price: Price, grid: Grid) -> Price:
    """The highest point of the grid strictly below the price."""
    return snap_down(price - 1, grid)


def tick_up(price: Price, grid: Grid) -> Price:
    """The lowest point of the grid strictly above the price."""
    return snap_up(price + 1, grid)
