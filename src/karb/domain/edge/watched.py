"""What the detector keeps of each market, which ones are of one game, and which ones wait."""

from collections.abc import Callable, Iterator

from karb.domain.edge.bounds import CLOSED, Thresholds
from karb.domain.edge.joined import Joined
from karb.domain.edge.same_bet import same_bet
from karb.domain.edge.signal import Signal
from karb.domain.edge.situation import Listing
from karb.domain.fair.consensus import Consensus
from karb.domain.market.leagues import Kind
from karb.domain.market.messages import Quote
from karb.domain.units import MILLISECOND, Nanos

WINDOW: Nanos = 100 * MILLISECOND
"""A market is evaluated at most once in so long."""


class Watched:
    """One market's state.

    `waiting` is the newest quote whose window has not ended, `last` the signal that is out,
    `refused` the reason of the last evaluation without one. `yields`: another market of the
    game offers the same bet better. `game` is the odds event, empty without a consensus and
    for a championship.
    """

    __slots__ = (
        "alert",
        "consensus",
        "evaluated_at",
        "game",
        "joined",
        "last",
        "limits",
        "listing",
        "refused",
        "waiting",
        "yields",
    )

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.consensus: Consensus | None = None
        self.joined: Joined | None = None
        self.limits: Thresholds = CLOSED
        self.alert = False
        self.waiting: Quote | None = None
        self.evaluated_at: Nanos = -WINDOW
        self.last: tuple[object, ...] | None = None
        self.refused = ""
        self.yields = False
        self.game = ""


class Games:
    """Watched markets by their game: two, where it has not several series."""

    def __init__(self) -> None:
        self._markets: dict[str, list[Watched]] = {}

    def place(self, market: Watched) -> None:
        """Put a market where its consensus says that it belongs."""
        game = ""
        if market.consensus is not None and market.listing.kind is Kind.GAME:
            game = market.consensus.event_id
        if game != market.game:
            self.remove(market)
            market.game = game
            if game:
                self._markets.setdefault(game, []).append(market)

    def remove(self, market: Watched) -> None:
        """Take a market out of its game."""
        markets = self._markets.get(market.game, [])
        if market in markets:
            markets.remove(market)
            if not markets:
                del self._markets[market.game]
        market.game = ""

    def others(self, market: Watched) -> list[Watched]:
        """The other markets of the game."""
        return [each for each in self._markets.get(market.game, ()) if each is not market]

    def rivals(
        self, market: Watched, signal: Signal, offered: Callable[[Watched], Signal | None]
    ) -> Iterator[tuple[Watched, Signal]]:
        """The others that would trade the bet of a signal as well, by what each offers now."""
        for other in self.others(market):
            rival = offered(other)
            if rival is not None and rival.should_trade and same_bet(signal, rival):
                yield other, rival


class Windows:
    """The markets that wait, and until when."""

    def __init__(self) -> None:
        self._due: dict[str, Nanos] = {}

    @property
    def first(self) -> Nanos | None:
        """When the next one ends; None while nobody waits."""
        return min(self._due.values(), default=None)

    def add(self, ticker: str, due: Nanos) -> None:
        """Let a market wait; one that waits already goes on as it does."""
        self._due.setdefault(ticker, due)

    def drop(self, ticker: str) -> None:
        """Let it wait no longer."""
        self._due.pop(ticker, None)

    def ended(self, now: Nanos) -> list[str]:
        """The markets that have waited long enough."""
        # A window that ends later than one from now began before the clock was set back.
        return [ticker for ticker, due in self._due.items() if not now < due <= now + WINDOW]
