"""The specification's keys, fields and lives in Redis, for people and other programs.

Prices are cents as decimal strings (`48`, `48.5`), counts contracts, times milliseconds.
What is unknown or absent has no field: an empty side of a book is not a price of 0.

    kalshi:m:{ticker}                    hash, an hour      newest prices of a market
    kalshi:markets                       set                the active tickers
    odds:consensus:{event_id}:{team}     string, two hours  the fair price, de-vigged
    odds:{sport}:{event_id}:{team}       hash, two hours    each book that counts, de-vigged
    odds:events:{sport}, odds:events:all set                ids of the events offered now
    odds:last_update                     string             when odds last came
"""

import re
from functools import lru_cache
from unicodedata import combining, normalize

from karb.domain.fair.answers import Consensus
from karb.domain.market.leagues import League
from karb.domain.market.messages import Quote
from karb.domain.units import CENT, CONTRACT, DOLLAR, MILLISECOND, Count, Nanos, Price

MARKET_LIFE = 3_600
ODDS_LIFE = 7_200
"""Seconds: of a market's prices since its book was last seen live, of odds since they were got."""

MARKETS = "kalshi:markets"
EVENTS = "odds:events:all"
LAST_UPDATE = "odds:last_update"

_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")


def market_key(ticker: str) -> str:
    """The newest prices of a market."""
    return f"kalshi:m:{ticker}"


def consensus_key(event_id: str, outcome: str) -> str:
    """The fair price of an outcome."""
    return f"odds:consensus:{event_id}:{slug(outcome)}"


def odds_key(league: League, event_id: str, outcome: str) -> str:
    """Every book's price of an outcome."""
    return f"odds:{league.sport}:{event_id}:{slug(outcome)}"


def events_key(league: League) -> str:
    """The events of a league that are offered now."""
    return f"odds:events:{league.sport}"


@lru_cache(maxsize=4096)
def slug(name: str) -> str:
    """A team as keys have it: `San José State` is `san_jose_state`."""
    plain = "".join(ch for ch in normalize("NFKD", name) if not combining(ch))
    return _NOT_IN_SLUGS.sub("_", plain.lower()).strip("_")


@lru_cache(maxsize=DOLLAR + 1)
def cents(price: Price) -> str:
    """A price: `48`, `48.5`, `48.25`."""
    return _decimal(price, CENT)


def cents_of(probability: float) -> str:
    """A fair price, to the hundredth of a cent: `54.83`."""
    return cents(round(probability * DOLLAR))


def contracts(count: Count) -> str:
    """A count: `25`, `25.5`."""
    return _decimal(count, CONTRACT)


def milliseconds(at: Nanos) -> str:
    """A time."""
    return str(at // MILLISECOND)


def _decimal(value: int, unit: int) -> str:
    """Hundredths, without zeros that say nothing; never negative here."""
    whole, rest = divmod(value, unit)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def market_fields(quote: Quote, last_price: Price | None) -> dict[str, str | None]:
    """The fields of `kalshi:m:{ticker}`; None is one that must not be there.

    `updated_at` is the exchange's time, ours where it did not say.
    """
    bid, ask, at = quote.yes_bid, quote.yes_ask, quote.ts_event
    return {
        "yes_bid": None if bid is None else cents(bid),
        "yes_ask": None if ask is None else cents(ask),
        "no_bid": None if ask is None else cents(DOLLAR - ask),
        "no_ask": None if bid is None else cents(DOLLAR - bid),
        "volume": None if quote.volume is None else contracts(quote.volume),
        "last_price": None if last_price is None else cents(last_price),
        "updated_at": milliseconds(quote.ts_recv if at is None else at),
    }


def odds_fields(fair: Consensus, at: Nanos) -> dict[str, str]:
    """The fields of `odds:{sport}:{event_id}:{team}`: the books that count, and what they make.

    `book_count` is of distinct feeds: two books that show the same numbers are one.
    """
    return {
        **{each.book: cents_of(each.probability) for each in fair.kept},
        "consensus": cents_of(fair.probability),
        "book_count": str(fair.books),
        "updated_at": milliseconds(at),
    }
