"""What the sportsbooks offer, as an odds source hands it over.

Decimal odds are floats: they are quotients of a probability, not money. One `OddsEvent` is
one game (two outcomes) or one outright market (a field of outcomes). Quotes are joined by
outcome name, never by position or by home and away: sources sort by name, and a neutral
site flips home and away between two polls.
"""

import msgspec

from karb.domain.market.leagues import Kind, League
from karb.domain.units import Nanos


class BookQuote(msgspec.Struct, frozen=True):
    """One sportsbook's prices for one event.

    `odds` maps outcome name to decimal odds, as sent; nothing is checked yet. `updated` is
    when the source last read the book, which says how fresh the feed is and not when the
    price last moved.
    """

    book: str
    odds: dict[str, float]
    updated: Nanos


class UnreadableQuote(msgspec.Struct, frozen=True):
    """A book whose prices could not be read, and why; it is told, never counted."""

    book: str
    why: str


class OddsEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One game or outright market with every book's prices.

    `start` moves: by an hour for television, at the start to the true first pitch.
    `starts_seen` are the earlier values, oldest first, where somebody kept them.
    An outright has no teams: `home` and `away` are empty there.
    """

    id: str
    league: League
    kind: Kind
    home: str
    away: str
    start: Nanos
    quotes: tuple[BookQuote, ...] = ()
    unreadable: tuple[UnreadableQuote, ...] = ()
    starts_seen: tuple[Nanos, ...] = ()
    preseason: bool = False


class OddsSnapshot(msgspec.Struct, frozen=True):
    """Everything one request to the source returned, with the time it was true at.

    `skipped` counts the events of sports karb does not know, by the source's name for them.
    """

    at: Nanos
    origin: str
    events: tuple[OddsEvent, ...]
    skipped: dict[str, int] = {}
