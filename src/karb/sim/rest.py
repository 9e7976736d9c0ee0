"""The exchange's REST API of market data: every answer that anybody may read."""

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from karb.sim import filters, paging
from karb.sim.catalog import Catalog
from karb.sim.faults import Armed, Fault
from karb.sim.paging import RefusedError, flag, page, whole
from karb.sim.refusals import NOT_FOUND, bad_request
from karb.sim.routes import Answer, Route, nothing
from karb.sim.units import DAY, YEAR, rfc3339

ROOT = "/trade-api/v2"
_SHARDS = {0: "default", 3: "basketball, baseball, tennis"}
_MOST_BOOKS = 100
_ALL_DAY = [{"open_time": "00:00", "close_time": "00:00"}]
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LIVE = 90 * DAY
"""How far back the lists reach; what is older is historical, and there is none of it here."""


class Rest:
    """All paths. Each handler answers what becomes the JSON body, or raises `RefusedError`."""

    def __init__(self, catalog: Catalog, armed: Armed, now: Callable[[], int]) -> None:
        self._catalog, self._armed, self._now = catalog, armed, now

    def routes(self) -> list[Route]:
        """Every path; where two fit, the first."""
        handlers = {
            "/exchange/status": self.status,
            "/exchange/schedule": self.schedule,
            "/markets": self.markets,
            "/markets/trades": self.trades,
            "/markets/orderbooks": self.orderbooks,
            "/markets/{ticker}": self.market,
            "/markets/{ticker}/orderbook": self.orderbook,
            "/events": self.events,
            "/events/multivariate": nothing("events"),
            "/events/fee_changes": nothing("event_fee_changes"),
            "/events/{ticker}": self.event,
            "/events/{ticker}/metadata": self.metadata,
            "/series": self.all_series,
            "/series/fee_changes": self.fee_changes,
            "/series/{ticker}": self.one_series,
            "/historical/cutoff": self.cutoff,
            "/historical/markets": nothing("markets"),
            "/historical/trades": nothing("trades"),
        }
        return [Route(path, handler) for path, handler in handlers.items()]

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
            "start_time": rfc3339(self._now() - YEAR),
            "end_time": rfc3339(self._now() + YEAR),
        }
        return {"schedule": {"standard_hours": [{**span, **hours}], "maintenance_windows": []}}

    def markets(self, request: web.Request) -> Answer:
        """The markets of a status, series, event or list of tickers, and of a time."""
        rows = filters.markets(self._catalog.markets(), request.query)
        return paging.listed("markets", rows, request.query, default=100, most=1_000)

    def market(self, request: web.Request) -> Answer:
        """One market."""
        return {"market": paging.one(self._catalog.markets(), request.match_info["ticker"])}

    def trades(self, request: web.Request) -> Answer:
        """The newest trades, the last one first."""
        query = request.query
        rows = self._catalog.trades()
        if ticker := query.get("ticker"):
            rows = [row for row in rows if row.ticker == ticker]
        earliest = whole(query, "min_ts", 0, least=0, most=1 << 40)
        latest = whole(query, "max_ts", 1 << 40, least=0, most=1 << 40)
        rows = [row for row in rows if earliest <= row.at <= latest]
        if flag(query, "is_block_trade"):
            rows = []  # Nobody trades in blocks here.
        return paging.listed("trades", rows, query, default=100, most=1_000)

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
        rows = filters.events(rows, query)
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
        body = paging.one(self._catalog.events(nested=nested), request.match_info["ticker"])
        if nested:
            return {"event": body}
        ticker = request.match_info["ticker"]
        beside = [row.body for row in self._catalog.markets() if row.event == ticker]
        return {"event": body, "markets": beside}

    def metadata(self, request: web.Request) -> Answer:
        """Who settles an event, and of which competition it is; there are no pictures."""
        ticker = request.match_info["ticker"]
        event = msgspec.to_builtins(paging.one(self._catalog.events(nested=False), ticker))
        beside = [row.key for row in self._catalog.markets() if row.event == ticker]
        empty = {"image_url": "", "color_code": ""}
        return {
            "image_url": "",
            "settlement_sources": event.get("settlement_sources") or [],
            "market_details": [{"market_ticker": each, **empty} for each in beside],
            **(event.get("product_metadata") or {}),
        }

    def all_series(self, request: web.Request) -> Answer:
        """Every series of a category."""
        category = request.query.get("category", "Sports")
        return {
            "series": [row.body for row in self._catalog.series()] if category == "Sports" else []
        }

    def one_series(self, request: web.Request) -> Answer:
        """One series."""
        return {"series": paging.one(self._catalog.series(), request.match_info["ticker"])}

    def fee_changes(self, _: web.Request) -> Answer:
        """No fee is about to change."""
        return {"series_fee_change_arr": []}

    def cutoff(self, _: web.Request) -> Answer:
        """From when on the lists are complete."""
        at = rfc3339((self._now() - _LIVE) // DAY * DAY)
        kinds = ("market_settled", "trades_created", "orders_updated")
        return {f"{kind}_ts": at for kind in (*kinds, "market_positions_last_updated")}
