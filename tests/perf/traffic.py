"""What one connection sends: ticks, and the order books that stand behind them.

Nearly every tick repeats its market's prices. A chosen share of them lies so far off that it
is a trade; changes of levels come before it that move the book to the same prices, and back
before the market's next tick. The last text leaves every book as the first one found it, so
that all of them can be sent again and again.

A text has a place for the time at which it is sent, and one about a book a number of eight
digits, so that both can be written into it without making it anew.
"""

import random
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from perf.messages import START_MS, delta, markets, snapshot, text, ticker, uuid

TICKER, TRADE, BOOK, LIFECYCLE = range(1, 5)
SIDS: Final = {
    "ticker": TICKER,
    "trade": TRADE,
    "orderbook_delta": BOOK,
    "market_lifecycle_v2": LIFECYCLE,
}
"""The number of each channel's subscription."""

FIRST_NUMBER: Final = 10_000_000
NUMBERED: Final = b'"seq":%d' % FIRST_NUMBER
STAMP: Final = b',"t":"0000000000000000"}}'
SENT_AT: Final = slice(-19, -3)
"""Where in a text the time stands at which it was sent: 16 digits, nanoseconds."""

_AMONG: Final = 200
_TICKS: Final = 2_000
_TOP, _DEEP = 500, 900
_FAR: Final = 25


class Traffic(NamedTuple):
    """The texts in their order, and what a client is told when it begins.

    `fair` is each market's fair YES price in cents, `snapshots` its book at the beginning and
    at the end, `first` a tick of each market.
    """

    fair: dict[str, int]
    snapshots: dict[str, bytes]
    first: dict[str, bytes]
    texts: list[bytes]


class _Market:
    """One market: its book's best prices, in cents around the fair one."""

    def __init__(self, chance: random.Random, name: str) -> None:
        self.name, self._chance = name, chance
        self._id = uuid(chance)
        self.fair = chance.randint(40, 60)
        self._off = 0

    def snapshot(self) -> bytes:
        """The book with nothing off."""
        levels = {
            "yes": {self.fair - 1: _TOP, self.fair - _FAR: _DEEP},
            "no": {100 - (self.fair + 1): _TOP, 100 - (self.fair + _FAR): _DEEP},
        }
        return text(snapshot(self.name, self._id, levels, FIRST_NUMBER))

    def tick(self, at: int) -> bytes:
        """A tick at the book's prices."""
        bid = self.fair + self._off - 1
        return text(ticker(self._chance, self.name, self._id, bid, at, spread=2))

    def move(self, off: int) -> Iterator[bytes]:
        """The changes that bring the book's best prices so many cents off; 0 brings them back.

        The side that would be crossed gives way first, and nothing is crossed in between.
        """
        if self._off:
            yield from self._changes(self._off, back=True)
        if off:
            yield from self._changes(off, back=False)
        self._off = off

    def _changes(self, off: int, *, back: bool) -> Iterator[bytes]:
        bid, ask = ("yes", self.fair - 1), ("no", 100 - (self.fair + 1))
        new_bid, new_ask = ("yes", self.fair + off - 1), ("no", 100 - (self.fair + off + 1))
        gives_way = bid if off < 0 else ask
        steps = [(gives_way, -_TOP), (new_bid, _TOP), (new_ask, _TOP)]
        for (side, price), by in reversed(steps) if back else steps:
            change = delta(self.name, self._id, side, price, -by if back else by, FIRST_NUMBER)
            yield text(change)


@cache
def traffic(share: float = 0.01, seed: int = 7) -> Traffic:
    """Ticks over 200 markets, `share` of them 8 to 14 cents off, and the changes around those."""
    chance = random.Random(seed)
    all_markets = [_Market(chance, name) for name in markets(_AMONG)]
    off = set(chance.sample(range(_TICKS), round(share * _TICKS)))
    first = {each.name: each.tick(START_MS) for each in all_markets}
    texts, at = [], START_MS
    for number in range(_TICKS):
        market, at = chance.choice(all_markets), at + chance.randint(0, 2)
        cents = chance.randint(8, 14) * chance.choice((-1, 1)) if number in off else 0
        texts += [*market.move(cents), market.tick(at)]
    for market in all_markets:
        texts += market.move(0)
    return Traffic(
        {each.name: each.fair for each in all_markets},
        {each.name: each.snapshot() for each in all_markets},
        first,
        [each.removesuffix(b"}}") + STAMP for each in texts],
    )
