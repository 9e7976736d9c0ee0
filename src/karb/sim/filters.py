"""What lists can be filtered by; what the exchange does not allow together is refused.

A status is one of the words of requests, which are not those of answers. Filters by time come
in pairs (`min_close_ts`, `max_close_ts`), only one pair at a time, and each beside certain
statuses only: open markets cannot be asked for by the time of their close.
"""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from karb.sim.catalog import Row
from karb.sim.paging import Query, RefusedError, whole
from karb.sim.refusals import BAD_STATUS, bad_request

_MARKET_WORDS = {
    "unopened": ("initialized",),
    "open": ("active",),
    "paused": ("inactive",),
    "closed": ("closed", "determined", "disputed", "amended"),
    "settled": ("finalized",),
}
_EVENT_WORDS = {word: _MARKET_WORDS[word] for word in ("unopened", "open", "closed", "settled")}
_EVER = 1 << 40


class Pair(NamedTuple):
    """Two filters by one time, and the statuses (empty: none) that may stand beside them."""

    name: str
    time: str
    statuses: tuple[str, ...]

    @property
    def names(self) -> tuple[str, str]:
        """As the query names them."""
        return f"min_{self.name}_ts", f"max_{self.name}_ts"


_PAIRS = (
    Pair("created", "created", ("unopened", "open", "")),
    Pair("close", "closes", ("closed", "")),
    Pair("settled", "settled", ("settled", "")),
    Pair("updated", "updated", ("",)),
)


def markets(rows: Sequence[Row], query: Query) -> list[Row]:
    """The markets that a query asks for."""
    found = _combos(_with_status(rows, query, _MARKET_WORDS), query.get("mve_filter", ""))
    return _at_times(_of(found, query), query)


def events(rows: Sequence[Row], query: Query) -> list[Row]:
    """The events that a query asks for; combos are never among them."""
    found = [row for row in _with_status(rows, query, _EVENT_WORDS) if not row.combo]
    found = _of(found, {name: query.get(name, "") for name in ("series_ticker", "tickers")})
    closes = _bound(query, "min_close_ts", 0)
    found = _between(found, "closes", closes, _EVER) if closes else found
    updated = _bound(query, "min_updated_ts", 0)
    return _between(found, "updated", updated, _EVER) if updated else found


def _with_status(
    rows: Sequence[Row], query: Query, words: Mapping[str, tuple[str, ...]]
) -> list[Row]:
    word = query.get("status", "")
    if not word:
        return list(rows)
    if word not in words:
        raise RefusedError(BAD_STATUS)
    return [row for row in rows if row.status in words[word]]


def _combos(rows: Sequence[Row], wanted: str) -> list[Row]:
    if wanted not in ("", "only", "exclude"):
        raise RefusedError(bad_request("mve_filter must be one of: only exclude"))
    return [row for row in rows if not wanted or row.combo == (wanted == "only")]


def _of(rows: list[Row], query: Query) -> list[Row]:
    """The rows of a series, of an event, and of a list of tickers."""
    if series := query.get("series_ticker"):
        rows = [row for row in rows if row.series == series]
    if event := query.get("event_ticker"):
        rows = [row for row in rows if row.event == event]
    if tickers := frozenset(each for each in query.get("tickers", "").split(",") if each):
        rows = [row for row in rows if row.key in tickers]
    return rows


def _at_times(rows: list[Row], query: Query) -> list[Row]:
    given = [pair for pair in _PAIRS if any(query.get(name) for name in pair.names)]
    if len(given) > 1:
        raise RefusedError(bad_request("timestamp filters are mutually exclusive"))
    for pair in given:
        _allowed(pair, query)
        earliest, latest = pair.names
        # Changes are the one time of which the later bound is included.
        end = _bound(query, latest, _EVER) + (pair.name == "updated")
        rows = _between(rows, pair.time, _bound(query, earliest, -1), end)
    return rows


def _allowed(pair: Pair, query: Query) -> None:
    status = query.get("status", "")
    if status not in pair.statuses:
        raise RefusedError(bad_request(f"{pair.names} cannot be combined with status {status}"))
    if pair.name != "updated":
        return
    combos = query.get("mve_filter", "")
    if query.get("event_ticker") or query.get("tickers") or combos == "only":
        raise RefusedError(bad_request(f"{pair.names} cannot be combined with other filters"))
    if query.get("series_ticker") and combos != "exclude":
        raise RefusedError(bad_request(f"{pair.names} by series require mve_filter=exclude"))


def _bound(query: Query, name: str, default: int) -> int:
    return whole(query, name, default, least=0, most=_EVER)


def _between(rows: list[Row], time: str, after: int, before: int) -> list[Row]:
    """The rows of which the time is known and lies strictly between."""
    of = attrgetter(time)
    known = [(row, of(row.times)) for row in rows]
    return [row for row, at in known if at is not None and after < at < before]
