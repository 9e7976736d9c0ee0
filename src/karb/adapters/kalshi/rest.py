"""The questions karb asks of Kalshi's REST API, each answered with values.

Lists come as the exchange's records, unread, so that one that cannot be read spoils nothing
but itself: `discovery` reads them. What is no list of records, or a record of something else,
is `DecodeError`: a proxy's empty page must not pass for an exchange without markets. Listing
everything is never asked for: parlays swamp it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from karb.adapters.kalshi.auth import offset_told
from karb.adapters.kalshi.errors import AGAIN, VENUE
from karb.adapters.kalshi.http import Http, Query, Reply
from karb.adapters.kalshi.prices import cash_told, rfc3339
from karb.domain.units import MILLISECOND, SECOND, Cash, Nanos
from karb.errors import DecodeError

T = TypeVar("T")

_MARKETS, _EVENTS = 1000, 200
"""The most that the exchange gives in one page."""
_PAGES = 100
_REGION_END = "api_key_region_expiration_ts"
_MILLISECONDS = 100_000_000_000
"""A time from here up is in milliseconds: in seconds it would lie 3,000 years ahead."""


class Listing(NamedTuple):
    """Records of one list, as they came, and when the last of them did."""

    records: tuple[msgspec.Raw, ...]
    at: Nanos


class Events(NamedTuple):
    """Events, and the milestones (the games) that came with them."""

    events: Listing
    milestones: Listing


class Limits(NamedTuple):
    """What an account may read: tokens at once, and tokens a second."""

    tier: str
    capacity: int
    rate: int


class ExchangeStatus(msgspec.Struct, frozen=True):
    """Whether the exchange is open at all, and whether it trades."""

    exchange_active: bool
    trading_active: bool
    exchange_estimated_resume_time: str | None = None


class _Page(msgspec.Struct, kw_only=True):
    cursor: str | None = None


class _MarketsPage(_Page):
    markets: list[msgspec.Raw]


class _EventsPage(_Page):
    events: list[msgspec.Raw]
    milestones: list[msgspec.Raw] = []


class _OneSeries(msgspec.Struct):
    series: msgspec.Raw


class _Name(msgspec.Struct):
    ticker: str


class _NamedSeries(msgspec.Struct):
    series: _Name


P = TypeVar("P", bound=_Page)


class _Bucket(msgspec.Struct):
    bucket_capacity: int
    refill_rate: int


class _Limits(msgspec.Struct):
    read: _Bucket
    usage_tier: str = ""


class _Balance(msgspec.Struct):
    balance_dollars: str


class KalshiRest:
    """Kalshi's answers over `http`, whose connections are the caller's to close."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def markets(self, series: str, *, status: str = "open") -> Listing:
        """The markets of a series; `status` is one of the words that a request filters by."""
        query = {"series_ticker": series, "status": status, "mve_filter": "exclude"}
        pages, at = await self._pages("/markets", {**query, "limit": _MARKETS}, _MarketsPage)
        return Listing(tuple(each for page in pages for each in page.markets), at)

    async def events(self, series: str, *, status: str = "open") -> Events:
        """The events of a series, and the milestones that are about them."""
        query = {"series_ticker": series, "status": status, "with_milestones": "true"}
        pages, at = await self._pages("/events", {**query, "limit": _EVENTS}, _EventsPage)
        return Events(
            Listing(tuple(each for page in pages for each in page.events), at),
            Listing(tuple(each for page in pages for each in page.milestones), at),
        )

    async def series(self, ticker: str) -> msgspec.Raw:
        """The record of one series; `NotThereError` where there is none."""
        reply = await self._http.get(f"/series/{ticker}")
        if _read(reply, _NamedSeries).series.ticker != ticker:
            raise DecodeError(
                f"{VENUE} was asked for {ticker} and told of another series",
                means="nothing of it is used",
                do=AGAIN,
            )
        return _read(reply, _OneSeries).series

    async def exchange_status(self) -> ExchangeStatus:
        """Whether the exchange is open, and trades."""
        return _read(await self._http.get("/exchange/status"), ExchangeStatus)

    async def clock_offset(self) -> Nanos:
        """The exchange's clock minus this machine's, right to about half a second."""
        reply = await self._http.get("/exchange/status")
        told = offset_told(reply.headers.get("date", ""), reply.at, reply.headers.get("age", ""))
        if told is None:
            raise DecodeError(f"{VENUE} does not say what time it is", do=AGAIN)
        return told

    async def learn_limits(self) -> Limits:
        """What this account may read; requests are paced by it from now on."""
        told = _read(await self._http.get("/account/limits"), _Limits)
        capacity, rate = told.read.bucket_capacity, told.read.refill_rate
        if capacity <= 0 or rate <= 0:
            raise DecodeError(f"{VENUE} says that this account may read nothing", do=AGAIN)
        self._http.bucket.resize(capacity, rate)
        return Limits(told.usage_tier, capacity, rate)

    async def balance(self) -> Cash:
        """The account's cash, over all its parts; proves that the key works."""
        told = _read(await self._http.get("/portfolio/balance"), _Balance)
        cash = cash_told(told.balance_dollars, "balance")
        if cash is None:
            raise DecodeError(f"{VENUE} does not say what the balance is", do=AGAIN)
        return cash

    async def region_expiry(self) -> Nanos | None:
        """Until when this account's keys may trade sports; None where the exchange says nothing.

        The field is in no published model, so it is looked for in whatever is answered.
        """
        reply = await self._http.get("/api_keys")
        return _expiry(_read(reply, dict[str, Any]))

    async def _pages(self, path: str, query: Query, kind: type[P]) -> tuple[list[P], Nanos]:
        """Every page of a list. One that repeats, as for an unknown cursor, is an error."""
        pages: list[P] = []
        seen = {""}
        cursor = ""
        while len(pages) < _PAGES:
            reply = await self._http.get(path, {**query, "cursor": cursor} if cursor else query)
            page = _read(reply, kind)
            pages.append(page)
            cursor = page.cursor or ""
            if not cursor:
                return pages, reply.at
            if cursor in seen:
                break
            seen.add(cursor)
        raise DecodeError(
            f"{VENUE}'s list at {path} does not end", means="it is not used at all", do=AGAIN
        )


def _read(reply: Reply, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise DecodeError(
            f"{VENUE} answered something else than asked: {error}",
            means="nothing of it is used",
            do="open KALSHI_BASE_URL in a browser: a sign-in page may be in the way",
        ) from None


def _expiry(told: Mapping[str, Any]) -> Nanos | None:
    """The earliest end that is told, at the top or of any key."""
    keys = told.get("api_keys")
    places = [told, *(keys if isinstance(keys, list) else ())]
    ends = [_moment(place.get(_REGION_END)) for place in places if isinstance(place, dict)]
    return min((end for end in ends if end is not None), default=None)


def _moment(value: object) -> Nanos | None:
    """Seconds, milliseconds or RFC 3339: which of them is not published. 0 means none."""
    if isinstance(value, str):
        return rfc3339(value)
    if not isinstance(value, int) or value <= 0:
        return None
    return value * SECOND if value < _MILLISECONDS else value * MILLISECOND
