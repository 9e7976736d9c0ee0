"""Every door between deciding and the world, on one page.

A service or task takes these; wiring hands it adapters. They are drawn before anything
stands behind them, so that the decisions never learn who is asking. Each port will have one
contract suite that runs over the in-memory adapter and the real server alike. Doors that
only orders need (`Exchange`, `Ledger`, `Permit`) say what they promise here and get their
methods together with the domain of trading, whose values they carry.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from karb.domain.edge.signal import Signal
from karb.domain.fair.consensus import Consensus
from karb.domain.fair.odds import OddsSnapshot
from karb.domain.linking.links import Link, NoLink
from karb.domain.market.book import Book
from karb.domain.market.messages import Lifecycle, Market, Quote, Trade
from karb.domain.units import Nanos


class Clock(Protocol):
    """Time, handed in: live and replay differ by this alone. It never runs backwards."""

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


class BookFeed(Protocol):
    """The exchange's news, by plain calls from the socket on: books, ticks, trades, lifecycle.

    A book handed over is live, or says that it is not; after a gap every book of the
    subscription is lost until its snapshot has come.
    """

    def subscribe(self, tickers: Iterable[str]) -> None:
        """Ask for these markets as well."""
        ...

    def book(self, ticker: str) -> Book | None:
        """The book as it stands; None for a market that is not followed."""
        ...

    def on_trade(self, take: Callable[[Trade], None]) -> None:
        """Name who gets trades."""
        ...

    def on_lifecycle(self, take: Callable[[Lifecycle], None]) -> None:
        """Name who hears of markets that open, stop, are decided or paid."""
        ...


class Markets(Protocol):
    """The markets an exchange lists in the configured series."""

    def open_markets(self) -> Sequence[Market]:
        """Every open market, discovered by series."""
        ...


class OddsSource(Protocol):
    """A feed of sportsbook odds that is asked, never pushes."""

    def fetch(self) -> OddsSnapshot:
        """The newest odds of every league asked for."""
        ...


class Bus(Protocol):
    """Between processes: conflated batches of quotes, consensus and links; signals one by one.

    A batch carries an epoch and a number; a reader that misses one, or hears nothing for a
    second, holds every quote for stale. A signal is kept until a consumer acknowledges it.
    """

    def publish_quotes(self, quotes: Iterable[Quote]) -> None:
        """Send the newest quote of each market as one batch."""
        ...

    def publish_consensus(self, consensus: Iterable[Consensus]) -> None:
        """Send what changed."""
        ...

    def publish_signal(self, signal: Signal) -> None:
        """Append one signal to the stream."""
        ...


class HotCache(Protocol):
    """What other processes need to know now; latest wins, nothing is kept."""

    def put_quotes(self, quotes: Iterable[Quote]) -> None:
        """Write the newest quote of each market."""
        ...

    def put_odds(self, snapshot: OddsSnapshot, consensus: Iterable[Consensus]) -> None:
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

    def add_odds(self, snapshot: OddsSnapshot, consensus: Iterable[Consensus]) -> None:
        """Record every book's odds and what was made of them."""
        ...

    def add_signals(self, signals: Iterable[Signal]) -> None:
        """Record signals, and refusals whose reason changed."""
        ...


class Links(Protocol):
    """Which market belongs to which game: versioned, with the person's own decisions."""

    def current(self) -> Sequence[Link]:
        """The links in force."""
        ...

    def put(self, links: Iterable[Link | NoLink]) -> None:
        """Replace the links of the markets named; a person's decision stays."""
        ...

    def accept(self, ticker: str, odds_event_id: str, outcome: str) -> None:
        """Link by hand."""
        ...

    def reject(self, ticker: str, odds_event_id: str) -> None:
        """Never link these two."""
        ...


class Exchange(Protocol):
    """Where orders go: the venue itself, or paper. It sends once and never resends."""


class Ledger(Protocol):
    """What must be true: intents, orders, fills, positions, limits used, settlements."""


class Permit(Protocol):
    """Whether an order may be sent now: the gate, the breaker, the lease, the halt file."""


class Alarm(Protocol):
    """Tells a person, at once, what cannot wait."""

    def raise_alarm(self, what: str, means: str, do: str) -> None:
        """Three sentences: what happened, what it means for the money, what to do."""
        ...
