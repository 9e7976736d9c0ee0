"""What recorded answers are listed under: their names and times, checked when they are read."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from karb.sim.catalog import Row, Times
from karb.sim.recorded_files import RecordedError

Json = dict[str, Any]
_OPEN = "active"
"""What is recorded without a status was open: events have none of their own."""
_COMBO = "KXMVE"


def market_row(body: Json) -> Row:
    """A market."""
    ticker = name_of(body, "ticker", "a market")
    event = _text(body, "event_ticker")
    return Row(
        ticker,
        body,
        event=event,
        series=_text(body, "series_ticker") or event.partition("-")[0],
        ticker=ticker,
        status=_text(body, "status") or _OPEN,
        times=Times(
            created=_moment(body, "created_time"),
            closes=_moment(body, "close_time"),
            settled=_moment(body, "settlement_ts"),
            updated=_moment(body, "updated_time"),
        ),
        combo=ticker.startswith(_COMBO),
    )


def event_row(body: Json, markets: Sequence[Row]) -> Row:
    """An event without the markets that it came with."""
    ticker = name_of(body, "event_ticker", "an event")
    closing = [row.times.closes for row in markets if row.times.closes is not None]
    return Row(
        ticker,
        {name: value for name, value in body.items() if name != "markets"},
        event=ticker,
        series=_text(body, "series_ticker") or ticker.partition("-")[0],
        ticker=ticker,
        status=_text(body, "status") or _OPEN,
        times=Times(closes=max(closing, default=None), updated=_moment(body, "last_updated_ts")),
        combo=ticker.startswith(_COMBO),
    )


def series_row(body: Json) -> Row:
    """A series."""
    return Row(name_of(body, "ticker", "a series"), body)


def milestone_row(body: Json) -> Row:
    """A game; the first event that it decides is the one it is found by."""
    key, start = name_of(body, "id", "a milestone"), _moment(body, "start_date")
    if start is None:
        raise RecordedError(f"milestone {key} has no start_date")
    events = body.get("primary_event_tickers") or [""]
    return Row(
        key,
        body,
        event=str(events[0]),
        kind=_text(body, "type"),
        at=start,
        times=Times(updated=_moment(body, "last_updated_ts")),
    )


def name_of(body: Json, key: str, what: str) -> str:
    """The field that a record is known by; `RecordedError` when there is none."""
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise RecordedError(f"{what} has no {key}")
    return value


def objects(value: object, name: str) -> Iterator[Json]:
    """One object, or a list of them; none for null."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    for each in values:
        if not isinstance(each, dict):
            raise RecordedError(f"{name} holds something that is not an object")
        yield each


def _text(body: Json, key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""


def _moment(body: Json, key: str) -> int | None:
    """A time of an answer in seconds; None where there is none."""
    value = body.get(key)
    if value is None or value == "":
        return None
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        raise RecordedError(f"{key} is no time: {value!r}") from None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
