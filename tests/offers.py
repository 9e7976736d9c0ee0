"""A game as it comes by three ways: listed by the exchange, linked, and priced by books."""

from typing import Any

import msgspec

from karb.domain.fair.odds import BookQuote, OddsEvent
from karb.domain.fair.offered import Offered, offer
from karb.domain.fair.rules import FairRules
from karb.domain.linking.links import Link
from karb.domain.market.catalog import Listed
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import Market, MarketStatus
from karb.domain.units import HOUR, SECOND
from situations import LISTING, NOW, quote

EVENT_ID = "abc123"
HOME, AWAY = "Houston Texans", "Buffalo Bills"
BUF, HOU = LISTING.ticker, "KXNFLGAME-26NOV26BUFHOU-HOU"
START = NOW + 20 * HOUR
RULES = FairRules()


def listed(ticker: str = BUF, **changed: Any) -> Listed:
    """An open market of the game."""
    market = Market(
        ticker=ticker,
        event_ticker=LISTING.event_ticker,
        series="KXNFLGAME",
        title="",
        team="Buffalo",
        status=MarketStatus.ACTIVE,
        quote=quote(ticker=ticker),
    )
    market = msgspec.structs.replace(market, **changed)
    return Listed(market=market, event=None, series=None, start=None, at=NOW)


def link(ticker: str = BUF, outcome: str = AWAY, **changed: Any) -> Link:
    """Its link to the odds event."""
    made = Link(
        ticker=ticker,
        event_ticker=LISTING.event_ticker,
        league=League.NFL,
        kind=Kind.GAME,
        odds_event_id=EVENT_ID,
        outcome=outcome,
        opponent=HOME if outcome == AWAY else AWAY,
        team="",
        start=START,
    )
    return msgspec.structs.replace(made, **changed)


def odds_event(away: float = 1.80, home: float = 2.05, **changed: Any) -> OddsEvent:
    """The odds event: four books of one mind, read half a minute ago."""
    quotes = tuple(
        BookQuote(book, {AWAY: away, HOME: home}, NOW - 30 * SECOND)
        for book in ("draftkings", "fanduel", "betmgm", "betus")
    )
    made = OddsEvent(
        id=EVENT_ID,
        league=League.NFL,
        kind=Kind.GAME,
        home=HOME,
        away=AWAY,
        start=START,
        quotes=quotes,
    )
    return msgspec.structs.replace(made, **changed)


def offered(away: float = 1.80, home: float = 2.05, **changed: Any) -> Offered:
    """The same with its consensus."""
    return offer(odds_event(away, home, **changed), at=NOW, rules=RULES)
