"""What the sportsbooks offer: the truth, a little noise, and their margin.

Each book is read by the odds source at its own pace, one of them slowly, so its price is as
old as its `last_update` says. Margin lies on both sides alike. A book that does not price
games in play keeps its last price until the source drops it, as the real ones do.
"""

from collections.abc import Iterator, Mapping
from random import Random

import msgspec

from karb.sim.clock import Clock
from karb.sim.slate import Champion, Game
from karb.sim.teams import Team
from karb.sim.units import SECOND

MARGIN, TITLE_MARGIN = 0.042, 1.22
_NOISE = 0.004
_LOWEST_ODDS, _HIGHEST_ODDS = 1.01, 501.0
_LINGERS = 900 * SECOND


class Sportsbook(msgspec.Struct, frozen=True):
    """A book under the source's key and title; `every` is how often it is read, in seconds."""

    key: str
    title: str
    region: str
    every: float
    in_play: bool = True
    titles: bool = False
    copies: str = ""


BOOKS = (
    Sportsbook("draftkings", "DraftKings", "us", 30.0, titles=True),
    Sportsbook("fanduel", "FanDuel", "us", 15.0, titles=True),
    Sportsbook("betmgm", "BetMGM", "us", 32.0, titles=True),
    Sportsbook("williamhill_us", "Caesars", "us", 150.0, titles=True),
    Sportsbook("betonlineag", "BetOnline.ag", "us", 28.0, in_play=False),
    Sportsbook("lowvig", "LowVig.ag", "us", 28.0, in_play=False, copies="betonlineag"),
    Sportsbook("betus", "BetUS", "us", 40.0, in_play=False),
    Sportsbook("fanatics", "Fanatics", "us", 45.0),
    Sportsbook("betrivers", "BetRivers", "us", 36.0, titles=True),
    Sportsbook("bovada", "Bovada", "us", 55.0),
    Sportsbook("pinnacle", "Pinnacle", "eu", 50.0),
)

Odds = Mapping[Team, float]


class Quote(msgspec.Struct, frozen=True):
    """A book's decimal odds on an event, and when the source read them."""

    book: Sportsbook
    odds: Odds
    updated: int


class Sportsbooks:
    """Every book's quotes by event; `refresh` reads the books whose turn it is."""

    def __init__(self, random: Random, clock: Clock) -> None:
        self._random, self._clock = random, clock
        self._due = {book.key: random.uniform(-book.every, 0.0) for book in BOOKS}
        self._quotes: dict[str, dict[str, Quote]] = {}
        self.frozen: set[str] = set()

    def refresh(self, chances: Mapping[Game, float]) -> None:
        """Read the books that are due; `chances` has each running or coming game's home team.

        A book was read when it was due, so that at the opening every price has an age already.
        """
        elapsed, now = self._clock.elapsed, self._clock.now()
        for book in BOOKS:
            late = elapsed - self._due[book.key]
            if late < 0:
                continue
            was = self._due[book.key] if late < book.every else elapsed
            self._due[book.key] = was + book.every * self._random.uniform(0.8, 1.2)
            if book.key not in self.frozen:
                age = min(late, book.every) / self._clock.speed
                self._read(book, now - round(age * SECOND), chances)

    def _read(self, book: Sportsbook, at: int, chances: Mapping[Game, float]) -> None:
        for game, chance in chances.items():
            noise = self._random.gauss(0.0, _NOISE)
            quotes = self._quotes.setdefault(game.key, {})
            if game.start <= at and not book.in_play:
                continue
            if book.copies and (original := quotes.get(book.copies)):
                quotes[book.key] = Quote(book, original.odds, original.updated)
                continue
            home = min(max(chance + noise, 0.004), 0.996)
            odds = {game.home: _priced(home), game.away: _priced(1.0 - home)}
            quotes[book.key] = Quote(book, odds, at)

    def quotes(self, game: Game, at: int) -> Iterator[Quote]:
        """What is offered on a game, without what the source has dropped."""
        for quote in self._quotes.get(game.key, {}).values():
            if at - quote.updated <= _LINGERS or quote.book.key in self.frozen:
                yield quote

    def on_title(self, champion: Champion, at: int) -> Iterator[Quote]:
        """What is offered on a title: the same field with a margin that favours outsiders."""
        power = _power(champion)
        for place, book in enumerate(book for book in BOOKS if book.titles):
            odds = {team: _decimal(chance**power) for team, chance in champion.chances}
            yield Quote(book, odds, at // SECOND * SECOND - (20 + 7 * place) * SECOND)


def _priced(chance: float) -> float:
    return _decimal(chance + MARGIN / 2)


def _decimal(implied: float) -> float:
    odds = round(1.0 / implied, 2 if implied > 0.05 else 1)
    return min(max(odds, _LOWEST_ODDS), _HIGHEST_ODDS)


def _power(champion: Champion) -> float:
    """The exponent that raises the field's chances to the margin of a title."""
    low, high = 0.3, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if sum(chance**middle for _, chance in champion.chances) > TITLE_MARGIN:
            low = middle
        else:
            high = middle
    return high
