"""Sportsbook odds from files: answers of The Odds API, each with the time it was true.

The time of a file is the UTC stamp in its name, which is when somebody asked; without one
it is the newest `last_update` inside, which is when the source last looked. Files of many
answers, one a line, date each answer by itself.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from karb.adapters.files.opening import (
    Document,
    Value,
    has_hidden_keys,
    read_document,
    refuse_repeated_keys,
)
from karb.adapters.files.paths import JSON_SUFFIXES, all_files
from karb.adapters.files.records import BadRecord, bad_file_left_out, bad_record, none_usable
from karb.adapters.files.times import name_stamp
from karb.adapters.odds_api.wire import decode_odds
from karb.domain.fair.odds import OddsSnapshot
from karb.domain.units import Nanos
from karb.errors import DataError

__all__ = ["BadRecord", "OddsFiles", "read_odds"]

_PAIRED_KEYS = (
    (b'"name"', b'"price"'),
    (b'"home_team"', b'"away_team"'),
    (b'"commence_time"', b'"bookmakers"'),
)
"""Keys that stand equally often in every answer, unless one of them is repeated."""


class OddsFiles(msgspec.Struct, frozen=True):
    """Every snapshot in time order, the events left out, and how many files were read."""

    snapshots: tuple[OddsSnapshot, ...]
    bad: tuple[BadRecord, ...]
    files: int


def read_odds(paths: Sequence[Path]) -> OddsFiles:
    """Read odds from files and folders (`.json`, `.jsonl`, `.ndjson`, plain or gzip).

    An event that cannot be read is left out and named in `bad`; the rest of its file is
    used. Raises UsageError for a path that is not there, DataError for a file that is no
    answer of The Odds API, and when no file holds an event. Such a file inside a folder is
    left out and named in `bad`.
    """
    snapshots: list[OddsSnapshot] = []
    bad: list[BadRecord] = []
    files = all_files(paths, JSON_SUFFIXES)
    for file in files:
        with bad_file_left_out(file, bad):
            snapshots += _read(read_document(file.path), bad)
    _require_events(snapshots, bad, paths)
    snapshots.sort(key=lambda snapshot: (snapshot.at, snapshot.origin))
    return OddsFiles(tuple(snapshots), tuple(bad), len(files))


def _read(document: Document, bad: list[BadRecord]) -> list[OddsSnapshot]:
    found = (_snapshot(document, value, at, bad) for value, at in _answers(document))
    return [snapshot for snapshot in found if snapshot is not None]


def _answers(document: Document) -> Iterator[tuple[Value, Nanos | None]]:
    """The answers in a file and their times, where the file's name tells one."""
    values = list(document.values())
    if len(values) > 1 and not all(_is_event(value) for value in values):
        for value in values:
            yield value, None
        return
    if len(values) > 1:
        values = [Value(_listed(value.raw for value in values), values[0].line)]
    for value in values:
        yield value, name_stamp(document.path)


def _snapshot(
    document: Document, value: Value, at: Nanos | None, bad: list[BadRecord]
) -> OddsSnapshot | None:
    """One answer, without the events in it that cannot be read; None for an empty answer."""
    origin = document.origin(value.line)
    try:
        return _decode(value.raw, origin, at)
    except DataError as error:
        if b'"ticker"' in value.raw or b'"event_ticker"' in value.raw:
            raise _is_kalshi(document) from error
        events, wrap = _split(value)
        if not events and wrap is not None:
            return None
        good = [event for event in events if _readable(document, event, bad)]
        if not good or wrap is None:
            raise
        return _decode(wrap(event.raw for event in good), origin, at)


def _decode(raw: bytes, origin: str, at: Nanos | None) -> OddsSnapshot:
    unpaired = any(raw.count(one) != raw.count(other) for one, other in _PAIRED_KEYS)
    if unpaired or has_hidden_keys(raw):
        refuse_repeated_keys(raw, origin)
    return decode_odds(raw, origin=origin, at=at)


def _readable(document: Document, event: Value, bad: list[BadRecord]) -> bool:
    origin = document.origin(event.line)
    try:
        # The time of the answer is settled elsewhere; any will do to try one event.
        _decode(_listed([event.raw]), origin, at=0)
    except DataError as error:
        bad.append(bad_record(origin, None, error.what.removeprefix(f"{origin}: ")))
        return False
    return True


def _split(value: Value) -> tuple[list[Value], Callable[[Iterable[bytes]], bytes] | None]:
    """The events of an answer, and how to put some of them together again."""
    if value.is_list:
        return list(value.items()), _listed
    members = value.members() if value.is_object else {}
    data, stamp = members.get("data"), members.get("timestamp")
    if data is None or stamp is None or not data.is_list:
        return [], None
    head = b'{"timestamp": %b, "data": ' % stamp.raw
    return list(data.items()), lambda raws: head + _listed(raws) + b"}"


def _listed(raws: Iterable[bytes]) -> bytes:
    return b"[" + b",\n".join(raws) + b"]"


def _is_event(value: Value) -> bool:
    return value.is_object and b'"sport_key"' in value.raw and b'"data"' not in value.raw


def _is_kalshi(document: Document) -> DataError:
    return DataError(
        f"{document.path}: this holds Kalshi markets, where sportsbook odds were expected",
        means="nothing in it was used",
        do="give it with --kalshi",
    )


def _require_events(
    snapshots: Sequence[OddsSnapshot], bad: Sequence[BadRecord], paths: Sequence[Path]
) -> None:
    if any(snapshot.events or snapshot.skipped for snapshot in snapshots):
        return
    if bad:
        raise none_usable(bad, "event")
    raise DataError(
        f"{', '.join(map(str, paths))}: there is no event in it",
        means="without odds there is no fair price",
        do="ask The Odds API for a league that plays today, or give other files",
    )
