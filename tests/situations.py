"""Builds situations for tests of the edge: a plausible game, changed where a test says so."""

from typing import Any

import msgspec

from karb.domain.edge.evaluate import evaluate
from karb.domain.edge.fees import FeeTerms
from karb.domain.edge.joined import join
from karb.domain.edge.profile import ConfidenceRules, Profile
from karb.domain.edge.signal import Signal
from karb.domain.edge.situation import NOTHING_HELD, Caps, Holdings, Listing, Moment
from karb.domain.fair.consensus import BookFair, Consensus
from karb.domain.fair.rules import Method
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import Quote
from karb.domain.units import (
    CASH_PER_CENT,
    CASH_PER_DOLLAR,
    CENT,
    CONTRACT,
    HOUR,
    SECOND,
    Nanos,
)

NOW = 1_795_000_000 * SECOND
TERMS = FeeTerms(taker=700, maker=175, multiplier=10_000, precision=1)
CAPS = Caps(
    bankroll=10_000 * CASH_PER_DOLLAR,
    balance=10_000 * CASH_PER_DOLLAR,
    risk_per_trade=5 * CASH_PER_DOLLAR,
    max_position=100 * CONTRACT,
)
LISTING = Listing(
    ticker="KXNFLGAME-26NOV26BUFHOU-BUF",
    event_ticker="KXNFLGAME-26NOV26BUFHOU",
    league=League.NFL,
    kind=Kind.GAME,
    team="Buffalo Bills",
    start=NOW + 20 * HOUR,
    terms=TERMS,
)


def books(*probabilities: float, age: int = 30, limit: int = 180) -> tuple[BookFair, ...]:
    return tuple(
        BookFair(
            book=f"book{number}",
            feed=f"book{number}",
            probability=probability,
            weight=1.0,
            updated=NOW - age * SECOND,
            limit=limit * SECOND,
        )
        for number, probability in enumerate(probabilities)
    )


def fair(probability: float = 0.55, **changed: Any) -> Consensus:
    spread = changed.pop("spread", 0.015)
    kept = books(probability - spread / 2, probability, probability + spread / 2)
    consensus = Consensus(
        event_id="abc123",
        outcome="Buffalo Bills",
        probability=probability,
        low=probability,
        high=probability,
        books=3,
        spread=spread,
        sd=0.0,
        oldest=NOW,
        expires=NOW + 150 * SECOND,
        at=NOW,
        method=Method.ADDITIVE,
        by_method={},
        kept=kept,
        dropped=(),
    )
    return msgspec.structs.replace(consensus, **changed)


def quote(bid: int | None = 4_700, ask: int | None = 4_800, **changed: Any) -> Quote:
    made = Quote(
        ticker=LISTING.ticker,
        yes_bid=bid,
        yes_ask=ask,
        yes_bid_size=500 * CONTRACT,
        yes_ask_size=500 * CONTRACT,
        volume=6_000 * CONTRACT,
        ts_event=NOW,
        ts_recv=NOW,
    )
    return msgspec.structs.replace(made, **changed)


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """A market, its consensus and the moment, before any profile looks at them."""

    listing: Listing
    quote: Quote
    consensus: Consensus
    at: Nanos = NOW
    odds_at: Nanos = NOW
    quote_age: Nanos | None = 0
    holdings: Holdings = NOTHING_HELD


def situation(**changed: Any) -> Situation:
    made = Situation(listing=LISTING, quote=quote(), consensus=fair())
    return msgspec.structs.replace(made, **changed)


def judge(now: Situation, rules: Profile, caps: Caps = CAPS) -> Signal:
    moment = Moment(
        quote=now.quote,
        at=now.at,
        odds_at=now.odds_at,
        quote_age=now.quote_age,
        holdings=now.holdings,
    )
    return evaluate(join(now.listing, now.consensus, rules), moment, rules, caps, new_id)


def profile(**changed: Any) -> Profile:
    made = Profile(
        name="TEST",
        summary="",
        min_edge=5 * CASH_PER_CENT,
        min_edge_agreeing=3 * CASH_PER_CENT,
        min_books=3,
        max_book_spread=3 * CASH_PER_CENT,
        max_kalshi_spread=10 * CENT,
        min_volume=500 * CONTRACT,
        min_time=2 * HOUR,
        max_time=48 * HOUR,
        min_price=25 * CENT,
        max_price=85 * CENT,
        kelly=0.25,
        confidence=ConfidenceRules(high=70, medium=50, low=30),
    )
    return msgspec.structs.replace(made, **changed)


def new_id() -> str:
    return "signal-1"
