"""The exchange's REST answers with candlesticks, of one market or of several."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from karb.sim.candles import PERIODS, Candle, Span
from karb.sim.catalog import Catalog
from karb.sim.paging import Query, RefusedError, flag, whole
from karb.sim.refusals import NOT_FOUND, bad_request
from karb.sim.routes import Answer, Route
from karb.sim.units import contracts, dollars

_MOST_MARKETS, _MOST_CANDLES = 100, 10_000
_EVER = 1 << 40
_SPAN = ("open_dollars", "low_dollars", "high_dollars", "close_dollars")


class CandleRest:
    """Anybody may read them."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def routes(self) -> list[Route]:
        """Both paths."""
        return [
            Route("/series/{series}/markets/{ticker}/candlesticks", self.one),
            Route("/markets/candlesticks", self.several),
        ]

    def one(self, request: web.Request) -> Answer:
        """A market's, where it is of the series."""
        ticker, series = request.match_info["ticker"], request.match_info["series"]
        found = [row for row in self._catalog.markets() if row.key == ticker]
        if not found or found[0].series != series:
            raise RefusedError(NOT_FOUND)
        return {"ticker": ticker, "candlesticks": self._candles(ticker, request.query)}

    def several(self, request: web.Request) -> Answer:
        """Those of several markets; unknown ones are left out."""
        tickers = [each for each in request.query.get("market_tickers", "").split(",") if each]
        if not 1 <= len(tickers) <= _MOST_MARKETS:
            raise RefusedError(bad_request(f"market_tickers: 1 to {_MOST_MARKETS} are required"))
        known = {row.key for row in self._catalog.markets()}
        found = {
            ticker: self._candles(ticker, request.query)
            for ticker in dict.fromkeys(tickers)
            if ticker in known
        }
        if sum(map(len, found.values())) > _MOST_CANDLES:
            raise RefusedError(bad_request(f"more than {_MOST_CANDLES} candlesticks"))
        return {
            "markets": [
                {"market_ticker": ticker, "candlesticks": candles}
                for ticker, candles in found.items()
            ]
        }

    def _candles(self, ticker: str, query: Query) -> Sequence[Answer]:
        start = whole(query, "start_ts", None, least=0, most=_EVER)
        end = whole(query, "end_ts", None, least=0, most=_EVER)
        period = whole(query, "period_interval", None, least=1, most=max(PERIODS))
        if period not in PERIODS:
            raise RefusedError(bad_request(f"period_interval must be one of: {list(PERIODS)}"))
        kept = self._catalog.candles(ticker, period)
        shown = [_answer(each) for each in kept if start <= each.end <= end]
        before = [each for each in kept if each.end < start]
        if flag(query, "include_latest_before_start") and before:
            return [_carried(before[-1], start, period), *shown]
        return shown


def _answer(candle: Candle) -> dict[str, Any]:
    price: dict[str, str | None] = dict.fromkeys((*_SPAN, "mean_dollars"))
    if candle.price is not None:
        mean = dollars(round(candle.cost / candle.volume))
        price = {**_span(candle.price), "mean_dollars": mean}
    return {
        "end_period_ts": candle.end,
        "yes_bid": _span(candle.bid),
        "yes_ask": _span(candle.ask),
        "price": {**price, "previous_dollars": _told(candle.previous)},
        "volume_fp": contracts(candle.volume),
        "open_interest_fp": contracts(candle.interest),
    }


def _carried(last: Candle, start: int, period: int) -> dict[str, Any]:
    """The last candlestick before the start, at the first boundary after it: nothing traded."""
    length = period * 60
    bid, ask = last.bid.close, last.ask.close
    return _answer(
        Candle(
            end=(start // length + 1) * length,
            bid=Span(bid, bid, bid, bid),
            ask=Span(ask, ask, ask, ask),
            previous=last.previous if last.price is None else last.price.close,
            interest=last.interest,
        )
    )


def _span(span: Span) -> dict[str, str]:
    prices: Sequence[int] = (span.open, span.low, span.high, span.close)
    return dict(zip(_SPAN, map(dollars, prices), strict=True))


def _told(price: int | None) -> str | None:
    return None if price is None else dollars(price)
