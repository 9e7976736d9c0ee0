"""What a decision is made from: the market, what is held, the caps, and the moment."""

import msgspec

from karb.domain.edge.fees import FeeTerms
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import WHOLE_CENTS, PriceRange, Quote, Side
from karb.domain.units import Cash, Count, Nanos


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What does not change with a tick: the contract, its game, its fees and its grid.

    `open` is whether the exchange takes orders on it; `closes` is when it stops, where told.
    `quarantined` is set by whoever sees both markets of a game: their prices do not fit each
    other, so the link or a feed is wrong.
    """

    ticker: str
    event_ticker: str
    league: League
    kind: Kind
    team: str
    start: Nanos
    terms: FeeTerms
    start_moved: bool = False
    open: bool = True
    closes: Nanos | None = None
    quarantined: bool = False
    grid: tuple[PriceRange, ...] = WHOLE_CENTS


class Holdings(msgspec.Struct, frozen=True, kw_only=True):
    """What we already have, or may have, on the event of this market.

    `committed_yes` are the contracts, held, resting or unresolved, that win when this market
    resolves YES: its own YES and the sibling market's NO. `committed_no` are the others.
    `exited_at` is the last exit from this market, `changed_since_exit` whether the consensus
    has moved after it.
    """

    committed_yes: Count = 0
    committed_no: Count = 0
    exited_at: Nanos | None = None
    changed_since_exit: bool = False

    def committed(self, side: Side) -> Count:
        """What is already staked on `side` winning."""
        return self.committed_yes if side is Side.YES else self.committed_no

    def opposes(self, side: Side) -> bool:
        """Whether buying `side` would bet against, or offset, what we hold."""
        return self.committed(side.other) > 0


NOTHING_HELD = Holdings()


class Caps(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The limits sizing respects before the gate is asked: its own, not a permission."""

    bankroll: Cash
    balance: Cash
    risk_per_trade: Cash
    max_position: Count


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What changes: the quote, the time, and what is held.

    `at` is when the exchange's price stood and `odds_at` when the books' ages are measured:
    the same moment when live, two for recorded data, whose files were written at different
    times. `quote_age` is None for recorded data, which has no clock of its own.
    """

    quote: Quote
    at: Nanos
    odds_at: Nanos
    quote_age: Nanos | None = None
    holdings: Holdings = NOTHING_HELD
