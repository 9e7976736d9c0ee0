"""One market's resting orders, by price and, at one price, by time."""

from bisect import bisect_left, insort
from collections.abc import Iterator

BID, ASK = "bid", "ask"
"""Sides of a book, both as YES prices."""


class Order:
    """A resting or arriving order; `left` is what has not traded."""

    __slots__ = ("left", "number", "owner", "price", "side", "ticker")

    def __init__(
        self, number: int, owner: str, ticker: str, side: str, price: int, count: int
    ) -> None:
        self.number, self.owner, self.ticker = number, owner, ticker
        self.side, self.price, self.left = side, price, count


class Level:
    """The orders at one price, oldest first, and their total."""

    __slots__ = ("orders", "total")

    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}
        self.total = 0


class Book:
    """Bids and asks of one market."""

    def __init__(self) -> None:
        self._levels: dict[str, dict[int, Level]] = {BID: {}, ASK: {}}
        self._prices: dict[str, list[int]] = {BID: [], ASK: []}

    def best(self, side: str) -> int | None:
        """The highest bid or the lowest ask."""
        prices = self._prices[side]
        if not prices:
            return None
        return prices[-1] if side == BID else prices[0]

    def size(self, side: str, price: int) -> int:
        """What rests at a price."""
        level = self._levels[side].get(price)
        return level.total if level else 0

    def levels(self, side: str) -> list[tuple[int, int]]:
        """(price, count) by rising price."""
        levels = self._levels[side]
        return [(price, levels[price].total) for price in self._prices[side]]

    def first(self, side: str) -> Order | None:
        """The order that trades next on this side."""
        price = self.best(side)
        if price is None:
            return None
        return next(iter(self._levels[side][price].orders.values()))

    def orders(self) -> Iterator[Order]:
        """Every resting order."""
        for levels in self._levels.values():
            for level in levels.values():
                yield from level.orders.values()

    def crosses(self, side: str, price: int) -> bool:
        """Whether an order of this side at this price would trade now."""
        best = self.best(ASK if side == BID else BID)
        if best is None:
            return False
        return price >= best if side == BID else price <= best

    def available(self, side: str, price: int) -> int:
        """How much an arriving order of this side could trade at its price or better."""
        if side == BID:
            return sum(total for at, total in self.levels(ASK) if at <= price)
        return sum(total for at, total in self.levels(BID) if at >= price)

    def add(self, order: Order) -> None:
        """Put an order behind those of its price."""
        levels = self._levels[order.side]
        level = levels.get(order.price)
        if level is None:
            level = levels[order.price] = Level()
            insort(self._prices[order.side], order.price)
        level.orders[order.number] = order
        level.total += order.left

    def shrink(self, order: Order, by: int) -> None:
        """Take a part of an order out; it keeps its place."""
        order.left -= by
        self._levels[order.side][order.price].total -= by

    def remove(self, order: Order) -> None:
        """Take an order out."""
        levels, prices = self._levels[order.side], self._prices[order.side]
        level = levels[order.price]
        del level.orders[order.number]
        level.total -= order.left
        if not level.orders:
            del levels[order.price]
            del prices[bisect_left(prices, order.price)]
