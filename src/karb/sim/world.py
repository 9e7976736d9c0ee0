"""Everything that happens at the venue, moved on by one call: truth, books, edges, results.

`advance` brings the world to the clock's time. It is cheap and is called fifty times a second;
after a pause (a laptop that slept) it catches up on the truth and skips what is over.
Whatever happens is told to a `Listener`, in order.
"""

from collections import deque
from random import Random
from typing import Protocol

from karb.sim.book import ASK, BID, Book
from karb.sim.candles import Candles
from karb.sim.chance import chance
from karb.sim.clock import Clock
from karb.sim.edges import Edges
from karb.sim.exchange import Delta, Exchange, Trade
from karb.sim.listing import Listed, list_champion, list_game
from karb.sim.makers import HALF_SPREADS, THIN_SPREADS, TITLE_SPREADS, Makers
from karb.sim.market import Market, Status
from karb.sim.planting import Candidate
from karb.sim.slate import Game, Slate
from karb.sim.sportsbooks import Sportsbooks
from karb.sim.truth import Truth
from karb.sim.units import CONTRACT, DOLLAR, SECOND

_MOST_AT_ONCE = 500
"""Changes of books that one step makes at most: what was missed in a pause is not made up for."""
_TRADES_KEPT = 5_000
_THIN_VOLUME = 180 * CONTRACT
_THIN_PLACE = 2
"""Which game of the first league hardly trades."""


class Listener(Protocol):
    """Whoever tells the outside what happens, in the order in which it happens."""

    def on_delta(self, delta: Delta) -> None: ...  # noqa: D102 - each is named by its event
    def on_trade(self, trade: Trade) -> None: ...  # noqa: D102
    def on_moved(self, market: Market, book: Book) -> None: ...  # noqa: D102
    def on_lifecycle(self, market: Market) -> None: ...  # noqa: D102


class World:
    """The venue's state and its motion."""

    def __init__(
        self,
        slate: Slate,
        clock: Clock,
        listener: Listener,
        *,
        seed: int,
        edges_per_minute: float,
        changes_per_second: float,
    ) -> None:
        self.slate, self.clock = slate, clock
        self.seed, self._listener = seed, listener
        self._random = chance(seed, "flow")
        self._rate = changes_per_second
        self.exchange = Exchange(self._changed, self._traded)
        self.events: dict[str, Listed] = {}
        self.markets: dict[str, Market] = {}
        self.trades: deque[tuple[Trade, int]] = deque(maxlen=_TRADES_KEPT)
        self.sportsbooks = Sportsbooks(chance(seed, "books"), clock)
        self.truths: dict[Game, Truth] = {}
        self.candles: dict[str, Candles] = {}
        self._makers: dict[str, Makers] = {}
        self._moved: dict[str, None] = {}
        self._settling: dict[Game, int] = {}
        self._seconds = 0
        self._last = 0.0
        self._list()
        self._pairs = {
            game: (game.ticker(game.home), game.ticker(game.away))
            for game in slate.games
            if game.listed
        }
        self._fixed = {
            champion.ticker(team): chance * DOLLAR
            for champion in slate.champions
            for team, chance in champion.chances
        }
        self._read_books()
        self._follow()
        for ticker, centre in self._fixed.items():
            self._makers[ticker].follow(centre)
        for ticker in self._moved:
            self._draw(ticker)
        self.edges = Edges(
            seed, self._candidates(), self._makers, clock, per_minute=edges_per_minute
        )

    def advance(self) -> None:
        """Bring the world to the clock's time."""
        elapsed = self.clock.elapsed
        while self._seconds < int(elapsed):
            self._seconds += 1
            self._live_on()
        self._read_books()
        self._follow()
        self.edges.keep(elapsed, self.centre)
        self._stir(elapsed)
        self._settle()
        self._tell_moves()
        self._last = elapsed

    def centre(self, ticker: str) -> float:
        """What a market is worth, in 1/10,000 dollar."""
        if ticker in self._fixed:
            return self._fixed[ticker]
        game = self.events[self.markets[ticker].terms.event].game
        if game is None:
            raise KeyError(ticker)
        home = self.truths[game].probability * DOLLAR
        return home if ticker == self._pairs[game][0] else DOLLAR - home

    def chances(self) -> dict[Game, float]:
        """Every offered game that is not over, with the home team's true chance."""
        return {
            game: truth.probability
            for game, truth in self.truths.items()
            if game.offered and not truth.over
        }

    def _list(self) -> None:
        opening = self.clock.began
        thin = [game for game in self.slate.games if game.listed][_THIN_PLACE:][:1]
        for game in self.slate.games:
            random = chance(self.seed, game.league.name, game.number)
            self.truths[game] = Truth(
                game.chance, random, hours=game.league.hours, played=game.played
            )
            if game.listed:
                spreads = THIN_SPREADS if game in thin else HALF_SPREADS
                self._enter(*list_game(game, random, opening), random, spreads)
        for champion in self.slate.champions:
            random = chance(self.seed, champion.series)
            self._enter(*list_champion(champion, random, opening), random, TITLE_SPREADS)

    def _enter(
        self, event: Listed, markets: list[Market], random: Random, spreads: tuple[int, ...]
    ) -> None:
        self.events[event.ticker] = event
        for market in markets:
            ticker = market.terms.ticker
            self.markets[ticker] = market
            if spreads is THIN_SPREADS:
                market.volume = market.volume_day = market.interest = _THIN_VOLUME
            self.exchange.open(ticker)
            self.candles[ticker] = Candles()
            self._makers[ticker] = Makers(self.exchange, market, random, random.choice(spreads))

    def _candidates(self) -> list[Candidate]:
        """The markets that can carry an edge: offered, not begun, and traded enough."""
        opening = self.clock.began
        return [
            Candidate(
                ticker=ticker,
                event=game.key,
                chance=game.chance if place == 0 else 1.0 - game.chance,
                to_start=(game.start - opening) / SECOND,
            )
            for game, pair in self._pairs.items()
            for place, ticker in enumerate(pair)
            if game.offered and game.start > opening and self.markets[ticker].volume > _THIN_VOLUME
        ]

    def _live_on(self) -> None:
        """One second of the venue's time: games start, chances move."""
        at = self.clock.real(self._seconds)
        for game, truth in self.truths.items():
            if not truth.started and game.start <= at:
                truth.start()
            truth.walk()

    def _read_books(self) -> None:
        self.sportsbooks.refresh(self.chances())

    def _follow(self) -> None:
        for game, (home, away) in self._pairs.items():
            centre = self.truths[game].probability * DOLLAR
            self._makers[home].follow(centre)
            self._makers[away].follow(DOLLAR - centre)

    def _stir(self, elapsed: float) -> None:
        """As many changes of the books as the time since the last call asks for."""
        due = min((elapsed - self._last) * self._rate, _MOST_AT_ONCE)
        count = int(due) + (self._random.random() < due % 1)
        if self._makers:
            for makers in self._random.choices(list(self._makers.values()), k=count):
                makers.stir()

    def _settle(self) -> None:
        now = self.clock.now()
        for game, pair in self._pairs.items():
            truth = self.truths[game]
            if truth.over and game not in self._settling:
                wait = self.markets[pair[0]].terms.settlement_timer / self.clock.speed
                self._settling[game] = now + round(wait * SECOND)
                self._determine(pair[0], "yes" if truth.home_won else "no")
                self._determine(pair[1], "no" if truth.home_won else "yes")
        for game in [game for game, at in self._settling.items() if at <= now]:
            for ticker in self._pairs[game]:
                self._finalize(self.markets[ticker], now)

    def _determine(self, ticker: str, result: str) -> None:
        """Trading ends: the book is emptied, the result stands."""
        market = self.markets[ticker]
        market.status, market.result = Status.DETERMINED, result
        market.updated = self.clock.now()
        self._makers[ticker].stop()
        self.exchange.cancel_all(ticker)
        self._listener.on_lifecycle(market)

    def _finalize(self, market: Market, at: int) -> None:
        if market.status is Status.DETERMINED:
            market.status, market.settled_at, market.updated = Status.FINALIZED, at, at
            self._listener.on_lifecycle(market)

    def _changed(self, delta: Delta) -> None:
        self._moved[delta.ticker] = None
        self._listener.on_delta(delta)

    def _traded(self, trade: Trade) -> None:
        now = self.clock.now()
        self.markets[trade.ticker].traded(trade.price, trade.count)
        self.trades.append((trade, now))
        self.candles[trade.ticker].traded(trade.price, trade.count, now // SECOND)
        self._listener.on_trade(trade)

    def _tell_moves(self) -> None:
        for ticker in self._moved:
            self._draw(ticker)
            self._listener.on_moved(self.markets[ticker], self.exchange.book(ticker))
        self._moved.clear()

    def _draw(self, ticker: str) -> None:
        """Enter the best prices into the candlesticks."""
        book, at = self.exchange.book(ticker), self.clock.now() // SECOND
        bid, ask = book.best(BID) or 0, book.best(ASK) or DOLLAR
        self.candles[ticker].quoted(bid, ask, self.markets[ticker].interest, at)
