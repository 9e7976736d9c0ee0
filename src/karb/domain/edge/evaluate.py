"""One decision: edge, conditions, confidence, size, guards, and the signal they make.

A pure function of a joined market, the moment, the profile and the caps. The per-tick
detector and the batch pipeline both call it, so a file and a live market are judged by the
same lines.
"""

from collections.abc import Callable

import msgspec

from karb.domain.edge.bounds import max_price
from karb.domain.edge.conditions import conditions
from karb.domain.edge.confidence import Tier, score, tier
from karb.domain.edge.edge import EdgeCalculation, edges
from karb.domain.edge.guards import Judged, guards
from karb.domain.edge.joined import Joined
from karb.domain.edge.profile import Profile
from karb.domain.edge.refusal import Refusal, telling_first
from karb.domain.edge.signal import LIFE, Action, Signal
from karb.domain.edge.situation import Caps, Listing, Moment
from karb.domain.edge.sizing import Size, size
from karb.domain.market.leagues import Kind
from karb.domain.market.messages import YES, Side
from karb.domain.units import CASH_PER_DOLLAR, CASH_PER_PRICE, Cash, Nanos

NewId = Callable[[], str]

# Not looked up in their classes for each tick: that is a call (see `messages.YES`).
_BUY_YES, _BUY_NO, _NO_TRADE = Action.BUY_YES, Action.BUY_NO, Action.NO_TRADE
_SKIP, _GAME = Tier.SKIP, Kind.GAME


class Worth(msgspec.Struct, frozen=True, gc=False):
    """What one contract of a side is worth now: the point and the interval."""

    fair: Cash
    low: Cash
    high: Cash


def worth(joined: Joined, now: Moment, side: Side) -> Worth:
    """The side's worth; buying NO is judged at 1 less the high end."""
    term = joined.term(now.odds_at)
    low, high = joined.low - term, joined.high + term
    if low < 0:
        low = 0
    if high > CASH_PER_DOLLAR:
        high = CASH_PER_DOLLAR
    if side is YES:
        return Worth(joined.fair, low, high)
    return Worth(CASH_PER_DOLLAR - joined.fair, CASH_PER_DOLLAR - high, CASH_PER_DOLLAR - low)


def evaluate(joined: Joined, now: Moment, profile: Profile, caps: Caps, new_id: NewId) -> Signal:
    """Judge one market. `new_id` is asked only for a signal that should be traded."""
    edge = edges(joined.fair, now.quote)
    if edge is None:
        return _nothing_offered(joined, now, profile)
    value = worth(joined, now, edge.best_side)
    points = score(joined, now, edge.price, profile.confidence)
    confidence = tier(points, profile.confidence)
    stake = size(
        value.low,
        edge.price,
        joined.listing.terms,
        fraction=profile.kelly * confidence.share,
        caps=caps,
        committed=now.holdings.committed(edge.best_side),
        offered=now.quote.ask_size(edge.best_side),
    )
    reasons = conditions(joined, now, edge, profile)
    if confidence is _SKIP:
        reasons.append(Refusal("confidence", points, profile.confidence.low))
    reasons += guards(Judged(joined, now, edge, stake.net), profile)
    if not reasons and stake.contracts == 0:
        reasons.append(Refusal("kelly" if stake.target == 0 else "caps"))
    if len(reasons) > 1:
        reasons = telling_first(reasons)
    return _signal(joined, now, profile, edge, value, stake, points, confidence, reasons, new_id)


def _signal(
    joined: Joined,
    now: Moment,
    profile: Profile,
    edge: EdgeCalculation,
    value: Worth,
    stake: Size,
    points: int,
    confidence: Tier,
    reasons: list[Refusal],
    new_id: NewId,
) -> Signal:
    trade = not reasons
    listing, contracts, price = joined.listing, stake.contracts, edge.price
    buy = _BUY_YES if edge.best_side is YES else _BUY_NO
    # By position as far as types tell the fields apart: each name costs a search among all.
    return Signal(
        new_id() if trade else "",
        now.at,
        _expiry(listing, now.at),
        profile.name,
        listing,
        buy if trade else _NO_TRADE,
        trade,
        now.quote,
        joined.consensus,
        edge,
        fair=value.fair,
        low=value.low,
        high=value.high,
        net_edge=stake.net,
        fee=stake.paid - price * CASH_PER_PRICE * contracts,
        confidence_score=points,
        confidence_tier=confidence,
        recommended_contracts=contracts,
        max_price=max_price(
            price,
            side=edge.best_side,
            fair=value.fair,
            low=value.low,
            min_edge=joined.wanted,
            contracts=contracts or 1,
            terms=listing.terms,
            grid=listing.grid,
        ),
        risk_amount=stake.paid,
        potential_profit=value.fair * contracts - stake.paid,
        quote_age=now.quote_age,
        odds_age=now.odds_at - joined.consensus.oldest,
        reasons=tuple(reasons),
    )


def _expiry(listing: Listing, at: Nanos) -> Nanos:
    """A signal never outlives the start of its game."""
    return min(at + LIFE, listing.start) if listing.kind is _GAME else at + LIFE


def _nothing_offered(joined: Joined, now: Moment, profile: Profile) -> Signal:
    value = worth(joined, now, YES)
    return Signal(
        signal_id="",
        at=now.at,
        expires=_expiry(joined.listing, now.at),
        profile=profile.name,
        listing=joined.listing,
        action=_NO_TRADE,
        should_trade=False,
        kalshi=now.quote,
        sportsbook=joined.consensus,
        edge=None,
        fair=value.fair,
        low=value.low,
        high=value.high,
        net_edge=None,
        fee=0,
        confidence_score=0,
        confidence_tier=_SKIP,
        recommended_contracts=0,
        max_price=None,
        risk_amount=0,
        potential_profit=0,
        quote_age=now.quote_age,
        odds_age=now.odds_at - joined.consensus.oldest,
        reasons=(Refusal("no_ask"),),
    )
