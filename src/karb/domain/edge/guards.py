"""The checks after the seven conditions: each protects from a loss that the conditions miss.

A profile switches one off by its name. They see the net edge, the ages, the game's state,
the depth, and what is already held; an order still has to pass the gate afterwards.
"""

from collections.abc import Callable

import msgspec

from karb.domain.edge.edge import EdgeCalculation
from karb.domain.edge.joined import Joined
from karb.domain.edge.profile import Guard, Profile
from karb.domain.edge.refusal import Refusal
from karb.domain.edge.situation import Moment
from karb.domain.edge.stops import exit_levels
from karb.domain.units import CASH_PER_PRICE, CONTRACT, Cash


class Judged(msgspec.Struct, frozen=True, gc=False):
    """What the guards judge: the market, the moment, the chosen side and its net edge."""

    joined: Joined
    now: Moment
    edge: EdgeCalculation
    net: Cash


def guards(judged: Judged, profile: Profile) -> list[Refusal]:
    """Every guard that fails and is switched on, in the order of the enum."""
    refused = []
    for guard, check in _CHECKS:
        refusal = check(judged, profile)
        # Asked second: most checks pass, and hashing an enum costs more than a check.
        if refusal is not None and guard in profile.guards:
            refused.append(refusal)
    return refused


def _net_edge(judged: Judged, profile: Profile) -> Refusal | None:
    del profile
    return Refusal("net_edge", judged.net, 0) if judged.net <= 0 else None


def _stale_odds(judged: Judged, profile: Profile) -> Refusal | None:
    del profile
    over = judged.now.odds_at - judged.joined.consensus.expires
    return Refusal("stale_odds", over, 0) if over > 0 else None


def _stale_quote(judged: Judged, profile: Profile) -> Refusal | None:
    age = judged.now.quote_age
    if age is None or age <= profile.max_quote_age:
        return None
    return Refusal("stale_quote", age, profile.max_quote_age)


def _started(judged: Judged, profile: Profile) -> Refusal | None:
    del profile
    listing, now = judged.joined.listing, judged.now
    since = max(now.at, now.odds_at) - listing.start
    if since >= 0 or listing.start_moved:
        return Refusal("started", since, 0)
    return None


def _too_good(judged: Judged, profile: Profile) -> Refusal | None:
    """Far from the consensus, judged by the middle, or by the ask when there is no bid."""
    quote = judged.now.quote
    bid, ask = quote.yes_bid, quote.yes_ask
    if bid is not None and ask is not None:
        distance = abs((bid + ask) * CASH_PER_PRICE // 2 - judged.joined.fair)
    else:
        distance = judged.edge.best_edge
    return Refusal("too_good", distance, profile.too_good) if distance >= profile.too_good else None


def _depth(judged: Judged, profile: Profile) -> Refusal | None:
    del profile
    offered = judged.now.quote.ask_size(judged.edge.best_side)
    return Refusal("depth", offered, CONTRACT) if offered is None or offered < CONTRACT else None


def _stop_distance(judged: Judged, profile: Profile) -> Refusal | None:
    del profile
    quote, edge = judged.now.quote, judged.edge
    bid = quote.bid(edge.best_side)
    # An unknown volume counts as thin: the stop is tighter, so this refuses less than the
    # condition `volume`, which refuses an unknown one anyway.
    levels = exit_levels(edge.price, edge.best_edge, quote.volume or 0)
    if bid is None or bid <= levels.stop_loss:
        return Refusal("stop_distance", bid, levels.stop_loss)
    return None


def _reentry(judged: Judged, profile: Profile) -> Refusal | None:
    holdings = judged.now.holdings
    left = holdings.exited_at
    if left is None:
        return None
    since = judged.now.at - left
    if since >= profile.reentry and holdings.changed_since_exit:
        return None
    return Refusal("reentry", since, profile.reentry)


def _opposing(judged: Judged, profile: Profile) -> Refusal | None:
    del profile
    return Refusal("opposing") if judged.now.holdings.opposes(judged.edge.best_side) else None


_CHECKS: tuple[tuple[Guard, Callable[[Judged, Profile], Refusal | None]], ...] = (
    (Guard.NET_EDGE, _net_edge),
    (Guard.STALE_ODDS, _stale_odds),
    (Guard.STALE_QUOTE, _stale_quote),
    (Guard.STARTED, _started),
    (Guard.TOO_GOOD, _too_good),
    (Guard.DEPTH, _depth),
    (Guard.STOP_DISTANCE, _stop_distance),
    (Guard.REENTRY, _reentry),
    (Guard.OPPOSING, _opposing),
)
