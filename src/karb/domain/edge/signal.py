"""What detection answers: a signal to trade, or NO_TRADE with every reason.

The fields are the specification's (`kalshi` is the exchange's quote, `sportsbook` the
consensus) and karb's own: the net edge at the low end of the fair interval, the fee at this
size, and the age of both inputs, so that every number can be checked by hand.
"""

from enum import StrEnum

import msgspec

from karb.domain.edge.confidence import Tier
from karb.domain.edge.edge import EdgeCalculation
from karb.domain.edge.refusal import Refusal
from karb.domain.edge.situation import Listing
from karb.domain.fair.consensus import Consensus
from karb.domain.market.messages import Quote
from karb.domain.units import CASH_PER_PRICE, SECOND, Cash, Nanos, Price

LIFE: Nanos = 2 * SECOND
"""How long a signal may be acted upon."""


class Action(StrEnum):
    """What to do."""

    BUY_YES = "BUY_YES"
    BUY_NO = "BUY_NO"
    NO_TRADE = "NO_TRADE"


class Signal(msgspec.Struct, frozen=True):
    """One decision about one market at one moment.

    `edge` is gross and None when nothing is offered. `low` and `high` are the interval of
    what one contract of the best side is worth, `net_edge` the low end less price and fee
    per contract at `recommended_contracts` (at the size the caps allow when that is 0). `fee` and
    `risk_amount` (price and fee) are for the whole size, `potential_profit` is what the
    size earns on average at the consensus, after the fee. `max_price` is the highest price
    of the best side at which all of this still holds, None when there is none.
    """

    signal_id: str
    at: Nanos
    expires: Nanos
    profile: str
    listing: Listing
    action: Action
    should_trade: bool
    kalshi: Quote
    sportsbook: Consensus
    edge: EdgeCalculation | None
    fair: Cash
    low: Cash
    high: Cash
    net_edge: Cash | None
    fee: Cash
    confidence_score: int
    confidence_tier: Tier
    recommended_contracts: int
    max_price: Price | None
    risk_amount: Cash
    potential_profit: Cash
    quote_age: Nanos | None
    odds_age: Nanos
    reasons: tuple[Refusal, ...] = ()

    @property
    def odds_at(self) -> Nanos:
        """When the odds' ages were measured: `at` when live, the odds' capture in recordings."""
        return self.sportsbook.oldest + self.odds_age

    @property
    def fee_each(self) -> Cash:
        """The fee per contract that the net edge contains."""
        if self.edge is None or self.net_edge is None:
            return 0
        return self.low - self.edge.price * CASH_PER_PRICE - self.net_edge
