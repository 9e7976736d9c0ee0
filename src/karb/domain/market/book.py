"""One market's order book: what can be bought and sold, and how much of it.

The book is kept once, in YES prices: bids of YES, and asks of YES, which are the bids of NO
seen from the other side. Buying NO at 40c is taking the YES bid at 60c; so NO is a view and
never a second copy that could disagree.

A book is only as true as the last message. It is `live` when it stands on a snapshot, every
change since could be true, and bids lie below asks. A level that would fall below nothing
means that a change was missed: the levels are thrown away and a new snapshot is needed.
Crossed prices may be half of a trade in two messages, so they keep their levels and the
book is live again once they part; how long to wait is for whoever reads the feed, who also
checks sequence numbers and calls `lose` on a gap. A book that is not live offers nothing.

Changes of levels are most of what a feed sends, so they are made cheap: levels stand in a
list by tick (a whole cent, and finer from the first price that needs it), which costs half
of a dict by price, and the best prices are worked out only when a best level moves.
"""

from collections.abc import Iterable
from math import gcd
from typing import Final

from karb.domain.market.messages import BookDelta, BookSnapshot, Level, Quote, Side
from karb.domain.units import DOLLAR, Count, Nanos, Price
from karb.errors import DataError

_OFF: Final = 1 << 20
"""The tick of a price between two ticks: beyond every list of levels."""


def _tick_table(step: Price) -> list[int]:
    return [_OFF if price % step else price // step for price in range(DOLLAR + 1)]


_TICKS: Final = {step: _tick_table(step) for step in (100, 10, 1)}


def _step_of(prices: Iterable[Price]) -> Price:
    """The coarsest step on which all prices lie."""
    common = gcd(100, *prices)
    return next(step for step in _TICKS if common % step == 0)


class Book:
    """The order book of one market. Counts are in 1/100 contract, prices in 1/10,000 dollar.

    To be read, never written: `best_bid` and `best_ask`, the YES prices, None when nobody
    bids or asks or the book is not live; `live`, whether the book may be decided on;
    `needs_snapshot`, whether nothing but a snapshot can make it so.
    """

    __slots__ = (
        "_ask",
        "_asks",
        "_bid",
        "_bids",
        "_step",
        "_ticks",
        "best_ask",
        "best_bid",
        "live",
        "needs_snapshot",
        "ticker",
    )

    def __init__(self, ticker: str) -> None:
        self.ticker = ticker
        self._step: Price = 100
        self.lose()

    def lose(self) -> None:
        """Forget the levels: a message was missed, and only a snapshot can mend that."""
        self.needs_snapshot = True
        self._ticks = _TICKS[self._step]
        self._bids: list[Count] = []
        self._asks: list[Count] = []
        # The best ticks; those of 0 and a dollar, where no level can be, mean an empty side.
        self._bid, self._ask = 0, DOLLAR // self._step
        self._moved()

    @property
    def bids(self) -> dict[Price, Count]:
        """The levels of YES bids by price, worst first."""
        return _by_price(self._bids, self._step)

    @property
    def asks(self) -> dict[Price, Count]:
        """The levels of YES asks by price, best first."""
        return _by_price(self._asks, self._step)

    @property
    def crossed(self) -> bool:
        """Whether somebody bids at least what another asks, which no exchange lets rest."""
        return self._bid >= self._ask

    def ask(self, side: Side) -> Price | None:
        """What one contract of this side costs now."""
        if side is Side.YES:
            return self.best_ask
        return None if self.best_bid is None else DOLLAR - self.best_bid

    def bid(self, side: Side) -> Price | None:
        """What one contract of this side can be sold for now."""
        if side is Side.YES:
            return self.best_bid
        return None if self.best_ask is None else DOLLAR - self.best_ask

    def offers(self, side: Side) -> tuple[Level, ...]:
        """What can be bought of this side, best first, at that side's prices."""
        if not self.live:
            return ()
        if side is Side.YES:
            return tuple(Level(price=p, count=n) for p, n in self.asks.items())
        return tuple(Level(price=DOLLAR - p, count=n) for p, n in reversed(self.bids.items()))

    def depth(self, side: Side, limit: Price) -> Count:
        """Contracts of this side that can be bought at `limit`, a price of that side, or less."""
        if not self.live:
            return 0
        limit = min(max(limit, 0), DOLLAR)
        if side is Side.YES:
            return sum(self._asks[: limit // self._step + 1])
        return sum(self._bids[-((limit - DOLLAR) // self._step) :])

    def quote(
        self, *, ts_event: Nanos | None, ts_recv: Nanos, volume: Count | None = None
    ) -> Quote:
        """The best prices with their sizes; both sides None while the book is not live."""
        bid, ask = self.best_bid, self.best_ask
        return Quote(
            ticker=self.ticker,
            yes_bid=bid,
            yes_ask=ask,
            yes_bid_size=None if bid is None else self._bids[self._bid],
            yes_ask_size=None if ask is None else self._asks[self._ask],
            volume=volume,
            ts_event=ts_event,
            ts_recv=ts_recv,
        )

    def apply_snapshot(self, snapshot: BookSnapshot) -> None:
        """Replace everything; `DataError`, and no change, if a level cannot be true."""
        self._check_ticker(snapshot.ticker)
        bids, asks = _levels(snapshot.bids), _levels(snapshot.asks)
        self._set(bids, asks, _step_of([*bids, *asks]))

    def apply_delta(self, delta: BookDelta) -> bool:
        """Change one level; False when the change was dropped (see `change`)."""
        self._check_ticker(delta.ticker)
        return self.change(delta.price, delta.change, delta.side)

    def change(self, price: Price, change: Count, side: Side) -> bool:
        """Add contracts to one level: of the bids for YES, of the asks for NO.

        False, with nothing applied, when the book has no snapshot to stand on or when the
        level would hold less than nothing; in both cases a new snapshot is needed.
        `DataError`, with nothing applied, for a price that nobody can bid.
        """
        if not 0 < price < DOLLAR:
            raise DataError(f"{self.ticker}: a level at {price} is not between 0 and 1 dollar")
        return (self.change_bid if side is Side.YES else self.change_ask)(price, change)

    # The two sides are written out, because most of what an exchange sends ends here. They
    # expect what `change` checks: a price between 0 and a dollar.

    def change_bid(self, price: Price, change: Count) -> bool:
        """`change` for the bids, unchecked."""
        levels, tick = self._bids, self._ticks[price]
        try:
            count = levels[tick] + change
        except IndexError:
            return self._refine(price) and self.change_bid(price, change)
        if count > 0:
            levels[tick] = count
            if tick > self._bid:
                self._bid = tick
                self._moved()
        elif count < 0:
            self.lose()
            return False
        else:
            levels[tick] = 0
            if tick == self._bid:
                while tick and not levels[tick]:
                    tick -= 1
                self._bid = tick
                self._moved()
        return True

    def change_ask(self, price: Price, change: Count) -> bool:
        """`change` for the asks, unchecked."""
        levels, tick = self._asks, self._ticks[price]
        try:
            count = levels[tick] + change
        except IndexError:
            return self._refine(price) and self.change_ask(price, change)
        if count > 0:
            levels[tick] = count
            if tick < self._ask:
                self._ask = tick
                self._moved()
        elif count < 0:
            self.lose()
            return False
        else:
            levels[tick] = 0
            if tick == self._ask:
                top = len(levels) - 1
                while tick < top and not levels[tick]:
                    tick += 1
                self._ask = tick
                self._moved()
        return True

    def _refine(self, price: Price) -> bool:
        """Make place for a price between two ticks; False when there are no levels at all."""
        if self.needs_snapshot:
            return False
        self._set(self.bids, self.asks, _step_of([self._step, price]))
        return True

    def _set(self, bids: dict[Price, Count], asks: dict[Price, Count], step: Price) -> None:
        self._step, self._ticks = step, _TICKS[step]
        self._bids, self._asks = _by_tick(bids, step), _by_tick(asks, step)
        self._bid = max(bids, default=0) // step
        self._ask = min(asks, default=DOLLAR) // step
        self.needs_snapshot = False
        self._moved()

    def _moved(self) -> None:
        """Work out what follows from the best ticks."""
        bid, ask = self._bid * self._step, self._ask * self._step
        self.live: bool = not self.needs_snapshot and bid < ask
        self.best_bid: Price | None = bid if self.live and bid else None
        self.best_ask: Price | None = ask if self.live and ask < DOLLAR else None

    def _check_ticker(self, ticker: str) -> None:
        if ticker != self.ticker:
            raise DataError(f"a message for {ticker} reached the book of {self.ticker}")


def _levels(levels: Iterable[Level]) -> dict[Price, Count]:
    """The levels by price, each checked."""
    found: dict[Price, Count] = {}
    for level in levels:
        if level.price in found or not 0 < level.price < DOLLAR or level.count <= 0:
            raise DataError(f"a level of {level.count} at {level.price} cannot be true")
        found[level.price] = level.count
    return found


def _by_tick(levels: dict[Price, Count], step: Price) -> list[Count]:
    ticks = [0] * (DOLLAR // step + 1)
    for price, count in levels.items():
        ticks[price // step] = count
    return ticks


def _by_price(ticks: list[Count], step: Price) -> dict[Price, Count]:
    return {tick * step: count for tick, count in enumerate(ticks) if count}
