"""The checks after the seven conditions: each protects from a loss that the conditions miss.

A profile switches one off by its name. They see the net edge, the ages, the game's state,
the depth, and what is already held; an order still has to pass the gate afterwards.
"""

import msgspec

from karb.domain.edge.edge import EdgeCalculation
from karb.domain.edge.joined import Joined
from karb.domain.edge.profile import Guard, Profile
from karb.domain.edge.refusal import Refusal
from karb.domain.edge.situation import NOTHING_HELD, Moment
from karb.domain.edge.stops import stop_loss
from karb.domain.units import CASH_PER_PRICE, CONTRACT, Cash


class Judged(msgspec.Struct, frozen=True, gc=False):
    """What the guards judge: the market, the moment, the chosen side and its net edge."""

    joined: Joined
    now: Moment
    edge: EdgeCalculation
    net: Cash


def guards(judged: Judged, profile: Profile) -> list[Refusal]:
    """Every guard that fails and is switched on, in the order of the enum."""
    refused: list[Refusal] = []
    if judged.net <= 0:
        refused.append(Refusal("net_edge", judged.net, 0))
    _of_time(refused, judged.joined, judged.now, profile)
    _of_prices(refused, judged, profile)
    if judged.now.holdings is not NOTHING_HELD:
        _of_holdings(refused, judged, profile)
    if not refused:
        return refused
    return [each for each in refused if Guard(each.name) in profile.guards]


def _of_time(refused: list[Refusal], joined: Joined, now: Moment, profile: Profile) -> None:
    """`stale_odds`, `stale_quote` and `started`."""
    over = now.odds_at - joined.consensus.expires
    if over > 0:
        refused.append(Refusal("stale_odds", over, 0))
    if now.quote_age is not None and now.quote_age > profile.max_quote_age:
        refused.append(Refusal("stale_quote", now.quote_age, profile.max_quote_age))
    since = max(now.at, now.odds_at) - joined.listing.start
    if since >= 0 or joined.listing.start_moved:
        refused.append(Refusal("started", since, 0))


def _of_prices(refused: list[Refusal], judged: Judged, profile: Profile) -> None:
    """`too_good`, `depth` and `stop_distance`."""
    quote, edge = judged.now.quote, judged.edge
    distance = _distance(judged)
    if distance >= profile.too_good:
        refused.append(Refusal("too_good", distance, profile.too_good))
    offered = quote.ask_size(edge.best_side)
    if offered is None or offered < CONTRACT:
        refused.append(Refusal("depth", offered, CONTRACT))
    bid = quote.bid(edge.best_side)
    # An unknown volume counts as thin, which puts the stop nearer: it refuses more.
    stop = stop_loss(edge.price, edge.best_edge, quote.volume or 0)
    if bid is None or bid <= stop:
        refused.append(Refusal("stop_distance", bid, stop))


def _distance(judged: Judged) -> Cash:
    """From the consensus to the middle, or to the ask when there is no bid."""
    bid, ask = judged.now.quote.yes_bid, judged.now.quote.yes_ask
    if bid is None or ask is None:
        return judged.edge.best_edge
    return abs((bid + ask) * CASH_PER_PRICE // 2 - judged.joined.fair)


def _of_holdings(refused: list[Refusal], judged: Judged, profile: Profile) -> None:
    """`reentry` and `opposing`."""
    holdings, left = judged.now.holdings, judged.now.holdings.exited_at
    if left is not None:
        since = judged.now.at - left
        if since < profile.reentry or not holdings.changed_since_exit:
            refused.append(Refusal("reentry", since, profile.reentry))
    if holdings.opposes(judged.edge.best_side):
        refused.append(Refusal("opposing"))
