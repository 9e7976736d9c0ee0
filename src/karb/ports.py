"""Every door between deciding and the world, on one page.

A service or task takes these; wiring hands it adapters. Each port has one contract suite
that runs over the in-memory adapter and the real server alike. What is on the way of a price
is a plain call that never waits (`put`, `add_*`): the adapter buffers, conflates and sends
by itself. What is asked a few times a minute is a coroutine. Doors that only orders need
(`Exchange`, `Ledger`, `Permit`) say what they promise here and get their methods together
with the domain of trading, whose values they carry.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

import msgspec

from karb.domain.edge.signal import Signal
from karb.domain.fair.odds import OddsEvent, OddsSnapshot
from karb.domain.fair.offered import Offered
from karb.domain.linking.links import Link, NoLink
from karb.domain.market.catalog import Listed
from karb.domain.market.messages import Quote, Trade
from karb.domain.units import Nanos, Price


class BookFeed(Protocol):
    """The exchange's news. What it brings goes by plain calls to whoever was wired behind it."""

    def subscribe(self, tickers: Iterable[str]) -> None:
        """Follow these markets as well; a market that is followed already stays as it is."""
        ...

    def unsubscribe(self, tickers: Iterable[str]) -> None:
        """Follow these no longer."""
        ...

    async def run(self) -> None:
        """Connect, read, reconnect; ends only by cancellation or with what cannot be mended."""
        ...


class Quoted(msgspec.Struct, frozen=True, gc=False):
    """A market's newest best prices. `live`: they stand on a book without a gap.

    `last_price` is that of the last trade, a YES price; None was not told.
    """

    quote: Quote
    live: bool
    last_price: Price | None = None


class Tick(NamedTuple):
    """A ticker message, and the YES price of the last trade where it told one."""

    quote: Quote
    last_price: Price | None


class Taken(NamedTuple):
    """Ticks handed over, but for those that could not be read, and how many wait still."""

    ticks: list[Tick]
    left: int


class Prices(Protocol):
    """What a feed has said about prices, for whoever records and publishes it later."""

    def follow(self, tickers: Iterable[str]) -> None:
        """Take news of these markets as well."""
        ...

    def unfollow(self, tickers: Iterable[str]) -> None:
        """Take no more news of these."""
        ...

    def quoted(self, ticker: str) -> Quoted | None:
        """The newest prices of a market; None before the first."""
        ...

    def take_changed(self) -> set[str]:
        """The markets whose prices or standing changed since the last call."""
        ...

    def take_ticks(self, most: int) -> Taken:
        """The oldest ticks not taken yet, at most so many."""
        ...


class Markets(Protocol):
    """The markets an exchange lists in the configured series."""

    async def open_markets(self, series: Sequence[str]) -> Sequence[Listed]:
        """Every open market of these series, with its event, fees and stated start."""
        ...


class Credits(msgspec.Struct, frozen=True):
    """What the odds source said is left of this month's requests; None was not said."""

    remaining: int | None
    used: int | None
    last: int | None
    at: Nanos


class Fetched(msgspec.Struct, frozen=True):
    """Odds of several sports asked for in one pass.

    `absent` are sport keys that the source does not offer now, `failed` says of the others
    that were not got why, a sentence each.
    """

    snapshots: tuple[OddsSnapshot, ...]
    credits: Credits | None
    absent: tuple[str, ...] = ()
    failed: Mapping[str, str] = {}


class OddsSource(Protocol):
    """A feed of sportsbook odds that is asked, never pushes."""

    async def fetch(self, sports: Sequence[str]) -> Fetched:
        """The newest odds of these sport keys. Raises when none could be got at all."""
        ...


class Topic(StrEnum):
    """A table that processes share: latest wins, by key."""

    MARKETS = "markets"
    """Ticker to `Listed`."""
    QUOTES = "quotes"
    """Ticker to `Quoted`."""
    ODDS = "odds"
    """Odds event id to `Offered`."""
    LINKS = "links"
    """Ticker to `Link` or `NoLink`."""


class News(msgspec.Struct, frozen=True):
    """What changed in a topic.

    `whole`: this is everything, what is not in it is gone. An entry that is None went away.
    """

    topic: Topic
    entries: Mapping[str, Any]
    whole: bool = False


class Bus(Protocol):
    """Shared tables between processes, and the stream of signals.

    `put` and `drop` only mark; a few milliseconds later everything marked leaves as one
    batch, the newest value of each key. A batch carries its writer's epoch and a number.
    """

    def put(self, topic: Topic, key: str, value: Any) -> None:
        """Set an entry."""
        ...

    def drop(self, topic: Topic, key: str) -> None:
        """Take an entry away."""
        ...

    def send(self, signal: Signal) -> None:
        """Append a signal to the stream; it is kept until a consumer acknowledges it."""
        ...

    async def run(self) -> None:
        """Send what was marked, forever; a lost server is waited for, nothing newest is lost."""
        ...

    async def follow(
        self,
        topics: Sequence[Topic],
        take: Callable[[News], None],
        stale: Callable[[Topic], None],
    ) -> None:
        """Hand over the whole of each topic, then every batch, forever.

        Subscribes first and reads the tables then, so that nothing falls between. A batch
        that is missing brings the whole table again; that, and a second without a batch of
        quotes or a heartbeat, calls `stale` first.
        """
        ...

    async def signals(self, group: str, consumer: str, take: Callable[[Signal], None]) -> None:
        """Hand over signals, each to one consumer of the group, forever; acknowledged after."""
        ...


class HotCache(Protocol):
    """The specification's keys, for people and other programs; latest wins."""

    def put_quote(self, quote: Quote, last_price: int | None) -> None:
        """Mark the newest quote of a market; written with the next flush."""
        ...

    def close_market(self, ticker: str) -> None:
        """A market is over: it leaves the set of active ones."""
        ...

    async def put_odds(self, offered: Iterable[Offered]) -> None:
        """Write every book's odds and the consensus; events that are gone leave the sets."""
        ...


class History(Protocol):
    """What happened, for later questions; taken at once, written later, never in the way."""

    def add_quote(self, quote: Quote, last_price: int | None) -> None:
        """Record a tick."""
        ...

    def add_trade(self, trade: Trade) -> None:
        """Record a trade."""
        ...

    def add_odds(self, event: OddsEvent, offered: Offered, at: Nanos) -> None:
        """Record every book's odds of an event and what was made of them."""
        ...

    def add_signal(self, signal: Signal) -> None:
        """Record a signal, or a NO_TRADE whose reason changed."""
        ...


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A person's word on a market: this odds event and outcome, or never this event."""

    ticker: str
    odds_event_id: str
    outcome: str
    accepted: bool
    reason: str
    at: Nanos


class Links(Protocol):
    """Which market belongs to which game: versioned, with the person's own decisions."""

    async def current(self) -> Sequence[Link | NoLink]:
        """The newest answer of every market."""
        ...

    async def put(self, answers: Iterable[Link | NoLink], at: Nanos) -> int:
        """Record answers; an unchanged one makes no new version. How many were new."""
        ...

    async def decisions(self) -> Sequence[Decision]:
        """Every decision in force."""
        ...

    async def decide(self, decision: Decision) -> None:
        """Record a person's word; it replaces an earlier one on the same market and event."""
        ...


class CreditBook(Protocol):
    """What is known of the odds credits, shared by all processes and kept over restarts."""

    async def last(self) -> Credits | None:
        """The newest answer of the source; None before the first."""
        ...

    async def note(self, told: Credits) -> None:
        """Record what the source said."""
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
