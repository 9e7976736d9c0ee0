"""What can go wrong on request: one message or answer at a time, or for a while.

A fault of the stream or of an answer waits for the next message or request that it can spoil;
a connection that is cut or a subscription that is ended is spoiled at once. A state
(maintenance, the smallest account's rate limits, a frozen sportsbook, credits used up) holds
until it is ended. Drawn by the clock they follow from the seed: the same kinds in the same order.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from enum import StrEnum
from random import Random

import msgspec


class Fault(StrEnum):
    """Everything that can be made to happen."""

    GAP = "gap"
    REORDER = "reorder"
    DUPLICATE = "duplicate"
    DELAY = "delay"
    CUT = "cut"
    OVERFLOW = "overflow"
    CHANNEL_ERROR = "channel-error"
    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    OVERSIZED = "oversized"
    UNKNOWN = "unknown"

    HTTP_500 = "http-500"
    HTTP_502 = "http-502"
    HTTP_429 = "http-429"
    HTTP_HTML = "http-html"
    HTTP_TIMEOUT = "http-timeout"

    ODDS_500 = "odds-500"
    ODDS_502 = "odds-502"
    ODDS_429 = "odds-429"
    ODDS_HTML = "odds-html"
    ODDS_TIMEOUT = "odds-timeout"

    MAINTENANCE = "maintenance"
    BASIC_TIER = "basic-tier"
    FROZEN_BOOK = "frozen-book"
    NO_CREDITS = "no-credits"


DELTA = (
    Fault.GAP,
    Fault.REORDER,
    Fault.DUPLICATE,
    Fault.DELAY,
    Fault.MALFORMED,
    Fault.TRUNCATED,
    Fault.OVERSIZED,
    Fault.UNKNOWN,
)
"""Faults that wait for the next change of a book."""

AT_ONCE = (Fault.CUT, Fault.OVERFLOW, Fault.CHANNEL_ERROR)
REST = (Fault.HTTP_500, Fault.HTTP_502, Fault.HTTP_429, Fault.HTTP_HTML, Fault.HTTP_TIMEOUT)
ODDS = (Fault.ODDS_500, Fault.ODDS_502, Fault.ODDS_429, Fault.ODDS_HTML, Fault.ODDS_TIMEOUT)
STATES = (Fault.MAINTENANCE, Fault.BASIC_TIER, Fault.FROZEN_BOOK, Fault.NO_CREDITS)
STREAM = (*DELTA, *AT_ONCE)
PASSING = (*STREAM, *REST, *ODDS)
"""Everything that is over by itself; what a random fault is drawn from."""


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """Faults by the clock: every so many real seconds one of `kinds`, drawn at random.

    States among them hold from the opening on. None means that nothing goes wrong by itself.
    """

    kinds: tuple[Fault, ...] = ()
    every: float = 1.0


class Schedule:
    """When the next faults are due."""

    def __init__(self, faults: Faults, random: Random) -> None:
        self._kinds: Sequence[Fault] = [kind for kind in faults.kinds if kind not in STATES]
        self._every = faults.every
        self._random = random
        self._next = faults.every

    def due(self, seconds: float) -> Iterator[Fault]:
        """The faults whose time has come, at so many real seconds since the opening."""
        while self._kinds and self._next <= seconds:
            self._next += self._every
            yield self._random.choice(self._kinds)


class Armed:
    """Faults that wait for something to spoil, and the states that hold."""

    def __init__(self) -> None:
        self._waiting: dict[Sequence[Fault], deque[Fault]] = {
            DELTA: deque(),
            REST: deque(),
            ODDS: deque(),
        }
        self.holding: set[Fault] = set()

    def arm(self, fault: Fault) -> None:
        """Let a fault wait for its turn."""
        for kinds, waiting in self._waiting.items():
            if fault in kinds:
                waiting.append(fault)

    def take(self, kinds: Sequence[Fault]) -> Fault | None:
        """The fault that spoils this message or answer, if one is waiting."""
        waiting = self._waiting[kinds]
        return waiting.popleft() if waiting else None
