"""The exchange's REST API: every answer a client of market data and of an account reads."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web

from karb.sim.auth import Account
from karb.sim.catalog import Catalog, Row
from karb.sim.faults import Armed, Fault
from karb.sim.paging import Query, RefusedError, flag, page, whole, with_status
from karb.sim.refusals import NOT_FOUND, bad_request
from karb.sim.units import SECOND, rfc3339

ROOT = "/trade-api/v2"
_CASH = "10000.0000"
_SHARDS = {0: "default", 3: "basketball, baseball, tennis"}
_MOST_BOOKS = 100
_ALL_DAY = [{"open_time": "00:00", "close_time": "00:00"}]
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_YEAR = 365 * 24 * 3_600 * SECOND

Answer = Mapping[str, object]
Handler = Callable[[web.Request], Answer]


class Rest:
    """All paths. Each handler answers what becomes the JSON body, or raises `RefusedError`."""

    def __init__(
        self, catalog: Catalog, account: Account, armed: Armed, now: Callable[[], int]
    ) -> None:
        self._catalog, self._account, self._armed, self._now = catalog, account, armed, now

    def public(self) -> dict[str, Handler]:
        """What anybody may ask for."""
        return {
            "/exchange/status": self.status,
            "/exchange/schedule": self.schedule,
            "/markets": self.markets,
            "/markets/trades": self.trades,
            "/markets/orderbooks": self.orderbooks,
            "/markets/{ticker}": self.market,
            "/markets/{ticker}/orderbook": self.orderbook,
            "/events": self.events,
            "/events/{ticker}": self.event,
            "/series": self.all_series,
            "/series/fee_changes": self.fee_changes,
            "/series/{ticker}": self.one_series,
            "/milestones": self.milestones,
        }

    def private(self) -> dict[str, Handler]:
        """What only the account's key may ask for."""
        return {
            "/account/limits": self.limits,
            "/api_keys": self.api_keys,
            "/portfolio/balance": self.balance,
            "/portfolio/positions": self.positions,
            "/portfolio/fills": self.nothing("fills"),
            "/portfolio/orders": self.nothing("orders"),
            "/portfolio/settlements": self.nothing("settlements"),
        }

    def status(self, _: web.Request) -> Answer:
        """Whether the exchange is there and trades."""
        up = Fault.MAINTENANCE not in self._armed.holding
        return {
            "exchange_active": up,
            "trading_active": up,
            "intra_exchange_transfers_active": up,
            "exchange_index_statuses": [
                {
                    "exchange_index": index,
                    "description": description,
                    "exchange_active": up,
                    "trading_active": up,
                    "intra_exchange_transfers_active": up,
                }
                for index, description in _SHARDS.items()
            ],
        }

    def schedule(self, _: web.Request) -> Answer:
        """Open all week, but for Thursday's maintenance."""
        hours: dict[str, Any] = dict.fromkeys(_DAYS, _ALL_DAY)
        hours["thursday"] = [
            {"open_time": "00:00", "close_time": "03:00"},
            {"open_time": "05:00", "close_time": "00:00"},
        ]
        span = {
            "start_time": rfc3339(self._now() - _YEAR),
            "end_time": rfc3339(self._now() + _YEAR),
        }
        return {"schedule": {"standard_hours": [{**span, **hours}], "maintenance_windows": []}}

    def markets(self, request: web.Request) -> Answer:
        """The markets of a status, series, event or list of tickers."""
        query = request.query
        rows = with_status(self._catalog.markets(), query)
        return _listed("markets", _of(rows, query), query, default=100, most=1_000)

    def market(self, request: web.Request) -> Answer:
        """One market."""
        return {"market": _one(self._catalog.markets(), request)}

    def trades(self, request: web.Request) -> Answer:
        """The newest trades, the last one first."""
        query = request.query
        rows = self._catalog.trades()
        if ticker := query.get("ticker"):
            rows = [row for row in rows if row.ticker == ticker]
        earliest = whole(query, "min_ts", 0, least=0, most=1 << 40)
        latest = whole(query, "max_ts", 1 << 40, least=0, most=1 << 40)
        rows = [row for row in rows if earliest <= row.at <= latest]
        return _listed("trades", rows, query, default=100, most=1_000)

    def orderbook(self, request: web.Request) -> Answer:
        """One order book."""
        depth = whole(request.query, "depth", 0, least=0, most=100)
        book = self._catalog.orderbook(request.match_info["ticker"], depth, named=False)
        if book is None:
            raise RefusedError(NOT_FOUND)
        body: Answer = msgspec.to_builtins(book)
        return body

    def orderbooks(self, request: web.Request) -> Answer:
        """Several order books; unknown tickers are left out."""
        tickers = request.query.getall("tickers", [])
        if not 1 <= len(tickers) <= _MOST_BOOKS:
            raise RefusedError(bad_request(f"tickers: 1 to {_MOST_BOOKS} are required"))
        books = [self._catalog.orderbook(ticker, 0, named=True) for ticker in tickers]
        return {"orderbooks": [book for book in books if book is not None]}

    def events(self, request: web.Request) -> Answer:
        """The events of a status or series."""
        query = request.query
        rows = self._catalog.events(nested=flag(query, "with_nested_markets"))
        rows = _of(with_status(rows, query), query)
        shown, cursor = page(rows, query, default=200, most=200)
        answer = {"events": [row.body for row in shown], "cursor": cursor}
        if flag(query, "with_milestones"):
            keys = {row.key for row in shown}
            found = [row.body for row in self._catalog.milestones() if row.event in keys]
            return {**answer, "milestones": found}
        return answer

    def event(self, request: web.Request) -> Answer:
        """One event, its markets inside or beside it."""
        nested = flag(request.query, "with_nested_markets")
        body = _one(self._catalog.events(nested=nested), request)
        if nested:
            return {"event": body}
        ticker = request.match_info["ticker"]
        beside = [row.body for row in self._catalog.markets() if row.event == ticker]
        return {"event": body, "markets": beside}

    def all_series(self, request: web.Request) -> Answer:
        """Every series of a category."""
        category = request.query.get("category", "Sports")
        return {
            "series": [row.body for row in self._catalog.series()] if category == "Sports" else []
        }

    def one_series(self, request: web.Request) -> Answer:
        """One series."""
        return {"series": _one(self._catalog.series(), request)}

    def fee_changes(self, _: web.Request) -> Answer:
        """No fee is about to change."""
        return {"series_fee_change_arr": []}

    def milestones(self, request: web.Request) -> Answer:
        """Games with their starts."""
        query = request.query
        if "limit" not in query:
            raise RefusedError(bad_request("limit is required"))
        rows = self._catalog.milestones()
        if query.get("category", "Sports") != "Sports":
            rows = []
        if kind := query.get("type"):
            rows = [row for row in rows if row.kind == kind]
        if event := query.get("related_event_ticker"):
            rows = [row for row in rows if row.event == event]
        if earliest := query.get("minimum_start_date"):
            rows = [row for row in rows if row.at >= _moment(earliest)]
        return _listed("milestones", rows, query, default=100, most=500)

    def limits(self, _: web.Request) -> Answer:
        """The Basic tier's."""
        return {
            "usage_tier": "basic",
            "read": {"bucket_capacity": 200, "refill_rate": 200},
            "write": {"bucket_capacity": 100, "refill_rate": 100},
            "grants": [],
        }

    def api_keys(self, _: web.Request) -> Answer:
        """The one key."""
        key = {"api_key_id": self._account.key_id, "name": "sim", "scopes": ["read", "write"]}
        return {
            "api_keys": [key],
            "api_key_region_expiration_ts": (self._now() + _YEAR) // SECOND,
        }

    def balance(self, _: web.Request) -> Answer:
        """The account's cash."""
        return {
            "balance": 1_000_000,
            "balance_dollars": _CASH,
            "balance_breakdown": [{"balance": _CASH, "exchange_index": 0}],
            "portfolio_value": 0,
            "updated_ts": self._now() // SECOND,
        }

    def positions(self, _: web.Request) -> Answer:
        """None yet."""
        return {"market_positions": [], "event_positions": [], "cursor": ""}

    def nothing(self, name: str) -> Handler:
        """A list that has nothing in it yet."""

        def handler(_: web.Request) -> Answer:
            return {name: [], "cursor": ""}

        return handler


def _listed(name: str, rows: list[Row], query: Query, *, default: int, most: int) -> Answer:
    shown, cursor = page(rows, query, default=default, most=most)
    return {name: [row.body for row in shown], "cursor": cursor}


def _of(rows: list[Row], query: Query) -> list[Row]:
    """The rows of a series, of an event, and of a list of tickers."""
    if series := query.get("series_ticker"):
        rows = [row for row in rows if row.series == series]
    if event := query.get("event_ticker"):
        rows = [row for row in rows if row.event == event]
    if tickers := frozenset(each for each in query.get("tickers", "").split(",") if each):
        rows = [row for row in rows if row.key in tickers]
    return rows


def _one(rows: list[Row], request: web.Request) -> object:
    wanted = request.match_info["ticker"]
    for row in rows:
        if row.key == wanted:
            return row.body
    raise RefusedError(NOT_FOUND)


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise RefusedError(bad_request("minimum_start_date is not RFC 3339")) from None
