"""Take apart what people keep of Kalshi's answers, without parsing what is inside.

| shape                                                    | holds                      |
|----------------------------------------------------------|----------------------------|
| `{"ticker": ..., "event_ticker": ...}`                   | a market                   |
| `{"market": {...}, "synced_at": ...}`                    | a market and when          |
| `{"markets": [...], "cursor": ""}`                       | a page of markets          |
| `{"event": {...}, "markets": [...]}`                     | an event and its markets   |
| `{"events": [{..., "markets": [...]}]}`                  | a page of events           |
| `{"series": {...}}`, `{"series": [...]}`                 | series                     |
| `{"orderbook_fp": {...}, "ticker": ...}`, `orderbook`    | a book                     |
| `{"orderbooks": [{"ticker": ..., "orderbook_fp": ...}]}` | books                      |

A capture time counts for everything inside the object it stands in; what stands in a list
may have its own.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from karb.adapters.files.opening import Value
from karb.errors import DataError

_ABSENT = msgspec.Raw()
_NOT_SAID = (b"", b"null", b'""')

CAPTURE_KEYS = ("synced_at", "seen_at", "captured_at", "fetched_at", "ts", "time")
"""Where a record says when it was taken, the plainest name first."""


class What(StrEnum):
    """What a part of a file is."""

    MARKET = "market"
    EVENT = "event"
    SERIES = "series"
    BOOK = "order book"


class Part(msgspec.Struct, frozen=True):
    """One thing in a file, still as text, with the capture time that counts for it.

    `time` is a JSON value, None when nothing says when. `ticker` is the market's for a book
    ("" when only the file's name can tell), and "" for everything else.
    """

    what: What
    value: Value
    time: bytes | None
    ticker: str = ""


class _Shape(msgspec.Struct):
    """The keys by which an object says what it is; none of their values is parsed."""

    market: msgspec.Raw = _ABSENT
    markets: msgspec.Raw = _ABSENT
    event: msgspec.Raw = _ABSENT
    events: msgspec.Raw = _ABSENT
    series: msgspec.Raw = _ABSENT
    orderbook: msgspec.Raw = _ABSENT
    orderbook_fp: msgspec.Raw = _ABSENT
    orderbooks: msgspec.Raw = _ABSENT
    ticker: msgspec.Raw = _ABSENT
    market_ticker: msgspec.Raw = _ABSENT
    event_ticker: msgspec.Raw = _ABSENT
    series_ticker: msgspec.Raw = _ABSENT
    fee_type: msgspec.Raw = _ABSENT
    error: msgspec.Raw = _ABSENT
    synced_at: msgspec.Raw = _ABSENT
    seen_at: msgspec.Raw = _ABSENT
    captured_at: msgspec.Raw = _ABSENT
    fetched_at: msgspec.Raw = _ABSENT
    ts: msgspec.Raw = _ABSENT
    time: msgspec.Raw = _ABSENT

    def captured(self) -> bytes | None:
        """The first capture time that is said."""
        for raw in (
            self.synced_at,
            self.seen_at,
            self.captured_at,
            self.fetched_at,
            self.ts,
            self.time,
        ):
            if _said(raw):
                return bytes(raw)
        return None


class _Name(msgspec.Struct):
    ticker: str


_shape = msgspec.json.Decoder(_Shape)
_name = msgspec.json.Decoder(_Name)
_text = msgspec.json.Decoder(str)


def ticker_in(raw: bytes) -> str:
    """The ticker of a market's text; DataError when there is none."""
    try:
        ticker = _name.decode(raw).ticker
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError("a market without a ticker") from error
    if not ticker:
        raise DataError("a market without a ticker")
    return ticker


def parts(value: Value) -> Iterator[Part]:
    """Everything in one object of a file; DataError when it is nothing karb knows."""
    shape = _shape_of(value)
    time = shape.captured()
    known = False
    if _said(shape.market):
        # The commonest record. What stands beside the market is its time; inside is looked
        # for one only where there is none.
        one = value.inside(bytes(shape.market))
        yield Part(What.MARKET, one, time or _shape_of(one).captured())
        known = True
    if _said(shape.event_ticker) and _said(shape.markets) and not _said(shape.ticker):
        yield from _event(value, time)
        return
    for part in _page(value, shape, time):
        yield part
        known = True
    if not known and not any(map(_said, (shape.markets, shape.events, shape.orderbooks))):
        yield Part(_alone(shape), value, time)


def _page(value: Value, shape: _Shape, time: bytes | None) -> Iterator[Part]:
    """The parts of a page, and the book of a record."""
    for raw in (shape.event, shape.events):
        for one in _each(value, raw):
            yield from _event(one, time)
    yield from _markets(value, shape.markets, time)
    if _is_container(shape.series):
        for one in _each(value, shape.series):
            yield Part(What.SERIES, one, time)
    for one in _each(value, shape.orderbooks):
        inner = _shape_of(one)
        yield Part(What.BOOK, one, inner.captured() or time, _book_ticker(inner))
    if _is_container(shape.orderbook_fp) or _is_container(shape.orderbook):
        yield Part(What.BOOK, value, time, _book_ticker(shape))


def _alone(shape: _Shape) -> What:
    """What an object is that holds nothing of the kind inside it."""
    if _said(shape.ticker):
        return What.SERIES if _said(shape.fee_type) else What.MARKET
    if _said(shape.series_ticker):
        return What.EVENT
    if _said(shape.event_ticker):
        raise DataError("a market without a ticker")
    if _said(shape.error):
        answer = bytes(shape.error)[:80].decode(errors="replace")
        raise DataError(f"an error answer of the exchange: {answer!r}")
    raise DataError("neither a market, an event, a series nor an order book")


def _event(value: Value, time: bytes | None) -> Iterator[Part]:
    """An event, and the markets nested in it."""
    shape = _shape_of(value)
    time = shape.captured() or time
    yield Part(What.EVENT, value, time)
    yield from _markets(value, shape.markets, time)


def _markets(value: Value, raw: msgspec.Raw, time: bytes | None) -> Iterator[Part]:
    for one in _each(value, raw):
        yield Part(What.MARKET, one, _shape_of(one).captured() or time)


def _shape_of(value: Value) -> _Shape:
    if not value.is_object:
        raise DataError(f"{value.raw[:40].decode(errors='replace')!r} where an object belongs")
    try:
        return _shape.decode(value.raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"an object that cannot be read: {error}") from error


def _each(value: Value, raw: msgspec.Raw) -> Iterable[Value]:
    """The elements of a member that is a list, or the one object that it is."""
    if not _said(raw):
        return ()
    inside = value.inside(bytes(raw))
    return inside.items() if inside.is_list else (inside,)


def _said(raw: msgspec.Raw) -> bool:
    """Whether a key stands in the object with something under it."""
    return raw is not _ABSENT and bytes(raw) not in _NOT_SAID


def _is_container(raw: msgspec.Raw) -> bool:
    return raw is not _ABSENT and bytes(raw)[:1] in (b"{", b"[")


def _book_ticker(shape: _Shape) -> str:
    """Whose book it is: told beside it, or by the market beside it."""
    for raw in (shape.ticker, shape.market_ticker):
        if _said(raw):
            try:
                return _text.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise DataError("an order book whose ticker is no text") from error
    return ticker_in(bytes(shape.market)) if _is_container(shape.market) else ""
