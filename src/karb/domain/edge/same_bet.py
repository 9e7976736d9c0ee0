"""One bet in two markets: YES on a team is NO on its opponent, and they win and lose together.

Whoever took both would stake twice on one outcome, so of signals for the same bet only the
best one stands. Files and live prices are held to it by the same lines.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from karb.domain.edge.refusal import Refusal
from karb.domain.edge.signal import Action, Signal
from karb.domain.market.leagues import Kind


def same_bet(one: Signal, other: Signal) -> bool:
    """Whether the better sides of two different markets pay on the same outcome.

    Of a championship only the same side of the same team does: that one does not win it says
    nothing of any other.
    """
    if one.edge is None or other.edge is None:
        return False
    if one.sportsbook.event_id != other.sportsbook.event_id:
        return False
    same_team = one.listing.team == other.listing.team
    same_side = one.edge.best_side is other.edge.best_side
    if one.listing.kind is Kind.GAME:
        return same_team is same_side
    return same_team and same_side


def is_better(one: Signal, other: Signal) -> bool:
    """Whether the first has the greater net edge; of equal ones the first ticker is better."""
    return _rank(one) > _rank(other) or (
        _rank(one) == _rank(other) and one.listing.ticker < other.listing.ticker
    )


def _rank(signal: Signal) -> float:
    return float("-inf") if signal.net_edge is None else signal.net_edge


def one_signal_a_bet(judged: Sequence[Signal]) -> list[Signal]:
    """Refuse all but the best signal among those that win and lose together."""
    by_event: defaultdict[str, list[Signal]] = defaultdict(list)
    for signal in judged:
        if signal.should_trade:
            by_event[signal.sportsbook.event_id].append(signal)
    return [
        refused_as_same(signal)
        if signal.should_trade and _beaten(signal, by_event[signal.sportsbook.event_id])
        else signal
        for signal in judged
    ]


def _beaten(signal: Signal, others: Iterable[Signal]) -> bool:
    return any(same_bet(signal, other) and is_better(other, signal) for other in others)


def refused_as_same(signal: Signal) -> Signal:
    """The signal as a NO_TRADE: another market offers its bet better."""
    return msgspec.structs.replace(
        signal,
        signal_id="",
        action=Action.NO_TRADE,
        should_trade=False,
        reasons=(Refusal("same_bet"),),
    )
