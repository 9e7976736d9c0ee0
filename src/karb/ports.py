"""Every door between deciding and the world, on one page.

A service or task takes these; wiring hands it adapters. They are drawn before anything
stands behind them, so that the decisions never learn who is asking. Each port will have one
contract suite that runs over the in-memory adapter and the real server alike.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from karb.domain.edge.signal import Signal
from karb.domain.fair.odds import OddsSnapshot
from karb.domain.linking.links import Link, NoLink
from karb.domain.market.messages import Market, Quote, Trade
from karb.domain.units import Nanos


class Clock(Protocol):
    """Time, handed in: live and replay differ by this alone."""

    def now(self) -> Nanos:
        """Nanoseconds since 1970, UTC."""
        ...


class Ids(Protocol):
    """Chance, handed in: unique names for signals and orders."""

    def new(self) -> str:
        """A name never given before."""
        ...


class SignalSink(Protocol):
    """Where a detector's signals go: the next stage, or the bus."""

    def __call__(self, signal: Signal) -> None:
        """Take one signal."""
        ...


class OddsSource(Protocol):
    """A feed of sportsbook odds that is asked, never pushes."""

    def fetch(self) -> OddsSnapshot:
        """The newest odds of every league asked for."""
        ...


class HotCache(Protocol):
    """What other processes need to know now; latest wins, nothing is kept."""

    def put_quotes(self, quotes: Iterable[Quote]) -> None:
        """Write the newest quote of each market."""
        ...

    def put_odds(self, snapshot: OddsSnapshot) -> None:
        """Write every book's odds and the consensus."""
        ...


class History(Protocol):
    """What happened, for later questions; buffered, never in the way."""

    def add_quotes(self, quotes: Iterable[Quote]) -> None:
        """Record ticks."""
        ...

    def add_trades(self, trades: Iterable[Trade]) -> None:
        """Record trades."""
        ...

    def add_signals(self, signals: Iterable[Signal]) -> None:
        """Record signals and refusals."""
        ...


class Links(Protocol):
    """Which market belongs to which game: versioned, with the person's own decisions."""

    def current(self) -> Sequence[Link]:
        """The links in force."""
        ...

    def put(self, links: Iterable[Link | NoLink]) -> None:
        """Replace the links of the markets named."""
        ...


class Markets(Protocol):
    """The markets an exchange lists in the configured series."""

    def open_markets(self) -> Sequence[Market]:
        """Every open market, discovered by series."""
        ...
