"""Why a market is not traded: a name and the two numbers that were compared.

Refusals hold integers, not sentences: they are made on the path of a tick. `describe` turns
one into words when a person asks.
"""

from collections.abc import Callable

import msgspec

from karb.domain.units import HOUR, SECOND, Nanos, cash_cents, cents, contracts


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """A failed check. `found` and `limit` are in the check's own unit; None is "not known"."""

    name: str
    found: int | None = None
    limit: int | None = None


_LEADING = ("not_open", "started", "kind", "quarantined", "stale_odds", "stale_quote", "too_good")
_LAST = len(_LEADING)


def telling_first(refusals: list[Refusal]) -> list[Refusal]:
    """The same refusals, the ones that make the others beside the point in front."""
    return sorted(
        refusals,
        key=lambda each: _LEADING.index(each.name) if each.name in _LEADING else _LAST,
    )


def duration(nanos: Nanos) -> str:
    """A time span for people: `45s`, `3m10s`, `26.5h`."""
    seconds = abs(nanos) // SECOND
    sign = "-" if nanos < 0 else ""
    if seconds < 60:
        return f"{sign}{seconds}s"
    if seconds < 7_200:
        return f"{sign}{seconds // 60}m{seconds % 60:02d}s"
    return f"{sign}{abs(nanos) / HOUR:.1f}h"


def _or_unknown(show: Callable[[int], str], value: int | None) -> str:
    return "unknown" if value is None else show(value)


_PATTERNS: dict[str, tuple[str, Callable[[int], str]]] = {
    "not_open": ("the market takes no orders: paused, closed or decided", str),
    "quarantined": ("the prices of both markets of this game do not fit each other", str),
    "same_bet": ("the same bet is better in the other market of this game", str),
    "no_ask": ("nothing is offered on either side", str),
    "kind": ("the profile does not trade championships", str),
    "min_edge": ("gross edge {found}, the profile wants {limit}", cash_cents),
    "book_count": ("{found} books, the profile wants {limit}", str),
    "book_spread": ("the books lie {found} apart, at most {limit}", cash_cents),
    "kalshi_spread": ("bid and ask lie {found} apart, at most {limit}", cents),
    "volume": ("{found} contracts traded, at least {limit}", contracts),
    "hours_to_event": ("starts in {found}, {bound} {limit}", duration),
    "price_bounds": ("price {found}, {bound} {limit}", cents),
    "confidence": ("confidence {found} is below {limit}", str),
    "net_edge": ("net edge {found} after the fee at the low end of the fair price", cash_cents),
    "stale_odds": ("a quote in the consensus is {found} past its age limit", duration),
    "stale_quote": ("the price feed is {found} old, at most {limit}", duration),
    "started": ("the game has started or its start has just moved", duration),
    "too_good": ("bid and ask lie {found} from the consensus: probably the wrong game", cash_cents),
    "depth": ("contracts offered at that price: {found}", contracts),
    "stop_distance": ("the bid {found} is at or below the stop {limit} it would get", cents),
    "reentry": ("left {found} ago; again after {limit} and a changed consensus", duration),
    "opposing": ("it would bet against a position already held", str),
    "kelly": ("the low end of the fair price is worth no contract", str),
    "caps": ("no room for one contract under position, risk, balance and depth limits", str),
}


def describe(refusal: Refusal) -> str:
    """One clause for people."""
    pattern, show = _PATTERNS[refusal.name]
    return pattern.format(
        found=_or_unknown(show, refusal.found),
        limit=_or_unknown(show, refusal.limit),
        bound="at least" if (refusal.found or 0) < (refusal.limit or 0) else "at most",
    )
