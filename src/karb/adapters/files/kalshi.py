"""Kalshi markets from files: whatever people keep of the exchange's answers.

Read are single markets, lists, pages of `GET /markets`, events with their markets, series,
order books, JSON lines of records with a capture time beside the market, and CSV exports
(`kalshi_shapes`, `kalshi_csv`). A record that cannot be used (no price, a price above a
dollar) is left out and named; the rest of its file is used. Markets of series that karb
does not support come in thousands in such files (parlays above all): they are counted by
series and not converted.

Order books, series and events are true of their time, as prices are: a book of noon says
nothing about the morning, and fees are listed anew. So `KalshiFiles` keeps every one that
was read, by ticker, as `Captured(at, value)` in the order of time, those without a time
last; whoever uses them chooses the one that stood at the time of the record.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from karb.adapters.files.kalshi_csv import looks_like_markets, part_of_row
from karb.adapters.files.kalshi_shapes import Part, What, parts, ticker_in
from karb.adapters.files.opening import (
    Document,
    Format,
    Value,
    has_hidden_keys,
    read_document,
    refuse_repeated_keys,
)
from karb.adapters.files.paths import all_files
from karb.adapters.files.records import BadRecord, bad_file_left_out, bad_record, none_usable
from karb.adapters.files.times import capture_time, name_stamp
from karb.adapters.kalshi.rest_wire import (
    decode_event,
    decode_market,
    decode_orderbook,
    decode_series,
)
from karb.domain.linking.tickers import is_supported, series_of
from karb.domain.market.messages import BookSnapshot, Event, Market, Series
from karb.domain.units import Nanos
from karb.errors import DataError

__all__ = ["BadRecord", "Captured", "KalshiFiles", "Record", "read_kalshi"]

_T = TypeVar("_T")

_BOOK_NAME = ".orderbook"
_ONCE = {
    What.MARKET: (
        b'"ticker"',
        b'"yes_bid"',
        b'"yes_ask"',
        b'"yes_bid_dollars"',
        b'"yes_ask_dollars"',
        b'"yes_bid_size_fp"',
        b'"yes_ask_size_fp"',
    ),
    What.BOOK: (b'"yes"', b'"no"', b'"yes_dollars"', b'"no_dollars"'),
    What.EVENT: (b'"fee_type_override"', b'"fee_multiplier_override"'),
    What.SERIES: (b'"ticker"', b'"fee_type"', b'"fee_multiplier"'),
}
"""Keys that stand once in a text of each kind; one that stands twice gets a closer look."""


class Record(msgspec.Struct, frozen=True):
    """One market as it stood at one time, and where it was read (`FILE:LINE`).

    `at` is the record's own capture time, or the UTC stamp in its file's name. Where there
    is neither `at` is None and the times in
    `market.quote` are 0, which no rule takes for fresh: the caller must ask for `--as-of`.
    """

    market: Market
    at: Nanos | None
    origin: str


class Captured(msgspec.Struct, Generic[_T], frozen=True):
    """Something that was read, and when it was true: `at` as in `Record`."""

    at: Nanos | None
    value: _T


class KalshiFiles(msgspec.Struct, frozen=True):
    """Everything that was read.

    One ticker at several times is several `records`, in the order of the files. `books` by
    the market's ticker, `series` and `events` by their own: in the order of time, those
    without a time last. `skipped` is the number of markets by unsupported series.
    """

    records: tuple[Record, ...]
    bad: tuple[BadRecord, ...]
    books: dict[str, tuple[Captured[BookSnapshot], ...]]
    series: dict[str, tuple[Captured[Series], ...]]
    events: dict[str, tuple[Captured[Event], ...]]
    files: int
    skipped: dict[str, int]


def read_kalshi(paths: Sequence[Path]) -> KalshiFiles:
    """Read markets from files and folders.

    Raises UsageError for a path that is not there, DataError for a file that is broken as
    a whole or holds something else, and when not one record can be used. Such a file inside
    a folder is left out and named in `bad`.
    """
    files = all_files(paths)
    reader = _Reader()
    for file in files:
        with bad_file_left_out(file, reader.bad):
            reader.read(read_document(file.path))
    return reader.result(paths, len(files))


class _Reader:
    """Collects records over many files; one bad record costs that record."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self.bad: list[BadRecord] = []
        self._books = defaultdict[str, list[Captured[BookSnapshot]]](list)
        self._series = defaultdict[str, list[Captured[Series]]](list)
        self._events = defaultdict[str, list[Captured[Event]]](list)
        self._skipped = Counter[str]()

    def read(self, document: Document) -> None:
        """Take everything in one file."""
        if document.kind is Format.CSV:
            self._read_rows(document)
            return
        values = list(document.values())  # all of them first: a broken file gives nothing
        if any(b'"bookmakers"' in value.raw for value in values):
            raise _is_odds(document)
        for value in values:
            for item in value.items() if value.is_list else (value,):
                self._read_object(document, item)

    def _read_object(self, document: Document, value: Value) -> None:
        try:
            for part in parts(value):
                self._take(document, part)
        except DataError as error:
            self.bad.append(bad_record(document.origin(value.line), None, error.what))

    def _take(self, document: Document, part: Part) -> None:
        """Convert one part, or note why it cannot be used."""
        origin = document.origin(part.value.line)
        ticker = part.ticker or None
        try:
            if part.what is What.MARKET:
                ticker = ticker_in(part.value.raw)
                if self._is_wanted(ticker):
                    _refuse_doubt(part, origin)
                    self._add_market(part.value.raw, _time(document, part), origin)
                return
            _refuse_doubt(part, origin)
            if part.what is What.BOOK:
                self._add_book(document, part)
            elif part.what is What.EVENT:
                event = decode_event(_without_markets(part.value), ts=0)
                self._events[event.event_ticker].append(Captured(_time(document, part), event))
            else:
                series = decode_series(part.value.raw)
                self._series[series.ticker].append(Captured(_time(document, part), series))
        except DataError as error:
            problem = error.what.removeprefix(f"{origin}: ")
            self.bad.append(bad_record(origin, ticker, problem))
        except RecursionError:
            self.bad.append(bad_record(origin, ticker, "nested too deeply"))

    def _read_rows(self, document: Document) -> None:
        for line, row in document.rows():
            if not looks_like_markets(row):
                raise _no_columns(document)
            self._take(document, part_of_row(row, line))

    def _is_wanted(self, ticker: str) -> bool:
        series = series_of(ticker)
        if not is_supported(series):
            self._skipped[series] += 1
            return False
        return True

    def _add_market(self, raw: bytes, at: Nanos | None, origin: str) -> None:
        market = decode_market(raw, ts=at or 0)
        self._records.append(Record(market, at, origin))

    def _add_book(self, document: Document, part: Part) -> None:
        """Keep a book under the ticker that stands beside it, or in its file's name."""
        name, found, _ = document.path.name.partition(_BOOK_NAME)
        ticker = part.ticker or (name if found else "")
        if not ticker:
            raise DataError("an order book that does not say which market it is of")
        if is_supported(series_of(ticker)):
            at = _time(document, part)
            book = decode_orderbook(part.value.raw, ticker=ticker, ts_recv=at or 0)
            self._books[ticker].append(Captured(at, book))

    def result(self, paths: Sequence[Path], files: int) -> KalshiFiles:
        """What was collected; DataError when there is nothing to work on."""
        if self.bad and not self._records:
            raise none_usable(self.bad, "market")
        if not self._records and not self._skipped:
            raise DataError(
                f"{', '.join(map(str, paths))}: there is no market in it",
                means="there is nothing to compare with odds",
                do="give answers of GET /markets or GET /events, or records of markets",
            )
        return KalshiFiles(
            records=tuple(self._records),
            bad=tuple(self.bad),
            books=_in_time(self._books),
            series=_in_time(self._series),
            events=_in_time(self._events),
            files=files,
            skipped=dict(self._skipped),
        )


def _refuse_doubt(part: Part, origin: str) -> None:
    """Raise DataError when a key that matters stands twice in one object of the part."""
    raw = part.value.raw
    if has_hidden_keys(raw) or any(raw.count(key) > 1 for key in _ONCE[part.what]):
        refuse_repeated_keys(raw, origin)


def _time(document: Document, part: Part) -> Nanos | None:
    """When it was captured: what it says itself, else the stamp in its file's name."""
    return name_stamp(document.path) if part.time is None else capture_time(part.time)


def _in_time(found: Mapping[str, list[Captured[_T]]]) -> dict[str, tuple[Captured[_T], ...]]:
    """By ticker and in the order of time; what has no time last, as it was read."""
    return {
        ticker: tuple(sorted(all_of_it, key=lambda one: (one.at is None, one.at or 0)))
        for ticker, all_of_it in found.items()
    }


def _without_markets(value: Value) -> bytes:
    """An event's text without the markets nested in it, which are read one by one."""
    members = value.members()
    if members.pop("markets", None) is None:
        return value.raw
    return msgspec.json.encode({name: msgspec.Raw(one.raw) for name, one in members.items()})


def _is_odds(document: Document) -> DataError:
    return DataError(
        f"{document.path}: this holds sportsbook odds, where Kalshi markets were expected",
        means="nothing in it was used",
        do="give it with --odds",
    )


def _no_columns(document: Document) -> DataError:
    return DataError(
        f"{document.path}: the CSV has no columns ticker and event_ticker",
        means="nothing in it was used",
        do="name the columns as the exchange names its fields: ticker, event_ticker, yes_bid, ...",
    )
