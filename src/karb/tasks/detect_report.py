"""What detection over files finds: signals, refusals, what was never priced, and the counts.

Counts come in two layers. The `Tally` of a league says how the exchange's asks compare with
the consensus before any profile looks at them; the funnel says where each record stopped.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from karb.domain.edge.profile import Profile
from karb.domain.edge.signal import Signal
from karb.domain.edge.situation import Caps
from karb.domain.linking.links import Link
from karb.domain.market.leagues import League


class Unjudged(msgspec.Struct, frozen=True, kw_only=True):
    """A market that never reached the profile: the stage, the reason, and its detail."""

    ticker: str
    event_ticker: str
    league: League | None
    stage: str
    reason: str
    detail: str


class Tally(msgspec.Struct, kw_only=True):
    """How one league's asks compare with the middle of the consensus, fee unrounded.

    `net` and `net_2c` take the fee off; no interval, no size, no profile.
    """

    markets: int = 0
    asks: int = 0
    gross: int = 0
    gross_1c: int = 0
    net: int = 0
    net_2c: int = 0
    without_time: int = 0
    with_odds: bool = False
    sizes_known: bool = False

    def add(self, worth: float, ask: float, fee: float) -> None:
        """Count one ask; `worth` is what the consensus gives its side."""
        # Rounded far below any price, so that 0.51 - 0.50 counts as the cent it is.
        gross, net = round(worth - ask, 9), round(worth - ask - fee, 9)
        self.asks += 1
        self.gross += gross > 0
        self.gross_1c += gross >= 0.01
        self.net += net > 0
        self.net_2c += net >= 0.02


class Report(msgspec.Struct, kw_only=True):
    """Everything one run found."""

    profile: Profile
    judged: list[Signal]
    unjudged: list[Unjudged]
    tallies: dict[League, Tally]
    funnel: dict[str, int]
    links: dict[str, Link]
    caps: Caps

    @property
    def signals(self) -> list[Signal]:
        """What should be traded, best net edge first."""
        found = [signal for signal in self.judged if signal.should_trade]
        return sorted(found, key=lambda signal: -(signal.net_edge or 0))


def funnel_of(
    judged: Iterable[Signal], unjudged: Iterable[Unjudged], left_aside: Mapping[str, int]
) -> dict[str, int]:
    """Where each record stopped, in the order of the pipeline, then the signals."""
    stages = Counter(f"{entry.stage}: {entry.reason}" for entry in unjudged)
    stages.update({name: count for name, count in left_aside.items() if count})
    first = Counter(signal.reasons[0].name for signal in judged if signal.reasons)
    signals = sum(1 for signal in judged if signal.should_trade)
    funnel = {"records": stages.total() + first.total() + signals}
    order = ("series", "time", "odds", "link", "consensus", "prices")
    for name in sorted(stages, key=lambda n: (order.index(n.split(":")[0]), n)):
        funnel[name] = stages[name]
    for name, count in first.most_common():
        funnel[f"profile: {name}"] = count
    funnel["signals"] = signals
    return funnel
