"""Candlesticks of every market since the venue opened: a minute, an hour and a day long.

Each is kept as it grows, so nothing is gone through when somebody asks. Only so many of each
length are kept, and a period in which nothing moved has none.
"""

from collections import deque

import msgspec

from karb.sim.units import DOLLAR

MINUTE, HOUR, DAY = 1, 60, 1_440
PERIODS = {MINUTE: 180, HOUR: 48, DAY: 30}
"""Lengths in minutes, and how many of each are kept."""


class Span(msgspec.Struct, gc=False):
    """The first, lowest, highest and last of a period's prices."""

    open: int
    low: int
    high: int
    close: int

    def add(self, price: int) -> None:
        """One more price."""
        self.low, self.high, self.close = min(self.low, price), max(self.high, price), price


class Candle(msgspec.Struct, kw_only=True):
    """One period that ends at `end` (in seconds). `cost` is price times count of its trades.

    `price` is None without a trade, `previous` the last price before the period.
    """

    end: int
    bid: Span
    ask: Span
    price: Span | None = None
    previous: int | None
    cost: int = 0
    volume: int = 0
    interest: int


class Candles:
    """All candlesticks of one market."""

    def __init__(self) -> None:
        self._kept = {period: deque[Candle](maxlen=most) for period, most in PERIODS.items()}
        self._bid, self._ask, self._interest = 0, DOLLAR, 0
        self._last: int | None = None

    def quoted(self, bid: int, ask: int, interest: int, at: int) -> None:
        """The best prices at a second, 0 or a dollar where there is none."""
        self._bid, self._ask, self._interest = bid, ask, interest
        for candle in self._now(at):
            candle.bid.add(bid)
            candle.ask.add(ask)
            candle.interest = interest

    def traded(self, price: int, count: int, at: int) -> None:
        """A trade at a second."""
        for candle in self._now(at):
            candle.cost += price * count
            candle.volume += count
            if candle.price is None:
                candle.price = Span(price, price, price, price)
            candle.price.add(price)
        self._last = price

    def of(self, period: int) -> list[Candle]:
        """The candlesticks of a length, the oldest first."""
        return list(self._kept[period])

    def _now(self, at: int) -> list[Candle]:
        """The candlestick of each length that this second belongs to."""
        for period, kept in self._kept.items():
            length = period * 60
            end = (at // length + 1) * length
            if not kept or kept[-1].end != end:
                bid, ask = self._bid, self._ask
                kept.append(
                    Candle(
                        end=end,
                        bid=Span(bid, bid, bid, bid),
                        ask=Span(ask, ask, ask, ask),
                        previous=self._last,
                        interest=self._interest,
                    )
                )
        return [kept[-1] for kept in self._kept.values()]
