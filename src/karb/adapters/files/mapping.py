"""Reads what linking and its audit need: markets, odds events and a truth.

Markets and odds come as the very files that detection reads (answers of the exchange and of
The Odds API, alone, in folders or a line each), or as plain tables: CSV with a header, a
JSON list of flat objects, JSON lines; plain or gzip. Prices are not looked at, so a market
without one can be linked. A column that is needed and missing is named, with the nearest
that is there; columns that are not needed are passed over.

| table  | columns needed                                           | used where given    |
|--------|----------------------------------------------------------|---------------------|
| kalshi | ticker, event_ticker                                     | title, event_title, |
|        |                                                          | yes_sub_title,      |
|        |                                                          | rules_primary       |
| odds   | event_id, sport_key, home_team, away_team, commence_time | commence_times_seen |
| truth  | kalshi_event_ticker, odds_event_id                       | league, kind        |

Without texts a market is read by its ticker's codes, which colleges share: the miss then
says so. `commence_times_seen` holds times with `;` between them. An `odds_event_id` that is
empty or NONE says that the event has no counterpart.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import msgspec

from karb.adapters.files import odds
from karb.adapters.files.kalshi_shapes import Part, What, parts
from karb.adapters.files.opening import (
    Document,
    Format,
    Value,
    has_hidden_keys,
    read_document,
    refuse_repeated_keys,
)
from karb.adapters.files.paths import JSON_SUFFIXES, all_files
from karb.adapters.files.records import (
    BadRecord,
    bad_file_left_out,
    bad_record,
    none_usable,
    printable,
)
from karb.adapters.files.times import parse_time
from karb.adapters.odds_api.sports import SPORTS, Sport
from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.reading import MarketFacts
from karb.domain.linking.tickers import GAME_SERIES, series_of
from karb.domain.linking.truth import MATCH, TruthRow
from karb.domain.market.leagues import Kind
from karb.domain.units import Nanos
from karb.errors import DataError

_GAMES = {key: sport for key, sport in SPORTS.items() if sport.kind is Kind.GAME}

_ONCE = (
    b'"ticker"',
    b'"event_ticker"',
    b'"event_id"',
    b'"yes_sub_title"',
    b'"home_team"',
    b'"away_team"',
    b'"commence_time"',
    b'"odds_event_id"',
)
"""Keys that stand once in a record; one that stands twice gets a closer look."""


class _Row(msgspec.Struct, frozen=True):
    """One record and where it stands, for errors."""

    values: Mapping[str, object]
    origin: str

    def text(self, column: str) -> str:
        """A value as text without blanks around it; absent and null are empty."""
        value = self.values.get(column)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise DataError(
                f"{self.origin}: {column} is {value!r:.60}, where text was expected",
                means="nothing was linked",
                do="mend that record",
            )
        return value.strip()

    def needed(self, column: str) -> str:
        """A value that may not be empty."""
        if not (text := self.text(column)):
            raise DataError(
                f"{self.origin}: {column} is empty",
                means="nobody can tell what this record is about, so nothing was linked",
                do="mend or remove that record",
            )
        return text


class Markets(msgspec.Struct, frozen=True):
    """Markets in the order of the files, repeated ones included, and what was left out."""

    facts: tuple[MarketFacts, ...]
    bad: tuple[BadRecord, ...]


class Events(msgspec.Struct, frozen=True):
    """Events of the six leagues, the oldest record first, and what was left out."""

    events: tuple[OddsEvent, ...]
    bad: tuple[BadRecord, ...]


def read_markets(paths: Sequence[Path]) -> Markets:
    """The exchange's markets, of series that karb supports and of all others.

    A record that cannot be used is left out and named, and so is a broken file in a folder.
    Raises UsageError for a path that is not there, DataError for a broken file that was
    named, for a table without a needed column, and when nothing at all can be used.
    """
    reader = _MarketReader()
    for file in all_files(paths):
        with bad_file_left_out(file, reader.bad):
            reader.read(read_document(file.path))
    return reader.result(paths)


class _MarketReader:
    """Collects markets and the titles of their events, which may stand in another file."""

    def __init__(self) -> None:
        self.bad: list[BadRecord] = []
        self._facts: list[MarketFacts] = []
        self._titles: dict[str, str] = {}

    def read(self, document: Document) -> None:
        """Take every market of one file."""
        if document.kind is Format.CSV:
            for row in _rows(document, ("ticker", "event_ticker")):
                self._take(row)
            return
        for value in list(document.values()):
            if b'"bookmakers"' in value.raw:
                raise _is_odds(document)
            for record in value.items() if value.is_list else (value,):
                self._take_parts(document, record)

    def _take_parts(self, document: Document, record: Value) -> None:
        origin = document.origin(record.line)
        try:
            for part in parts(_checked(document, record)):
                self._take_part(document, part)
        except DataError as error:
            self._leave_out(origin, error.what)

    def _take_part(self, document: Document, part: Part) -> None:
        """One market or event; a part that cannot be read costs that part."""
        origin = document.origin(part.value.line)
        try:
            row = _Row(_plain(part.value, origin), origin)
            if part.what is What.MARKET:
                self._take(row)
            elif part.what is What.EVENT:
                self._titles[row.needed("event_ticker")] = row.text("title")
        except DataError as error:
            self._leave_out(origin, error.what)

    def _take(self, row: _Row) -> None:
        try:
            self._facts.append(_facts(row))
        except DataError as error:
            self._leave_out(row.origin, f"{error.what}; {error.do}")

    def _leave_out(self, origin: str, problem: str) -> None:
        self.bad.append(bad_record(origin, None, problem.removeprefix(f"{origin}: ")))

    def result(self, paths: Sequence[Path]) -> Markets:
        """What was collected, each market with its event's title where that is known."""
        if self.bad and not self._facts:
            raise none_usable(self.bad, "market")
        if not self._facts:
            raise _empty(paths, "market")
        facts = tuple(
            one
            if one.event_title or not (title := self._titles.get(one.event_ticker))
            else msgspec.structs.replace(one, event_title=title)
            for one in self._facts
        )
        return Markets(facts, tuple(self.bad))


def _facts(row: _Row) -> MarketFacts:
    ticker = row.needed("ticker")
    if "event_ticker" not in row.values:
        raise _missing(row, "event_ticker")
    return MarketFacts(
        ticker=ticker,
        event_ticker=row.text("event_ticker"),
        title=row.text("title"),
        team=row.text("yes_sub_title"),
        event_title=row.text("event_title"),
        rules=row.text("rules_primary"),
    )


def read_odds(paths: Sequence[Path]) -> Events:
    """The odds source's events of the six leagues; other sports are passed over.

    Raises as `read_markets` does, and DataError when no event belongs to one of them.
    """
    files = all_files(paths, JSON_SUFFIXES)
    tables = [file.path for file in files if file.named and _is_table(read_document(file.path))]
    if tables:
        return Events(tuple(_table_events([file.path for file in files])), ())
    answers = odds.read_odds(paths)
    events = tuple(event for snapshot in answers.snapshots for event in snapshot.events)
    if not events:
        skipped = (key for snapshot in answers.snapshots for key in snapshot.skipped)
        raise _no_league(paths, sorted(set(skipped)))
    return Events(events, answers.bad)


def _is_table(document: Document) -> bool:
    """Whether odds are flat rows: an answer's event has an `id`, a row an `event_id`."""
    if document.kind is Format.CSV:
        return True
    value = next(document.values())
    first = next(value.items(), value) if value.is_list else value
    return first.is_object and "sport_key" in (keys := first.members()) and "id" not in keys


def _table_events(files: Sequence[Path]) -> list[OddsEvent]:
    columns = ("event_id", "sport_key", "home_team", "away_team", "commence_time")
    rows = [row for file in files for row in _rows(read_document(file), columns)]
    keyed = [(row.needed("sport_key"), row) for row in rows]
    events = [_event(_GAMES[key], row) for key, row in keyed if key in _GAMES]
    if not events:
        raise _no_league(files, sorted({key for key, _ in keyed}))
    return events


def _no_league(files: Sequence[Path], keys: Sequence[str]) -> DataError:
    return DataError(
        f"{_named(files)}: no event belongs to a league that karb knows; "
        f"sport_key is {_some(keys)}",
        means="nothing can be linked to it",
        do=f"give odds of {_some(list(_GAMES))}",
    )


def read_truth(path: Path) -> list[TruthRow]:
    """The right answers. An empty id, or NONE, says that the event must stay unlinked."""
    rows = _rows(read_document(path), ("kalshi_event_ticker", "odds_event_id"))
    return [_truth(row) for row in rows]


def _event(sport: Sport, row: _Row) -> OddsEvent:
    seen = row.values.get("commence_times_seen")
    times = seen if isinstance(seen, list) else row.text("commence_times_seen").split(";")
    return OddsEvent(
        id=row.needed("event_id"),
        league=sport.league,
        kind=sport.kind,
        home=row.needed("home_team"),
        away=row.needed("away_team"),
        start=_time(row.needed("commence_time"), row.origin),
        starts_seen=tuple(_time(str(at).strip(), row.origin) for at in times if str(at).strip()),
        preseason=sport.preseason,
    )


def _truth(row: _Row) -> TruthRow:
    event_ticker = row.needed("kalshi_event_ticker")
    odds_event_id = row.text("odds_event_id")
    league = row.text("league") or GAME_SERIES.get(series_of(event_ticker), "")
    return TruthRow(
        event_ticker=event_ticker,
        odds_event_id=None if odds_event_id.upper() in ("", "NONE") else odds_event_id,
        league=str(league),
        kind=row.text("kind") or MATCH,
    )


def _time(text: str, origin: str) -> Nanos:
    """A start, in nanoseconds; it must have its zone."""
    try:
        return parse_time(text)
    except DataError as error:
        raise DataError(
            f"{origin}: {text!r} is not a time with its zone, such as 2025-11-16T18:00:00Z",
            means="a game could be put on the wrong day, so nothing was linked",
            do="mend that record",
        ) from error


def _rows(document: Document, needed: Sequence[str]) -> list[_Row]:
    """Every record of a table; DataError when there is none or a needed column is missing."""
    rows = [_Row(values, document.origin(line)) for line, values in _records(document)]
    if not rows:
        raise _empty([document.path], "row")
    for row in rows:
        for column in needed:
            if column not in row.values:
                raise _missing(row, column)
    return rows


def _records(document: Document) -> Iterator[tuple[int, Mapping[str, object]]]:
    if document.kind is Format.CSV:
        yield from document.rows()
        return
    for value in document.values():
        for record in value.items() if value.is_list else (value,):
            origin = document.origin(record.line)
            yield record.line, _plain(_checked(document, record), origin)


def _plain(value: Value, origin: str) -> Mapping[str, object]:
    """A record as Python's values; DataError when it cannot be, or names a key twice."""
    if has_hidden_keys(value.raw) or any(value.raw.count(key) > 1 for key in _ONCE):
        refuse_repeated_keys(value.raw, origin)
    try:
        return value.plain()
    except DataError as error:
        raise DataError(
            f"{origin}: {error.what}", means=error.means, do="mend or remove that record"
        ) from error


def _checked(document: Document, record: Value) -> Value:
    if not record.is_object:
        raise DataError(
            f"{document.origin(record.line)}: a JSON object was expected for each record",
            means="nothing was linked",
            do="give a list of objects, or one object a line",
        )
    return record


def _missing(row: _Row, column: str) -> DataError:
    near = get_close_matches(column, row.values, n=1)
    hint = f"rename {near[0]!r} to {column!r}" if near else f"add {column!r} to every record"
    return DataError(
        f"{row.origin}: there is no {column!r}; there is {_some(list(row.values))}",
        means="nothing was linked",
        do=hint,
    )


def _empty(paths: Sequence[Path], what: str) -> DataError:
    return DataError(
        f"{_named(paths)}: there is no {what} in it",
        means="there is nothing to link",
        do="export it again, or give other files",
    )


def _is_odds(document: Document) -> DataError:
    return DataError(
        f"{document.path}: this holds sportsbook odds, where Kalshi markets were expected",
        means="nothing in it was used",
        do="give it with --odds",
    )


def _named(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name[:60]) for name in names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown
