"""What a call for odds asks, checked as The Odds API checks it, and what it costs."""

from collections.abc import Collection
from typing import NamedTuple

from karb.sim.paging import Query, RefusedError
from karb.sim.refusals import odds_refused
from karb.sim.sportsbooks import BOOKS

_REGIONS = ("us", "us2", "us_dfs", "us_ex", "uk", "eu", "fr", "se", "au")
_ELSEWHERE = frozenset(
    {
        "mybookieag",
        "ballybet",
        "betanysports",
        "betparx",
        "espnbet",
        "fliff",
        "hardrockbet",
        "rebet",
    }
    | {"betopenly", "kalshi", "novig", "polymarket", "prophetx", "matchbook", "betfair_ex_eu"}
)
"""Books that the real source knows and this one has no prices of."""
_MARKETS = ("h2h", "h2h_lay", "spreads", "totals", "outrights")
_BOOKS_A_CREDIT = 10


class Asked(NamedTuple):
    """What a call for odds wants, after it was checked."""

    markets: tuple[str, ...]
    books: frozenset[str]
    regions: frozenset[str]
    american: bool
    unix: bool
    cost: int


def asked(query: Query) -> Asked:
    """Check the parameters of a call for odds."""
    markets = _names(query, "markets") or ("h2h",)
    _only(markets, _MARKETS, "INVALID_MARKET", "Invalid markets parameter")
    regions, books = _names(query, "regions"), _names(query, "bookmakers")
    if not regions and not books:
        raise RefusedError(odds_refused(422, "MISSING_REGION", "Missing regions parameter"))
    _only(regions, _REGIONS, "INVALID_REGION", "Invalid regions parameter")
    known = {book.key for book in BOOKS} | _ELSEWHERE
    _only(books, known, "INVALID_BOOKMAKERS", "Invalid bookmakers parameter")
    formats = (query.get("oddsFormat", "decimal"),)
    _only(formats, ("decimal", "american"), "INVALID_ODDS_FORMAT", "Invalid oddsFormat parameter")
    dates = (query.get("dateFormat", "iso"),)
    _only(dates, ("iso", "unix"), "INVALID_DATE_FORMAT", "Invalid dateFormat parameter")
    groups = -(-len(books) // _BOOKS_A_CREDIT) if books else len(regions)
    return Asked(
        markets=markets,
        books=frozenset(books),
        regions=frozenset(() if books else regions),
        american=formats[0] == "american",
        unix=dates[0] == "unix",
        cost=len(markets) * groups,
    )


def _names(query: Query, name: str) -> tuple[str, ...]:
    return tuple(each for each in query.get(name, "").split(",") if each)


def _only(given: Collection[str], known: Collection[str], code: str, message: str) -> None:
    wrong = [each for each in given if each not in known]
    if wrong:
        raise RefusedError(odds_refused(422, code, f"{message}: {', '.join(wrong)}"))
