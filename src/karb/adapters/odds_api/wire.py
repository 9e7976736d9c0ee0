"""Decode the answers of The Odds API v4 into `OddsSnapshot`, or raise `DecodeError`.

Three shapes come: a list of events, one event, and the historical wrapper with `timestamp`
and `data`. What breaks the shape (no JSON, no id, no start) refuses the whole answer. What
is wrong with one book's prices (a word, a missing time, a name twice) is kept as an
`UnreadableQuote`, so that one bad book costs one book and is still told. Prices that can be
read but not believed (odds of 1.0, three outcomes) pass as sent: `domain/fair` judges them.

Only the market that answers the question is read: `h2h` for a game, `outrights` for a
title. Lay prices, spreads, totals and three-way lines share the list and answer others.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from karb.adapters.odds_api.sports import SPORTS, Sport, book_name
from karb.domain.fair.american import EVEN, decimal_from_american
from karb.domain.fair.odds import BookQuote, OddsEvent, OddsSnapshot, UnreadableQuote
from karb.domain.market.leagues import Kind
from karb.domain.units import SECOND, Nanos
from karb.errors import DataError, DecodeError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YEAR_2000, _YEAR_2100 = 946_684_800, 4_102_444_800
_HIGHEST = 1e9
_UNCHANGED = "give the JSON that GET /v4/sports/{sport}/odds answered, unchanged"
_BOM = b"\xef\xbb\xbf"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class _Outcome(msgspec.Struct):
    name: object = None
    price: object = None


class _Market(msgspec.Struct):
    key: str
    outcomes: list[_Outcome] = []
    last_update: object = None


class _Bookmaker(msgspec.Struct):
    key: str
    markets: list[_Market] = []
    last_update: object = None


class _Event(msgspec.Struct):
    id: str
    sport_key: str
    commence_time: object = None
    home_team: str | None = None
    away_team: str | None = None
    bookmakers: list[_Bookmaker] = []


class _Object(msgspec.Struct):
    """Any answer that is one object: the wrapper, one event, or an error."""

    id: object = None
    timestamp: object = None
    data: msgspec.Raw = msgspec.Raw()
    message: object = None
    error_code: object = None


_LIST = msgspec.json.Decoder(list[_Event])
_ONE = msgspec.json.Decoder(_Event)
_ANY = msgspec.json.Decoder(_Object)


def decode_odds(raw: bytes, *, origin: str, at: Nanos | None = None) -> OddsSnapshot:
    """Read one answer. `origin` names it for people; `at` is when it was true.

    Without `at` it is the wrapper's `timestamp`, else the newest `last_update` anywhere in
    the answer. Raises `DecodeError` and nothing else, whatever the bytes.
    """
    try:
        events, stamp = _parse(raw)
        if at is None:
            at = stamp if stamp is not None else _newest(events)
        return _snapshot(events, at, origin)
    except _ShapeError as error:
        raise DecodeError(
            f"{origin}: {error}", means="none of its odds are used", do=error.do
        ) from error


class _ShapeError(Exception):
    """What is wrong with an answer, before it is known whose answer it is."""

    def __init__(self, what: str, do: str = _UNCHANGED) -> None:
        super().__init__(what)
        self.do = do


def _parse(raw: bytes) -> tuple[list[_Event], Nanos | None]:
    """The events of an answer, and the wrapper's time where there is one."""
    raw = raw.removeprefix(_BOM)
    try:
        try:
            return _shapes(raw)
        except msgspec.DecodeError:
            if b"NaN" not in raw and b"Infinity" not in raw:
                raise
            # Python writes these though JSON has no such words; as strings each is one
            # unreadable price, not an unreadable file.
            return _shapes(msgspec.json.encode(json.loads(raw, parse_constant=str)))
    except (ValueError, OverflowError, RecursionError) as error:
        raise _ShapeError(f"not an answer of The Odds API v4: {error}") from error


def _shapes(raw: bytes) -> tuple[list[_Event], Nanos | None]:
    """Tell the three shapes apart, and the error answer from all of them."""
    if raw[:100].lstrip()[:1] != b"{":
        return _LIST.decode(raw), None
    answer = _ANY.decode(raw)
    if inner := bytes(answer.data):
        events = [_ONE.decode(inner)] if inner[:1] == b"{" else _LIST.decode(inner)
        return events, _time(answer.timestamp)
    if answer.error_code is not None or (answer.message is not None and answer.id is None):
        raise _ShapeError(
            f"The Odds API answered with an error, {answer.error_code}: {answer.message}",
            "ask again once that is solved, and keep an answer that has odds in it",
        )
    return [_ONE.decode(raw)], None


def _snapshot(events: list[_Event], at: Nanos | None, origin: str) -> OddsSnapshot:
    if at is None:
        raise _ShapeError(
            "no last_update in it, so how old its odds are cannot be known",
            "give an answer with bookmakers in it, or state the time",
        )
    american = _is_american(events)
    known, skipped = [], Counter[str]()
    for event in events:
        sport = SPORTS.get(event.sport_key)
        if sport is None:
            skipped[event.sport_key] += 1
        else:
            known.append(_event(event, sport, american))
    return OddsSnapshot(at=at, origin=origin, events=tuple(known), skipped=dict(skipped))


def _event(event: _Event, sport: Sport, american: bool) -> OddsEvent:
    start = _time(event.commence_time)
    if not _is_name(event.id) or start is None:
        raise _ShapeError(f"event {event.id!r} has no id or no readable commence_time")
    home, away = event.home_team or "", event.away_team or ""
    named = _is_name(home) and _is_name(away) and home != away
    if sport.kind is Kind.GAME and not named:
        raise _ShapeError(f"event {event.id!r} does not name two teams: {home!r}, {away!r}")
    read = [
        _quote(book, market, american)
        for book in event.bookmakers
        for market in book.markets
        if market.key == sport.market
    ]
    return OddsEvent(
        id=event.id,
        league=sport.league,
        kind=sport.kind,
        home=home,
        away=away,
        start=start,
        quotes=tuple(quote for quote in read if isinstance(quote, BookQuote)),
        unreadable=tuple(quote for quote in read if isinstance(quote, UnreadableQuote)),
        preseason=sport.preseason,
    )


def _quote(book: _Bookmaker, market: _Market, american: bool) -> BookQuote | UnreadableQuote:
    name = book_name(book.key)
    stated = book.last_update if market.last_update is None else market.last_update
    updated = _time(stated)
    if updated is None:
        return UnreadableQuote(name, f"no readable time of its last update: {stated!r:.60}")
    try:
        return BookQuote(book=name, odds=_odds(market, american), updated=updated)
    except DataError as error:
        return UnreadableQuote(name, error.what)


def _odds(market: _Market, american: bool) -> dict[str, float]:
    """Decimal odds by outcome name; `DataError` for what cannot be one."""
    odds: dict[str, float] = {}
    for outcome in market.outcomes:
        price = _number(outcome.price)
        if not isinstance(outcome.name, str) or not _is_name(outcome.name):
            raise DataError(f"an outcome without a name: {outcome.name!r:.60}")
        if price is None:
            raise DataError(f"the price of {outcome.name!r} is not a number: {outcome.price!r:.60}")
        if outcome.name in odds:
            raise DataError(f"{outcome.name!r} is priced twice")
        odds[outcome.name] = _from_american(price) if american else price
    return odds


def _is_name(text: str) -> bool:
    """A text that every store and screen takes: one without control characters."""
    return text != "" and _CONTROL.search(text) is None


def _from_american(price: float) -> float:
    if not price.is_integer():
        raise DataError(f"{price!r} among American prices, which are whole")
    return decimal_from_american(price)


def _is_american(events: list[_Event]) -> bool:
    """Tell the format of a whole answer, which is never stated in it.

    American prices are at most -100 or at least 100, decimal prices above 1. So -110 is
    proof of one and 1.91 of the other; +150 is either (a 150-1 outsider), and is settled by
    the rest. The majority decides, so that one broken price does not turn the answer round;
    what then does not fit is one unreadable or unbelievable quote. Without proof, a field of
    nothing but prices above 100 is American: as decimal odds it would leave out the favourites.
    """
    american = decimal = high = 0
    for price in _prices(events):
        american += price <= -EVEN
        decimal += 1.0 < price < EVEN
        high += price >= EVEN
    if american and american == decimal:
        raise _ShapeError(
            f"American and decimal prices are mixed, {american} of each",
            "ask for one format, best with oddsFormat=decimal",
        )
    return american > decimal or (high > 0 and decimal == 0)


def _prices(events: list[_Event]) -> Iterator[float]:
    for market in _markets(events):
        for outcome in market.outcomes:
            price = _number(outcome.price)
            if price is not None:
                yield price


def _markets(events: list[_Event]) -> Iterator[_Market]:
    for event in events:
        for book in event.bookmakers:
            yield from book.markets


def _newest(events: list[_Event]) -> Nanos | None:
    """The newest time in the answer; the next best thing to a clock."""
    times = {_time(market.last_update) for market in _markets(events)}
    times |= {_time(book.last_update) for event in events for book in event.bookmakers}
    return max((time for time in times if time is not None), default=None)


def _number(price: object) -> float | None:
    """A finite number of a size that prices have; JSON's `true` is not one."""
    if isinstance(price, bool) or not isinstance(price, int | float):
        return None
    return float(price) if abs(price) < _HIGHEST else None


def _time(value: object) -> Nanos | None:
    """ISO 8601 with a zone, or seconds since 1970, between 2000 and 2100; else None."""
    if isinstance(value, str):
        return _iso_time(value)
    seconds = _number(value) if not isinstance(value, int) else value
    if isinstance(value, bool) or seconds is None or not _YEAR_2000 <= seconds < _YEAR_2100:
        return None
    return round(seconds * SECOND) if isinstance(seconds, float) else seconds * SECOND


def _iso_time(text: str) -> Nanos | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    nanos = (moment - _EPOCH) // _MICROSECOND * 1_000
    return nanos if _YEAR_2000 <= nanos // SECOND < _YEAR_2100 else None
