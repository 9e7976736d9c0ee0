"""When a record was taken, from what it says itself or from the name of its file.

Quotes meet odds by time, so a time is never guessed: one without a zone is refused, and
"now" or the file's modification time never stand in.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import msgspec

from karb.domain.units import SECOND, Nanos
from karb.errors import DataError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EARLIEST: Nanos = 946_684_800 * SECOND  # 2000-01-01
_LATEST: Nanos = 4_102_444_800 * SECOND  # 2100-01-01

_NUMBER = re.compile(r"\d{9,19}(?:\.\d{1,9})?", re.ASCII)
_UNITS = ((10**11, SECOND), (10**14, 10**6), (10**17, 10**3), (10**20, 1))
"""Epoch numbers below the first figure are seconds, then milli-, micro- and nanoseconds."""

_STAMP = re.compile(
    r"(?<!\d)(\d{4})-?(\d\d)-?(\d\d)[T_ -]?(\d\d)[-_:h]?(\d\d)(?:[-_:m]?(\d\d))?(?:\.\d+)?Z",
    re.ASCII,
)


def capture_time(raw: bytes) -> Nanos:
    """A JSON value as a time: ISO 8601 with a zone, or epoch s, ms, us or ns.

    `"2025-11-15 21:55:23.042964-05"`, `"2025-11-16T02:55:23Z"`, `1763261723`. Raises
    DataError when it is none of these or lies outside the years 2000 to 2099.
    """
    try:
        text = msgspec.json.decode(raw, type=str) if raw.startswith(b'"') else raw.decode()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"the capture time cannot be read: {error}") from error
    return parse_time(text)


@lru_cache(maxsize=4096)
def parse_time(text: str) -> Nanos:
    """The same for a text, such as a field of a CSV row."""
    at = _epoch(text) if _NUMBER.fullmatch(text) else _iso(text)
    if not _EARLIEST <= at < _LATEST:
        raise DataError(f"the capture time {text[:40]!r} is not in the years 2000 to 2099")
    return at


def name_stamp(path: Path) -> Nanos | None:
    """The UTC time in a file's name, such as `nfl_20251115T165749Z.json.gz`; None without one.

    Dashes, colons and underscores may stand between the parts; the `Z` must be there,
    because a stamp without it may be anybody's local time.
    """
    if (found := _STAMP.search(path.name)) is None:
        return None
    try:
        stamp = datetime(*(int(part or 0) for part in found.groups()), tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError:
        return None
    return _nanos(stamp)


def _epoch(text: str) -> Nanos:
    number = Decimal(text)
    unit = next(unit for below, unit in _UNITS if number < below)
    return int(number * unit)


def _iso(text: str) -> Nanos:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"the capture time {text[:40]!r} is no time") from error
    if time.utcoffset() is None:
        raise DataError(f"the capture time {text[:40]!r} has no zone; add Z or an offset")
    return _nanos(time)


def _nanos(time: datetime) -> Nanos:
    return (time - _EPOCH) // _MICROSECOND * 1_000
