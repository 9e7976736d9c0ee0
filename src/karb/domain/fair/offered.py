"""An odds event with what was made of it, as it crosses from who asks to who detects."""

import msgspec

from karb.domain.fair.answers import Consensus, NoConsensus
from karb.domain.fair.consensus import consensus
from karb.domain.fair.odds import OddsEvent
from karb.domain.fair.rules import FairRules
from karb.domain.market.leagues import Kind
from karb.domain.units import Nanos


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """One event at the time `at`: its odds, and the fair price of each outcome by `rules`.

    Whoever decides by other rules makes his own from `event`.
    """

    event: OddsEvent
    rules: FairRules
    at: Nanos
    fair: dict[str, Consensus]
    none: dict[str, NoConsensus]

    def under(self, rules: FairRules) -> "Offered":
        """The same event by other rules; itself when they are the same."""
        return self if rules == self.rules else offer(self.event, at=self.at, rules=rules)


def offer(event: OddsEvent, *, at: Nanos, rules: FairRules) -> Offered:
    """Make a consensus for every outcome of an event."""
    fair: dict[str, Consensus] = {}
    none: dict[str, NoConsensus] = {}
    for outcome in outcomes(event):
        answer = consensus(event, outcome, at=at, rules=rules)
        if isinstance(answer, Consensus):
            fair[outcome] = answer
        else:
            none[outcome] = answer
    return Offered(event=event, rules=rules, at=at, fair=fair, none=none)


def outcomes(event: OddsEvent) -> tuple[str, ...]:
    """What can be priced: both teams of a game, the whole field of a title."""
    if event.kind is Kind.GAME:
        return event.home, event.away
    return tuple(dict.fromkeys(name for quote in event.quotes for name in quote.odds))
