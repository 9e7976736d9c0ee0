"""The one true probability of a game, which books and sportsbooks both follow.

Before the start it walks in log odds, about 0.8 cents in the square root of an hour, without
drift. During the game it is the chance that a random walk with the rest of its way before it
ends above zero; that stays a fair price at every moment and comes to 0 or 1 by itself, so the
outcome needs no drawing of its own.
"""

from math import exp, log, sqrt
from random import Random
from statistics import NormalDist

_NORMAL = NormalDist()
_CALM = 0.008 / sqrt(3_600)
"""How far a probability of one half moves before the start, per square root of a second."""
_LEAST = 1e-4


class Truth:
    """The home team's chance. `walk` lets it live on for one second of the venue's time."""

    __slots__ = ("_lead", "_length", "_played", "_random", "_walking", "probability", "started")

    def __init__(self, chance: float, random: Random, *, hours: float, played: float) -> None:
        self.probability = chance
        self.started = False
        self._random = random
        self._length = hours * 3_600
        self._played = 0.0
        self._lead = 0.0
        self._walking = 1.0 / self._length
        if played > 0:
            self.start(played)

    @property
    def over(self) -> bool:
        """Whether the game has ended."""
        return self._played >= 1.0

    @property
    def home_won(self) -> bool:
        """Who won, once it is over."""
        return self._lead > 0

    def start(self, played: float = 0.0) -> None:
        """The game begins; from now on the probability moves as in play."""
        self.started = True
        self._played = min(played, 0.95)
        self._lead = _NORMAL.inv_cdf(self.probability) * sqrt(1.0 - self._played)

    def walk(self) -> None:
        """One second of the venue's time passes."""
        if not self.started:
            self._before()
        elif not self.over:
            self._in_play()

    def _before(self) -> None:
        p = self.probability
        step = _CALM / (p * (1.0 - p)) * self._random.gauss(0.0, 1.0)
        odds = log(p / (1.0 - p)) + step + (p - 0.5) * step * step
        self.probability = 1.0 / (1.0 + exp(-odds))

    def _in_play(self) -> None:
        self._played += self._walking
        self._lead += self._random.gauss(0.0, 1.0) * sqrt(self._walking)
        rest = 1.0 - self._played
        if rest <= 0:
            self.probability = 1.0 if self.home_won else 0.0
            return
        chance = _NORMAL.cdf(self._lead / sqrt(rest))
        self.probability = min(max(chance, _LEAST), 1.0 - _LEAST)
