"""Reads what an audit of the mapping needs: markets, odds events and a truth, as tables.

Each is a CSV file with a header, a JSON list of objects or JSON lines, plain or gzip. A
column that is needed and missing is named, with the nearest that is there; columns that are
not needed are passed over, so that a whole export can be given.

| table  | columns needed                                           | used where given    |
|--------|----------------------------------------------------------|---------------------|
| kalshi | ticker, event_ticker, title, yes_sub_title               | event_title,        |
|        |                                                          | rules_primary       |
| odds   | event_id, sport_key, home_team, away_team, commence_time | commence_times_seen |
| truth  | kalshi_event_ticker, odds_event_id                       | league, kind        |

`commence_times_seen` holds times with `;` between them. An `odds_event_id` that is empty or
NONE says that the event has no counterpart.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import msgspec

from karb.adapters.files.opening import Document, Format, Value, read_document
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

_objects = msgspec.json.Decoder(dict[str, object])


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
                f"{self.origin}: {column} is {value!r}, where text was expected",
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


def read_markets(path: Path) -> list[MarketFacts]:
    """The exchange's markets, in the order of the file, repeated ones included."""
    return [
        MarketFacts(
            ticker=row.needed("ticker"),
            event_ticker=row.text("event_ticker"),
            title=row.text("title"),
            team=row.text("yes_sub_title"),
            event_title=row.text("event_title"),
            rules=row.text("rules_primary"),
        )
        for row in _rows(path, ("ticker", "event_ticker", "title", "yes_sub_title"))
    ]


def read_odds(path: Path) -> list[OddsEvent]:
    """The odds source's games of the six leagues; other sports are passed over.

    Raises DataError when no row at all belongs to one of them.
    """
    columns = ("event_id", "sport_key", "home_team", "away_team", "commence_time")
    rows = [(row.needed("sport_key"), row) for row in _rows(path, columns)]
    events = [_event(_GAMES[key], row) for key, row in rows if key in _GAMES]
    if not events:
        keys = sorted({key for key, _ in rows})
        raise DataError(
            f"{path}: no event belongs to a league that karb knows; sport_key is {_some(keys)}",
            means="nothing can be linked to it",
            do=f"give odds of {_some(list(_GAMES))}",
        )
    return events


def read_truth(path: Path) -> list[TruthRow]:
    """The right answers. An empty id, or NONE, says that the event must stay unlinked."""
    rows = _rows(path, ("kalshi_event_ticker", "odds_event_id"))
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


def _rows(path: Path, needed: Sequence[str]) -> list[_Row]:
    """Every record of a file; DataError when there is none or a needed column is missing."""
    document = read_document(path)
    rows = [_Row(values, document.origin(line)) for line, values in _records(document)]
    if not rows:
        raise DataError(
            f"{path}: the file has no rows",
            means="there is nothing to link",
            do="export it again",
        )
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
            yield record.line, _object(document, record)


def _object(document: Document, record: Value) -> dict[str, object]:
    if not record.is_object:
        raise DataError(
            f"{document.origin(record.line)}: a JSON object was expected for each record",
            means="nothing was linked",
            do="give a list of objects, or one object a line",
        )
    return _objects.decode(record.raw)


def _missing(row: _Row, column: str) -> DataError:
    near = get_close_matches(column, row.values, n=1)
    hint = f"rename {near[0]!r} to {column!r}" if near else f"add the column {column!r}"
    return DataError(
        f"{row.origin}: there is no {column!r}; there is {_some(list(row.values))}",
        means="nothing was linked",
        do=hint,
    )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown
