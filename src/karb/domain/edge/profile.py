"""A trading profile: everything that decides whether a price difference becomes a signal.

Read from TOML by `config/profiles` and never changed afterwards. Money keys carry their
unit in the name; here they are already `Price`, `Cash` or `Nanos`.
"""

from enum import StrEnum

import msgspec

from karb.domain.fair.rules import FairRules
from karb.domain.market.leagues import Kind
from karb.domain.units import HOUR, Cash, Count, Nanos, Price


class Guard(StrEnum):
    """The checks after the seven conditions; a profile can switch each off by its name."""

    NET_EDGE = "net_edge"
    STALE_ODDS = "stale_odds"
    STALE_QUOTE = "stale_quote"
    STARTED = "started"
    TOO_GOOD = "too_good"
    DEPTH = "depth"
    STOP_DISTANCE = "stop_distance"
    REENTRY = "reentry"
    OPPOSING = "opposing"


class InPlay(StrEnum):
    """What happens to a position once its game runs."""

    HOLD = "hold"
    MANAGE = "manage"
    FLATTEN = "flatten"


class ConfidenceRules(msgspec.Struct, frozen=True, kw_only=True):
    """The points of the confidence score and the scores at which tiers begin.

    A score starts at `base`, is clamped to 0..100, and below `low` means SKIP: no trade.
    """

    high: int
    medium: int
    low: int
    base: int = 50
    books_agree: int = 20
    tight_books: int = 15
    high_volume: int = 10
    near_event: int = 10
    extreme_price: int = -10
    two_books: int = -15
    tight_range: Cash = 20_000
    volume: Count = 500_000
    near: Nanos = 24 * HOUR
    extreme_low: Price = 1_000
    extreme_high: Price = 9_000


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """One profile. Edges and book spreads are `Cash` per contract, exchange prices `Price`.

    `min_edge_agreeing` replaces `min_edge` when at least `agreeing_books` feeds remain and
    lie within `agreeing_range`. Hours are `Nanos` before the start; a championship uses
    `champion_min_time` and `champion_max_time`. `rest` 0 means immediate-or-cancel.
    """

    name: str
    summary: str
    min_edge: Cash
    min_edge_agreeing: Cash
    min_books: int
    max_book_spread: Cash
    max_kalshi_spread: Price
    min_volume: Count
    min_time: Nanos
    max_time: Nanos
    min_price: Price
    max_price: Price
    kelly: float
    confidence: ConfidenceRules
    agreeing_books: int = 4
    agreeing_range: Cash = 20_000
    champion_min_time: Nanos = 0
    champion_max_time: Nanos = 6_000 * HOUR
    markets: frozenset[Kind] = frozenset({Kind.GAME})
    guards: frozenset[Guard] = frozenset(Guard)
    fair: FairRules = FairRules()
    max_quote_age: Nanos = 2_000_000_000
    too_good: Cash = 150_000
    rest: Nanos = 0
    reentry: Nanos = 900_000_000_000
    max_hold: Nanos | None = None
    in_play: InPlay = InPlay.HOLD
    live_allowed: bool = True
