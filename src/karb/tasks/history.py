"""What history says: the specification's three questions, and any other in SQL."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from karb.domain.units import Nanos


class Found(Protocol):
    """Rows under columns, as a store found them."""

    @property
    def columns(self) -> Sequence[str]:
        """The names of the values."""

    @property
    def rows(self) -> Sequence[tuple[Any, ...]]:
        """The values, a tuple a row."""


class Store(Protocol):
    """Where history lies. Each answers at most `limit` rows of what came after a moment."""

    def latest(self, after: Nanos, limit: int) -> Found:
        """The newest prices of each market, the newest first."""

    def volume(self, after: Nanos, limit: int) -> Found:
        """Contracts and trades by sport, the most first."""

    def signals(self, after: Nanos, min_edge: float, limit: int) -> Found:
        """Signals with so many cents of gross edge, the newest first."""

    def sql(self, text: str, limit: int) -> Found:
        """Any question. Raises `UsageError` where it is none."""


class Answer(msgspec.Struct, frozen=True):
    """Rows under columns; `more` says that there are others, which the limit left out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool


def latest(store: Store, *, after: Nanos, limit: int) -> Answer:
    """Each market's newest prices."""
    return _first(store.latest(after, limit + 1), limit)


def volume(store: Store, *, after: Nanos, limit: int) -> Answer:
    """What was traded in each sport."""
    return _first(store.volume(after, limit + 1), limit)


def signals(store: Store, *, after: Nanos, min_edge: float, limit: int) -> Answer:
    """The signals to trade."""
    return _first(store.signals(after, min_edge, limit + 1), limit)


def sql(store: Store, text: str, *, limit: int) -> Answer:
    """Whatever is asked, as long as it only asks."""
    return _first(store.sql(text, limit + 1), limit)


def _first(found: Found, limit: int) -> Answer:
    """One row more than wanted was asked for, to know whether there are more."""
    return Answer(tuple(found.columns), tuple(found.rows[:limit]), len(found.rows) > limit)
