"""The offline exchange's candlesticks: exactly what its trades and prices were."""

import asyncio
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from karb.sim.candles import DAY, HOUR, MINUTE, Candles
from karb.sim.units import SECOND
from karb.sim.venue import Venue
from sim_client import get
from sim_judge import OPENING, Hands
from sim_look import SMALL, at_venue, body

BUSY = msgspec.structs.replace(SMALL, changes_per_second=500.0)
START = OPENING // SECOND


def test_a_candle_is_what_was_traded_and_quoted_in_its_minute() -> None:
    candles = Candles()
    candles.quoted(4_700, 4_900, 500, 60)
    candles.traded(4_900, 300, 61)
    candles.traded(4_800, 100, 119)
    candles.quoted(4_600, 4_800, 700, 119)
    candles.quoted(4_500, 4_700, 700, 120)
    first, second = candles.of(MINUTE)
    assert first.end == 120
    assert first.price is not None
    spans = [(each.open, each.low, each.high, each.close) for each in (first.bid, first.price)]
    assert spans == [(4_700, 4_600, 4_700, 4_600), (4_900, 4_800, 4_900, 4_800)]
    assert (first.volume, first.cost, first.interest, first.previous) == (400, 1_950_000, 700, None)
    assert (second.end, second.price, second.previous, second.volume) == (180, None, 4_800, 0)
    assert [len(candles.of(period)) for period in (HOUR, DAY)] == [1, 1]


def test_candles_of_a_market_add_up_to_its_trades() -> None:
    async def look(venue: Venue, hands: Hands) -> None:
        for _ in range(20):
            hands.move(8)
            await asyncio.sleep(0.03)
        venue.pause()
        trades = (await body(venue, "/markets/trades?limit=1000"))["trades"]
        ticker = trades[0]["ticker"]
        own = (await body(venue, f"/markets/trades?ticker={ticker}&limit=1000"))["trades"]
        told = (await body(venue, _path(ticker, "period_interval=1")))["candlesticks"]
        assert len(told) >= 3
        assert sum(Decimal(each["volume_fp"]) for each in told) == sum(
            Decimal(each["count_fp"]) for each in own
        )
        assert told[-1]["price"]["close_dollars"] or told[-1]["price"]["previous_dollars"]
        ends = [each["end_period_ts"] for each in told]
        assert ends == sorted(ends)
        assert all(end % 60 == 0 for end in ends)
        later = _path(ticker, "period_interval=1&include_latest_before_start=true", START + 100)
        carried, *shown = (await body(venue, later))["candlesticks"]
        assert carried["price"]["open_dollars"] is None
        assert carried["end_period_ts"] <= shown[0]["end_period_ts"]
        batch = f"/markets/candlesticks?market_tickers={ticker},NONE&{_range(START)}"
        several = (await body(venue, f"{batch}&period_interval=1"))["markets"]
        assert several == [{"market_ticker": ticker, "candlesticks": told}]

    at_venue(look, BUSY)


def _path(ticker: str, query: str, start: int = START) -> str:
    series = ticker.partition("-")[0]
    return f"/series/{series}/markets/{ticker}/candlesticks?{_range(start)}&{query}"


def _range(start: int) -> str:
    return f"start_ts={start}&end_ts={START + 10_000}"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/series/KXNFLGAME/markets/NONE/candlesticks", 404),
        ("/markets/candlesticks?start_ts=1&end_ts=2&period_interval=1", 400),
        ("/markets/candlesticks?market_tickers=X&start_ts=1&end_ts=2&period_interval=1", 200),
    ],
)
def test_what_cannot_be_drawn(path: str, status: int) -> None:
    async def look(venue: Venue, _: Hands) -> None:
        assert (await get(venue.rest_url + path)).status == status

    at_venue(look, SMALL)


@pytest.mark.parametrize(
    "query", ["", "start_ts=1&end_ts=2", "start_ts=1&end_ts=2&period_interval=5"]
)
def test_a_range_and_one_of_three_lengths_are_required(query: str) -> None:
    async def look(venue: Venue, _: Hands) -> None:
        ticker: Any = venue.tickers[0]
        series = ticker.partition("-")[0]
        path = f"/series/{series}/markets/{ticker}/candlesticks?{query}"
        assert (await get(venue.rest_url + path)).body["code"] == "bad_request"
        other = f"/series/KXOTHER/markets/{ticker}/candlesticks?{query}"
        assert (await get(venue.rest_url + other)).status == 404

    at_venue(look, SMALL)
