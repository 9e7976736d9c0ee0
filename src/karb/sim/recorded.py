"""Static mode: recorded answers, read once and served as they are.

A file or a folder of JSON files as the two venues answered them: objects with `markets`,
`events`, `series` or `milestones`, one order book (`orderbook_fp`) named after its ticker, lists
of The Odds API's events. What is in none of these shapes refuses the start.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from karb.sim.catalog import Row

Json = dict[str, Any]
_OPEN = "active"
"""What is recorded without a status was open: events have none of their own."""


class RecordedError(Exception):
    """A file that cannot be served; the text says which and why."""


class Recorded:
    """Recorded answers as a catalog, and the recorded odds by sport."""

    def __init__(self, path: Path) -> None:
        self._markets: dict[str, Json] = {}
        self._events: dict[str, Json] = {}
        self._series: dict[str, Json] = {}
        self._milestones: dict[str, Json] = {}
        self._books: dict[str, Json] = {}
        self.odds: dict[str, list[Json]] = {}
        files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not files:
            raise RecordedError(f"there is no .json file in {path}")
        for file in files:
            self._read(file)

    def markets(self) -> list[Row]:
        """Every recorded market, those inside of events too."""
        return [_row(body, body["ticker"]) for body in self._markets.values()]

    def events(self, *, nested: bool) -> list[Row]:
        """Every recorded event."""
        rows = []
        for ticker, body in self._events.items():
            plain = {name: value for name, value in body.items() if name != "markets"}
            inside = [m for m in self._markets.values() if m.get("event_ticker") == ticker]
            rows.append(_row(plain | ({"markets": inside} if nested else {}), ticker))
        return rows

    def series(self) -> list[Row]:
        """Every recorded series."""
        return [Row(ticker, body) for ticker, body in self._series.items()]

    def milestones(self) -> list[Row]:
        """Every recorded milestone."""
        return [_milestone(key, body) for key, body in self._milestones.items()]

    def trades(self) -> list[Row]:
        """None: trades are not served from files."""
        return []

    def orderbook(self, ticker: str, depth: int, *, named: bool) -> object | None:
        """A recorded book, whole whatever the depth."""
        del depth
        book = self._books.get(ticker)
        return book if book is None or not named else {**book, "ticker": ticker}

    def _read(self, file: Path) -> None:
        try:
            content = msgspec.json.decode(file.read_bytes())
        except (OSError, msgspec.DecodeError) as error:
            raise RecordedError(f"{file}: {error}") from error
        if sum(self._take(file, part) for part in _parts(content)) == 0:
            raise RecordedError(f"{file}: neither markets, events, series, a book nor odds")

    def _take(self, file: Path, part: Json) -> bool:
        for event in part.get("events") or []:
            self._events[event["event_ticker"]] = event
            self._keep(event.get("markets") or [])
        self._keep(part.get("markets") or [])
        for series in part.get("series") or []:
            self._series[series["ticker"]] = series
        for milestone in part.get("milestones") or []:
            self._milestones[milestone["id"]] = milestone
        if "orderbook_fp" in part:
            self._books[file.name.removesuffix(".json").removesuffix(".orderbook")] = part
        if "sport_key" in part:
            self.odds.setdefault(part["sport_key"], []).append(part)
        known = {"events", "markets", "series", "milestones", "orderbook_fp", "sport_key"}
        return bool(known & part.keys())

    def _keep(self, markets: list[Json]) -> None:
        self._markets.update({market["ticker"]: market for market in markets})


def _parts(content: object) -> Iterator[Json]:
    """The objects of an answer, also out of the historical wrapper of odds."""
    if isinstance(content, dict) and isinstance(content.get("data"), list | dict):
        content = content["data"]
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, dict):
            yield part


def _row(body: Json, key: str) -> Row:
    event = body.get("event_ticker", "")
    series = body.get("series_ticker") or event.partition("-")[0]
    return Row(
        key, body, event=event, series=series, ticker=key, status=body.get("status") or _OPEN
    )


def _milestone(key: str, body: Json) -> Row:
    events = body.get("primary_event_tickers") or [""]
    kind, at = str(body.get("type", "")), _seconds(body.get("start_date"))
    return Row(key, body, event=events[0], kind=kind, at=at)


def _seconds(text: str | None) -> int:
    return round(datetime.fromisoformat(text).timestamp()) if text else 0
