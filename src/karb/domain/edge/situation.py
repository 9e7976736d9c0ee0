"""What a decision is made from: the market, what is held, the caps, and the moment."""

import msgspec

from karb.domain.edge.fees import FeeTerms
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import WHOLE_CENTS, PriceRange, Quote, Side
from karb.domain.units import Cash, Count, Nanos


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What does not change with a tick: the contract, its game, its fees and its grid.

    `open` is whether the exchange takes orders on it; `closes` is when it stops, where told.
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
    grid: tuple[PriceRange, ...] = WHOLE_CENTS


class Holdings(msgspec.Struct, frozen=True, kw_only=True):
    """What we already have, or may have, on this event.

    `side` and `committed` (held, resting and unresolved together) are this market's own;
    `opposed` says that a holding on the sibling market bets against buying YES (or NO)
    here. `exited_at` is the last exit and `changed_since_exit` whether the consensus has
    moved after it.
    """

    side: Side | None = None
    committed: Count = 0
    opposed_to_yes: bool = False
    opposed_to_no: bool = False
    exited_at: Nanos | None = None
    changed_since_exit: bool = True

    def opposes(self, side: Side) -> bool:
        """Whether buying `side` here would bet against, or offset, what we hold."""
        if self.side is not None and self.side is not side and self.committed > 0:
            return True
        return self.opposed_to_yes if side is Side.YES else self.opposed_to_no


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
