"""Hand-written markets and odds events for the tests of linking."""

from datetime import datetime
from zoneinfo import ZoneInfo

from karb.config.teams import team_tables
from karb.domain.fair.odds import BookQuote, OddsEvent
from karb.domain.linking.links import Link, NoLink, Unlinked
from karb.domain.linking.match import Linker, MarketFacts
from karb.domain.market.leagues import Kind, League
from karb.domain.units import SECOND, Nanos

EASTERN = ZoneInfo("America/New_York")


def at(text: str) -> Nanos:
    """An Eastern time such as `2026-08-12 19:07`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=EASTERN).timestamp()) * SECOND


def game(
    id: str,  # noqa: A002
    league: League,
    away: str,
    home: str,
    start: str,
    *seen: str,
    preseason: bool = False,
) -> OddsEvent:
    """An odds event with its Eastern start and the starts seen before."""
    return OddsEvent(
        id=id,
        league=league,
        kind=Kind.GAME,
        home=home,
        away=away,
        start=at(start),
        starts_seen=tuple(map(at, seen)),
        preseason=preseason,
    )


def outright(id: str, league: League, start: str, *names: str) -> OddsEvent:  # noqa: A002
    """A championship with one book's field."""
    quote = BookQuote("fanduel", dict.fromkeys(names, 5.0), at(start))
    return OddsEvent(
        id=id,
        league=league,
        kind=Kind.CHAMPION,
        home="",
        away="",
        start=at(start),
        quotes=(quote,),
    )


def pair(
    event: str, *sides: tuple[str, str], title: str = "", rules: str = ""
) -> list[MarketFacts]:
    """The markets of one event: (code, text) for each side."""
    return [MarketFacts(f"{event}-{code}", event, title, text, "", rules) for code, text in sides]


def link(markets: list[MarketFacts], *events: OddsEvent) -> list[Link | NoLink]:
    """Link with the tables that ship."""
    return Linker(team_tables()).link(markets, events)


def ids(markets: list[MarketFacts], *events: OddsEvent) -> list[str | Unlinked]:
    """For each market the odds id it went to, or the reason why it went nowhere."""
    return [
        answer.odds_event_id if isinstance(answer, Link) else answer.reason
        for answer in link(markets, *events)
    ]
