"""The exchange itself: orders meet by price, then by time, and every change is told.

A market's book holds bids and asks on the YES side; an ask is a NO bid seen from YES, so the
two sides are one book. Whoever listens gets each change of a level and each trade at the
moment it happens, in order. Money is integers (`units`); nothing here knows the wire, the
clock or the makers.
"""

from collections.abc import Callable, Iterator
from enum import Enum, auto

import msgspec

from karb.sim.book import ASK, BID, Book, Order
from karb.sim.units import DOLLAR


class TimeInForce(Enum):
    """What happens to the part of an order that meets nobody."""

    GOOD_TILL_CANCELED = auto()
    IMMEDIATE_OR_CANCEL = auto()
    FILL_OR_KILL = auto()


class Delta(msgspec.Struct, frozen=True, gc=False):
    """A level changed: `side` `yes` or `no`, that side's own price, a signed count."""

    ticker: str
    side: str
    price: int
    change: int
    clock: int


class Trade(msgspec.Struct, frozen=True, gc=False):
    """Two orders met. `price` is the YES price, `taker` the outcome the taker bought."""

    ticker: str
    number: int
    price: int
    count: int
    taker: str
    taker_order: int
    maker_order: int


class Report(msgspec.Struct, frozen=True):
    """What became of an order on arrival; `left` rests when the order still stands."""

    order: int
    filled: int
    left: int
    cost: int
    refused: str = ""


class Exchange:
    """All books. `on_delta` and `on_trade` hear of everything, in the order it happens."""

    def __init__(
        self, on_delta: Callable[[Delta], object], on_trade: Callable[[Trade], object]
    ) -> None:
        self._on_delta, self._on_trade = on_delta, on_trade
        self._books: dict[str, Book] = {}
        self._clocks: dict[str, int] = {}
        self._orders: dict[int, Order] = {}
        self._last_order = self._last_trade = 0

    def open(self, ticker: str) -> None:
        """Start an empty book."""
        self._books[ticker] = Book()
        self._clocks[ticker] = 0

    def book(self, ticker: str) -> Book:
        """The book of a market; `KeyError` when there is none."""
        return self._books[ticker]

    def clock(self, ticker: str) -> int:
        """How often a market's book has changed."""
        return self._clocks[ticker]

    def order(self, number: int) -> Order | None:
        """A resting order."""
        return self._orders.get(number)

    def submit(
        self,
        owner: str,
        ticker: str,
        side: str,
        price: int,
        count: int,
        *,
        life: TimeInForce = TimeInForce.GOOD_TILL_CANCELED,
        post_only: bool = False,
    ) -> Report:
        """Take an order in: it trades with what it crosses, and rests where it may.

        An order that meets one of its owner's own is cancelled from there on.
        """
        if not 0 < price < DOLLAR or count <= 0:
            raise ValueError(f"no such order: {count} at {price}")
        book = self._books[ticker]
        self._last_order += 1
        order = Order(self._last_order, owner, ticker, side, price, count)
        if post_only and book.crosses(side, price):
            return Report(order.number, 0, 0, 0, refused="post only cross")
        if life is TimeInForce.FILL_OR_KILL and book.available(side, price) < count:
            return Report(order.number, 0, 0, 0, refused="insufficient resting volume")
        cost, met_itself = self._match(book, order)
        filled = count - order.left
        if order.left and life is TimeInForce.GOOD_TILL_CANCELED and not met_itself:
            self._rest(book, order)
            return Report(order.number, filled, order.left, cost)
        return Report(order.number, filled, 0, cost)

    def cancel(self, number: int) -> int:
        """Take a resting order out; answers the count that was still open, 0 when none was."""
        order = self._orders.pop(number, None)
        if order is None:
            return 0
        self._books[order.ticker].remove(order)
        self._tell(order, -order.left)
        return order.left

    def decrease(self, number: int, by: int) -> int:
        """Make a resting order smaller; it keeps its place. Answers what is left."""
        order = self._orders[number]
        by = min(by, order.left)
        if by == order.left:
            self.cancel(number)
            return 0
        self._books[order.ticker].shrink(order, by)
        self._tell(order, -by)
        return order.left

    def cancel_all(self, ticker: str) -> None:
        """Empty a book, as the exchange does when a market closes."""
        for number in [order.number for order in self._books[ticker].orders()]:
            self.cancel(number)

    def _match(self, book: Book, order: Order) -> tuple[int, bool]:
        """Trade until nothing crosses; answers the cost and whether it met its own owner."""
        cost = 0
        for maker in _crossed(book, order):
            if maker.owner == order.owner:
                return cost, True
            count = min(maker.left, order.left)
            cost += count * maker.price
            self._trade(book, order, maker, count)
            if not order.left:
                break
        return cost, False

    def _trade(self, book: Book, taker: Order, maker: Order, count: int) -> None:
        taker.left -= count
        if count == maker.left:
            book.remove(maker)
            del self._orders[maker.number]
        else:
            book.shrink(maker, count)
        self._last_trade += 1
        self._tell(maker, -count)
        self._on_trade(
            Trade(
                ticker=maker.ticker,
                number=self._last_trade,
                price=maker.price,
                count=count,
                taker="yes" if taker.side == BID else "no",
                taker_order=taker.number,
                maker_order=maker.number,
            )
        )

    def _rest(self, book: Book, order: Order) -> None:
        book.add(order)
        self._orders[order.number] = order
        self._tell(order, order.left)

    def _tell(self, order: Order, change: int) -> None:
        ticker = order.ticker
        clock = self._clocks[ticker] = self._clocks[ticker] + 1
        if order.side == BID:
            self._on_delta(Delta(ticker, "yes", order.price, change, clock))
        else:
            self._on_delta(Delta(ticker, "no", DOLLAR - order.price, change, clock))


def _crossed(book: Book, order: Order) -> Iterator[Order]:
    """The resting orders that `order` meets, one after another, while it still crosses."""
    other = ASK if order.side == BID else BID
    while book.crosses(order.side, order.price):
        first = book.first(other)
        if first is None:
            return
        yield first
