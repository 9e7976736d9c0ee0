"""The makers of one market: a ladder of quotes on both sides, and the takers who meet it.

Nothing is ever offered at a better price than the ladder says, so a market without a planted
edge has none: in a game's market the first ask is set half a cent or more above the
true probability, the first bid as far below, and a move of a fifth of a cent moves the ladder.
"""

from random import Random

from karb.sim.book import ASK, BID
from karb.sim.exchange import Exchange, TimeInForce
from karb.sim.market import Market
from karb.sim.units import CENT, CONTRACT, DOLLAR

MAKER, TAKER = "maker", "taker"
_DEPTH = 5
_DRIFT = CENT // 5
HALF_SPREADS, TITLE_SPREADS, THIN_SPREADS = (50, 60, 80, 100), (10, 20, 30), (300,)
"""How far the best quotes lie from the true price: of a game, a title, and a thin market."""
_GAPS = (50, 100)
_LEAST_SIZE = 150
_TRADES = 0.3

Rung = tuple[str, int]
"""A side and a rank, 0 the best."""


class Makers:
    """Quotes `half` on either side of a centre, or the prices of a planted edge.

    Prices, and fractions of them, in 1/10,000 dollar.
    """

    def __init__(self, exchange: Exchange, market: Market, random: Random, half: int) -> None:
        self._exchange, self._random = exchange, random
        self._ticker, self._grid = market.terms.ticker, market.terms.grid
        self._half = half
        self._gap = self._grid.above(random.choice(_GAPS))
        self._size = _LEAST_SIZE * random.randint(1, 4)
        self._wanted: dict[Rung, int] = {}
        self._orders: dict[Rung, int] = {}
        self._centre: float | None = None
        self._stopped = False
        self.planted = False

    def follow(self, centre: float) -> None:
        """Quote around the true price, if it has moved enough and no edge is planted here."""
        if self._stopped or self.planted:
            return
        if self._centre is not None and abs(centre - self._centre) < _DRIFT:
            return
        self._centre = centre
        bid, ask = self._grid.below(centre - self._half), self._grid.above(centre + self._half)
        least = self._grid.step
        # An outsider has bids too, as long as its chance is clearly above the lowest price.
        self._quote(
            max(bid, least) if centre > 2 * least else bid,
            min(ask, DOLLAR - least) if DOLLAR - centre > 2 * least else ask,
        )

    def plant(self, side: str, centre: float, edge: int) -> None:
        """Offer `side` for `edge` less than it is worth; the grid may make it a little more."""
        self.planted = True
        if side == "yes":
            ask = self._grid.below(centre - edge)
            self._quote(ask - CENT, ask)
        else:
            bid = self._grid.above(centre + edge)
            self._quote(bid, bid + CENT)

    def withdraw(self, centre: float) -> None:
        """Take a planted edge away."""
        self.planted, self._centre = False, None
        self.follow(centre)

    def stop(self) -> None:
        """Quote no more: the market has closed and the exchange has emptied its book."""
        self._stopped = True
        self._wanted.clear()
        self._orders.clear()

    def stir(self) -> None:
        """One change of the book, as markets have all day: a size, sometimes a trade."""
        # What a planted edge offers stays whole, so that it can be taken until it is withdrawn.
        rungs = [rung for rung in self._wanted if not (self.planted and rung[1] == 0)]
        if not rungs:
            return
        rung = self._random.choice(rungs)
        if rung[1] == 0 and self._random.random() < _TRADES:
            self._take(rung[0])
            return
        order = self._exchange.order(self._orders[rung])
        if order is not None and order.left > self._size * CONTRACT:
            self._exchange.decrease(order.number, self._random.randint(1, self._size) * CONTRACT)
            return
        self._exchange.cancel(self._orders[rung])
        self._place(rung)

    def _take(self, side: str) -> None:
        """Somebody takes a few contracts off the best price of a side, which is made good."""
        count = self._random.randint(1, _LEAST_SIZE // 4) * CONTRACT
        self._exchange.submit(
            TAKER,
            self._ticker,
            BID if side == ASK else ASK,
            self._wanted[side, 0],
            count,
            life=TimeInForce.IMMEDIATE_OR_CANCEL,
        )
        if self._exchange.order(self._orders[side, 0]) is None:
            self._place((side, 0))

    def _quote(self, bid: int, ask: int) -> None:
        """Move the ladder: what is in the way goes first, so that it never meets itself."""
        ladder = {(BID, rank): bid - rank * self._gap for rank in range(_DEPTH)}
        ladder |= {(ASK, rank): ask + rank * self._gap for rank in range(_DEPTH)}
        wanted = {rung: price for rung, price in ladder.items() if self._grid.holds(price)}
        for rung in [r for r in self._wanted if wanted.get(r) != self._wanted[r]]:
            self._exchange.cancel(self._orders.pop(rung))
        self._wanted = wanted
        for rung in wanted:
            if rung not in self._orders:
                self._place(rung)

    def _place(self, rung: Rung) -> None:
        count = round(self._size * self._random.uniform(1.0, 2.0)) * CONTRACT
        report = self._exchange.submit(MAKER, self._ticker, rung[0], self._wanted[rung], count)
        self._orders[rung] = report.order
