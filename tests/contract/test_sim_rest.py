"""The offline exchange's REST API: current formats, filters, pages and refusals."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from karb.adapters.kalshi.rest_wire import (
    decode_event,
    decode_market,
    decode_orderbook,
    decode_series,
)
from karb.domain.market.messages import MarketStatus
from karb.sim.units import SECOND, rfc3339
from karb.sim.venue import SimOptions, Venue
from sim_client import API, Answer, get, signed
from sim_judge import OPENING, Hands
from sim_look import at_venue, body


def test_karb_reads_every_market_event_series_and_book() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        listed = (await body(venue, "/markets?limit=1000"))["markets"]
        assert len(listed) == venue.markets == 172
        for raw in listed:
            market = decode_market(msgspec.json.encode(raw), ts=OPENING)
            assert market.status is MarketStatus.ACTIVE
            assert market.quote.yes_bid is not None
            assert market.quote.yes_ask is not None
            assert market.quote.yes_bid < market.quote.yes_ask
            assert market.team_key
            assert market.rules
        assert {raw["price_level_structure"] for raw in listed} == {"linear_cent", "deci_cent"}
        events = (await body(venue, "/events?with_nested_markets=true"))["events"]
        read = [decode_event(msgspec.json.encode(raw), ts=OPENING) for raw in events]
        assert sum(len(event.markets) for event in read) == venue.markets
        series = (await body(venue, "/series?category=Sports"))["series"]
        fees = {each.ticker: each.fee_multiplier for each in map(_series, series)}
        assert len(fees) == 10
        assert (fees["KXMLBGAME"], fees["KXNFLGAME"]) == ("0.5", "1.0")
        ticker = listed[0]["ticker"]
        raw_book = msgspec.json.encode(await body(venue, f"/markets/{ticker}/orderbook"))
        book = decode_orderbook(raw_book, ticker=ticker, ts_recv=OPENING)
        assert {level.price: level.count for level in book.bids} == venue.books()[ticker].yes

    at_venue(look)


def _series(raw: Any) -> Any:
    return decode_series(msgspec.json.encode(raw))


def test_the_two_markets_of_a_game_mirror_each_other() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        for event in (await body(venue, "/events?with_nested_markets=true"))["events"]:
            if "GAME" in event["series_ticker"]:
                middles = [
                    float(market["yes_bid_dollars"]) + float(market["yes_ask_dollars"])
                    for market in event["markets"]
                ]
                assert 1.96 < sum(middles) < 2.04, event["event_ticker"]

    at_venue(look)


def test_most_markets_trade_enough_and_one_game_hardly() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        volumes = [
            float(market["volume_fp"])
            for market in (await body(venue, "/markets?limit=1000"))["markets"]
        ]
        assert sorted(volumes)[:2] == [180.0, 180.0]
        assert sorted(volumes)[2] > 2_000

    at_venue(look)


def test_pages_join_to_the_whole_list() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        whole = (await body(venue, "/markets?limit=1000"))["markets"]
        pages, cursor = [], ""
        while True:
            page = await body(venue, f"/markets?limit=50&cursor={cursor}")
            pages.append([market["ticker"] for market in page["markets"]])
            cursor = page["cursor"]
            if not cursor:
                break
        assert [len(page) for page in pages] == [50, 50, 50, 22]
        assert [ticker for page in pages for ticker in page] == [
            market["ticker"] for market in whole
        ]
        garbled = await body(venue, "/markets?limit=50&cursor=%25%25garbage")
        assert [market["ticker"] for market in garbled["markets"]] == pages[0]

    at_venue(look)


def test_filters() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        nfl = (await body(venue, "/markets?series_ticker=KXNFLGAME&status=open"))["markets"]
        assert len(nfl) == 8
        event = nfl[0]["event_ticker"]
        pair = (await body(venue, f"/markets?event_ticker={event}"))["markets"]
        assert [market["ticker"] for market in pair] == [m["ticker"] for m in nfl[:2]]
        named = (await body(venue, f"/markets?tickers={nfl[2]['ticker']},NONE"))["markets"]
        assert [market["ticker"] for market in named] == [nfl[2]["ticker"]]
        assert (await body(venue, "/markets?status=settled"))["markets"] == []
        one = await body(venue, f"/markets/{nfl[0]['ticker']}")
        assert one["market"]["ticker"] == nfl[0]["ticker"]
        beside = await body(venue, f"/events/{event}")
        assert len(beside["markets"]) == 2
        assert "markets" not in beside["event"]
        inside = await body(venue, f"/events/{event}?with_nested_markets=true")
        assert len(inside["event"]["markets"]) == 2
        books = await body(venue, f"/markets/orderbooks?tickers={nfl[0]['ticker']}&tickers=NONE")
        assert [book["ticker"] for book in books["orderbooks"]] == [nfl[0]["ticker"]]
        shallow = await body(venue, f"/markets/{nfl[0]['ticker']}/orderbook?depth=1")
        assert shallow["orderbook_fp"]["yes_dollars"][-1][0] == nfl[0]["yes_bid_dollars"]
        assert len(shallow["orderbook_fp"]["yes_dollars"]) == 1

    at_venue(look)


def test_milestones_have_the_starts_that_markets_lack() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        path = "/milestones?limit=500&category=Sports&type=baseball_game"
        games = (await body(venue, path))["milestones"]
        assert len(games) == 4
        event = games[0]["related_event_tickers"][0]
        market = (await body(venue, f"/markets?event_ticker={event}"))["markets"][0]
        assert games[0]["start_date"] < market["expected_expiration_time"]
        assert {game["details"]["status"] for game in games} == {"scheduled", "inprogress"}
        later = f"{path}&minimum_start_date=2026-11-26T00:00:00Z"
        assert 0 < len((await body(venue, later))["milestones"]) < 4

    at_venue(look)


def test_trades_are_listed_the_last_one_first() -> None:
    async def look(venue: Venue, hands: Hands) -> None:
        for _ in range(10):
            hands.move(1)
            await asyncio.sleep(0.05)
        trades = (await body(venue, "/markets/trades?limit=20"))["trades"]
        times = [trade["created_time"] for trade in trades]
        assert len(times) == 20
        assert times == sorted(times, reverse=True)
        ticker = trades[0]["ticker"]
        own = (await body(venue, f"/markets/trades?ticker={ticker}"))["trades"]
        assert {trade["ticker"] for trade in own} == {ticker}
        blocks = await body(venue, "/markets/trades?is_block_trade=true")
        assert blocks["trades"] == []
        none = await body(venue, f"/markets/trades?min_ts={hands.at // SECOND + 60}")
        assert none["trades"] == []

    at_venue(look, SimOptions(changes_per_second=500.0))


def test_the_exchange_is_open() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        status = await body(venue, "/exchange/status")
        assert status["exchange_active"]
        assert status["trading_active"]
        hours = (await body(venue, "/exchange/schedule"))["schedule"]["standard_hours"][0]
        assert hours["thursday"][0]["close_time"] == "03:00"
        assert (await body(venue, "/series/fee_changes"))["series_fee_change_arr"] == []
        assert (await body(venue, "/events/fee_changes"))["event_fee_changes"] == []

    at_venue(look)


def test_an_account_is_there_with_nothing_in_it_but_cash() -> None:
    async def look(venue: Venue, hands: Hands) -> None:
        async def own(path: str) -> Answer:
            return await get(venue.rest_url + path, signed(venue, API + path, at=hands.at))

        keys = (await own("/api_keys")).body
        assert keys["api_keys"][0]["api_key_id"] == venue.key_id
        assert keys["api_key_region_expiration_ts"] > hands.at // SECOND
        for name in ("fills", "orders", "settlements"):
            assert (await own(f"/portfolio/{name}")).body == {name: [], "cursor": ""}
        assert (await own("/portfolio/positions")).body["market_positions"] == []
        assert (await own("/portfolio/orders/NONE")).status == 404
        resting = (await own("/portfolio/summary/total_resting_order_value")).body
        assert resting["total_resting_order_value"] == 0
        assert [each["balance"] for each in resting["resting_order_value_breakdown"]] == ["0.0000"]
        told = (await own("/exchange/user_data_timestamp")).body["as_of_time"]
        assert told == rfc3339(hands.at)
        assert (await get(f"{venue.rest_url}/portfolio/orders")).status == 401

    at_venue(look)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/markets/NONE", 404, "not_found"),
        ("/events/NONE", 404, "not_found"),
        ("/series/NONE", 404, "not_found"),
        ("/markets/NONE/orderbook", 404, "not_found"),
        ("/nothing/here", 404, "not_found"),
        ("/markets?status=active", 400, "invalid_status_filter"),
        ("/markets?limit=1001", 400, "bad_request"),
        ("/markets?limit=0", 400, "bad_request"),
        ("/markets?limit=ten", 400, "bad_request"),
        ("/events?limit=201", 400, "bad_request"),
        ("/events?with_nested_markets=yes", 400, "bad_request"),
        ("/milestones", 400, "bad_request"),
        ("/milestones?limit=5&minimum_start_date=soon", 400, "bad_request"),
        ("/markets/orderbooks", 400, "bad_request"),
        ("/markets/trades?min_ts=1.5", 400, "bad_request"),
    ],
)
def test_refusals(path: str, status: int, code: str) -> None:
    async def look(venue: Venue, _: Hands) -> None:
        answer = await get(venue.rest_url + path)
        assert answer.status == status
        assert answer.body.get("error", answer.body)["code"] == code

    at_venue(look, SimOptions(leagues=("NFL",), games_per_league=1, key_kind="ed25519"))


EXAMPLE = Path(__file__).parents[2] / "src" / "karb" / "data" / "example"


def test_recorded_files_are_served_as_they_are() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        market = (await body(venue, "/markets?series_ticker=KXNFLGAME&limit=1"))["markets"][0]
        assert market["ticker"] == "KXNFLGAME-26NOV29CHIGB-CHI"
        assert market["yes_ask_dollars"] == "0.4280"
        event = await body(venue, "/events/KXNFL-27?with_nested_markets=true")
        assert len(event["event"]["markets"]) == 2
        assert (await body(venue, "/series/KXMLBGAME"))["series"]["fee_multiplier"] == 0.5
        book = await body(venue, "/markets/KXNFLGAME-26NOV29CHIGB-GB/orderbook")
        assert book["orderbook_fp"]["yes_dollars"]
        odds = await get(
            f"{venue.odds_url}/v4/sports/americanfootball_nfl/odds"
            f"?apiKey={venue.odds_key}&regions=us"
        )
        assert odds.body[0]["id"] == "c0c08e58f09a1aee8021a79e70fcea38"
        assert odds.headers["x-requests-last"] == "1"

    at_venue(look, SimOptions(static=EXAMPLE))
