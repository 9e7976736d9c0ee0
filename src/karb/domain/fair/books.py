"""Which books' quotes may enter a consensus, and why each of the others may not.

A quote is old when the source last read the book longer ago than that book's limit: what a
book suspends lingers for a quarter of an hour and looks as good as the rest. Names decide
what a price belongs to, so a game's two names must be its two teams and nothing else. The
sum of implied probabilities says whether the prices belong to one moment at all: no
sportsbook gives money away, and none takes an eighth on a game.
"""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from karb.domain.fair.devig import LONGEST, overround
from karb.domain.fair.odds import BookQuote, OddsEvent
from karb.domain.fair.rules import FEEDS, FairRules
from karb.domain.market.leagues import Kind
from karb.domain.units import SECOND, Nanos

CLOCK_SKEW: Nanos = 60 * SECOND
"""How far ahead of us a source's clock may be before its time is nonsense."""


class DropReason(StrEnum):
    """Why a book does not count."""

    NOT_ASKED = "not_asked"
    UNREADABLE = "unreadable"
    FUTURE = "future"
    STALE = "stale"
    WRONG_OUTCOMES = "wrong_outcomes"
    PLACEHOLDER_ODDS = "placeholder_odds"
    OVERROUND = "overround"
    NO_ANSWER = "no_answer"
    SAME_FEED = "same_feed"
    OUTLIER = "outlier"


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """A book that does not count; `detail` carries the figures for a person."""

    book: str
    reason: DropReason
    detail: str


def feed(book: str) -> str:
    """Whose numbers a book shows: LowVig's are BetOnline's."""
    return FEEDS.get(book, book)


def asked(
    event: OddsEvent, *, at: Nanos, rules: FairRules
) -> tuple[tuple[BookQuote, ...], tuple[Dropped, ...]]:
    """The quotes of the books wanted, without those whose time cannot be true."""
    quotes: list[BookQuote] = []
    dropped = [
        Dropped(book=each.book, reason=DropReason.UNREADABLE, detail=each.why)
        for each in event.unreadable
    ]
    for quote in event.quotes:
        if quote.book not in rules.books:
            reason, detail = DropReason.NOT_ASKED, "shown for comparison, never counted"
        elif quote.updated > at + CLOCK_SKEW:
            ahead = (quote.updated - at) // SECOND
            reason, detail = DropReason.FUTURE, f"updated {ahead} s after the time asked about"
        else:
            quotes.append(quote)
            continue
        dropped.append(Dropped(book=quote.book, reason=reason, detail=detail))
    return tuple(quotes), tuple(dropped)


def vet(
    event: OddsEvent, quotes: Sequence[BookQuote], outcome: str, *, at: Nanos, rules: FairRules
) -> tuple[tuple[BookQuote, ...], tuple[Dropped, ...]]:
    """The fresh and sane quotes that price `outcome`, one a feed, by book; and the others."""
    good: list[BookQuote] = []
    dropped: list[Dropped] = []
    field = _field(event, quotes) | {outcome}
    for quote in quotes:
        fault = _fault(event, quote, field, at=at, rules=rules)
        if fault:
            dropped.append(Dropped(book=quote.book, reason=fault[0], detail=fault[1]))
        else:
            good.append(quote)
    kept, repeated = _one_a_feed(good)
    return kept, (*dropped, *repeated)


def _field(event: OddsEvent, quotes: Sequence[BookQuote]) -> frozenset[str]:
    """The names a book must price: both teams, or what at least half of the books list.

    A book that lists only the favourites of a championship cannot be de-vigged: the share of
    the others is missing from its sum. One that lists more than the others can.
    """
    if event.kind is Kind.GAME:
        return frozenset((event.home, event.away))
    listed = Counter(name for quote in quotes for name in quote.odds)
    return frozenset(name for name, times in listed.items() if 2 * times >= len(quotes))


def _fault(
    event: OddsEvent, quote: BookQuote, field: frozenset[str], *, at: Nanos, rules: FairRules
) -> tuple[DropReason, str] | None:
    """The first thing wrong with one quote, or None."""
    age, limit = at - quote.updated, rules.age_limit(quote.book)
    if age > limit:
        return DropReason.STALE, f"{age // SECOND} s old, limit {limit // SECOND} s"
    if detail := _wrong_names(event, quote, field):
        return DropReason.WRONG_OUTCOMES, detail
    for name, price in quote.odds.items():
        if not rules.min_odds < price < LONGEST:
            return DropReason.PLACEHOLDER_ODDS, f"{name} at {price:g} is not a price"
    low, high = 1.0, rules.max_outright_overround
    if event.kind is Kind.GAME:
        low, high = rules.min_overround, rules.max_overround
    total = overround(tuple(quote.odds.values()))
    if not low < total < high:
        return DropReason.OVERROUND, f"probabilities add up to {total:.3f}, not {low:g}..{high:g}"
    return None


def _wrong_names(event: OddsEvent, quote: BookQuote, field: frozenset[str]) -> str:
    """Say what is wrong with the names a book prices; empty when they are right."""
    names = frozenset(quote.odds)
    if missing := sorted(field - names):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        return f"no price for {missing[0]}{more}"
    if event.kind is Kind.GAME and (extra := sorted(names - field)):
        return f"prices {extra[0]}, which is neither team"
    return "" if len(names) > 1 else "prices one outcome only"


def _one_a_feed(
    quotes: Sequence[BookQuote],
) -> tuple[tuple[BookQuote, ...], tuple[Dropped, ...]]:
    """Keep one quote a feed: the book it is named after, the newest where it comes twice."""
    kept: dict[str, BookQuote] = {}
    repeated: list[Dropped] = []
    for quote in sorted(quotes, key=lambda q: (feed(q.book) != q.book, q.book, -q.updated)):
        first = kept.setdefault(feed(quote.book), quote)
        if first is not quote:
            detail = f"shows the numbers of {first.book}, which is counted"
            repeated.append(Dropped(book=quote.book, reason=DropReason.SAME_FEED, detail=detail))
    return tuple(sorted(kept.values(), key=lambda q: q.book)), tuple(repeated)
