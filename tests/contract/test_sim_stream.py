"""The offline exchange's WebSocket: commands, numbers, channels, and books that are exact."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, web

from karb.adapters.kalshi.wire import FRAME_DECODER
from karb.sim import connection
from karb.sim.units import DOLLAR
from karb.sim.venue import SimOptions, Venue, open_venue
from sim_client import Mirror, ask, frame, price_of, socket
from sim_judge import Hands

QUIET = SimOptions(
    leagues=("NFL",), changes_per_second=0.0, edges_per_minute=0.0, key_kind="ed25519"
)
Look = Callable[[Venue, ClientWebSocketResponse, Hands], Awaitable[None]]


def connected(look: Look, options: SimOptions = QUIET) -> None:
    """Open a venue whose clock stands, connect, and look."""

    async def run() -> None:
        hands = Hands()
        async with (
            open_venue(options, now=hands) as venue,
            socket(venue, at=hands.at) as opened,
        ):
            await look(venue, opened, hands)

    asyncio.run(run())


def games(venue: Venue) -> list[str]:
    return [ticker for ticker in venue.tickers if "GAME" in ticker]


async def frames(opened: ClientWebSocketResponse, count: int) -> list[dict[str, Any]]:
    return [await frame(opened) for _ in range(count)]


async def error(opened: ClientWebSocketResponse, cmd: str, **params: Any) -> int:
    await ask(opened, cmd, **params)
    told = await frame(opened)
    assert (told["type"], told["id"]) == ("error", 7)
    code: int = told["msg"]["code"]
    return code


def test_each_channel_is_a_subscription_of_its_own_and_books_open_with_snapshots() -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        del hands
        two = games(venue)[:2]
        await ask(opened, "subscribe", channels=["orderbook_delta", "trade"], market_tickers=two)
        told = await frames(opened, 4)
        assert [each["type"] for each in told] == [
            "subscribed",
            "orderbook_snapshot",
            "orderbook_snapshot",
            "subscribed",
        ]
        assert told[0]["msg"] == {"channel": "orderbook_delta", "sid": 1}
        assert told[3]["msg"] == {"channel": "trade", "sid": 2}
        assert [each["seq"] for each in told[1:3]] == [1, 2]
        mirror = Mirror()
        for each in told:
            mirror.hear(each)
        assert mirror.books == {ticker: venue.books()[ticker] for ticker in two}
        await ask(opened, "list_subscriptions")
        assert (await frame(opened))["msg"] == [
            {"channel": "orderbook_delta", "sid": 1},
            {"channel": "trade", "sid": 2},
        ]

    connected(look)


def test_no_bids_can_be_had_at_the_yes_price() -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        del hands
        one = games(venue)[0]
        await ask(
            opened, "subscribe", channels=["orderbook_delta"], market_ticker=one, use_yes_price=True
        )
        _, snapshot = await frames(opened, 2)
        asks = {price_of(price) for price, _ in snapshot["msg"]["no_dollars_fp"]}
        assert {DOLLAR - price for price in asks} == set(venue.books()[one].no)

    connected(look)


def test_markets_are_added_taken_away_and_shown_again() -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        del hands
        one, two, three = games(venue)[:3]
        await ask(opened, "subscribe", channels=["orderbook_delta"], market_tickers=[one])
        await frames(opened, 2)
        await ask(
            opened, "update_subscription", sid=1, action="add_markets", market_tickers=[two, three]
        )
        ok, *snapshots = await frames(opened, 3)
        assert (ok["type"], ok["sid"]) == ("ok", 1)
        assert ok["msg"]["market_tickers"] == [one, two, three]
        assert [each["msg"]["market_ticker"] for each in snapshots] == [two, three]
        assert [each["seq"] for each in snapshots] == [2, 3]
        await ask(
            opened, "update_subscription", sids=[1], action="delete_markets", market_tickers=[one]
        )
        assert (await frame(opened))["msg"]["market_tickers"] == [two, three]
        await ask(opened, "update_subscription", sid=1, action="get_snapshot", market_tickers=[two])
        again = await frame(opened)
        assert (again["type"], again["id"], again["seq"]) == ("orderbook_snapshot", 7, 4)
        await ask(opened, "unsubscribe", sids=[1])
        gone = await frame(opened)
        assert (gone["type"], gone["sid"], gone["seq"]) == ("unsubscribed", 1, 4)
        assert "msg" not in gone

    connected(look)


@pytest.mark.parametrize(
    ("cmd", "params", "code"),
    [
        ("subscribe", {}, 2),
        ("subscribe", {"market_tickers": ["A"]}, 3),
        ("subscribe", {"channels": ["orderbook"], "market_tickers": ["A"]}, 8),
        ("subscribe", {"channels": ["orderbook_delta"]}, 14),
        ("unsubscribe", {"market_tickers": ["A"]}, 4),
        ("unsubscribe", {"sids": [9]}, 7),
        ("update_subscription", {"action": "add_markets", "market_tickers": ["A"]}, 12),
        ("update_subscription", {"sid": 9, "action": "add_markets", "market_tickers": ["A"]}, 7),
        ("update_subscription", {"sid": 1, "market_tickers": ["A"]}, 15),
        ("update_subscription", {"sid": 1, "action": "add_markets"}, 14),
        ("update_subscription", {"sid": 1, "action": "turn", "market_tickers": ["A"]}, 13),
        ("order", {"price": 1}, 5),
    ],
)
def test_commands_that_cannot_be_carried_out(cmd: str, params: dict[str, Any], code: int) -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        del hands
        one = games(venue)[0]
        await ask(opened, "subscribe", channels=["orderbook_delta"], market_ticker=one)
        await frames(opened, 2)
        assert await error(opened, cmd, **params) == code

    connected(look)


def test_what_is_no_command_is_told_and_survived() -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        del venue, hands
        for text in ("hello", "[]", '{"id":1}', '{"id":"x","cmd":"subscribe"}'):
            await opened.send_str(text)
            told = await frame(opened)
            assert (told["type"], told["msg"]["code"]) == ("error", 1)

    connected(look)


def test_tickers_and_trades_of_every_market_come_without_naming_any() -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        await ask(opened, "subscribe", channels=["ticker"], send_initial_snapshot=True)
        told = await frames(opened, 1 + venue.markets)
        assert {each["msg"]["market_ticker"] for each in told[1:]} == set(venue.tickers)
        assert not any("seq" in each for each in told[1:])
        await ask(opened, "subscribe", channels=["trade"])
        await frame(opened)
        trades: list[dict[str, Any]] = []
        while len(trades) < 5:
            hands.move(1)
            each = await frame(opened)
            trades += [each] if each["type"] == "trade" else []
        assert [each["seq"] for each in trades] == [1, 2, 3, 4, 5]
        body = trades[0]["msg"]
        total = price_of(body["yes_price_dollars"]) + price_of(body["no_price_dollars"])
        assert total == DOLLAR

    connected(look, SimOptions(leagues=("NFL",), changes_per_second=300.0, key_kind="ed25519"))


def test_every_message_carries_the_time_of_sending_and_of_the_event() -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        await ask(
            opened,
            "subscribe",
            channels=["orderbook_delta", "ticker"],
            market_tickers=venue.tickers,
        )
        hands.move(1)
        seen: dict[str, dict[str, Any]] = {}
        while {"orderbook_delta", "ticker"} - seen.keys():
            told = await frame(opened)
            seen[told["type"]] = told
        stamp = hands.at // 1_000_000
        for kind in ("orderbook_delta", "ticker"):
            assert seen[kind]["sending_ts_ms"] == seen[kind]["msg"]["ts_ms"] == stamp
        assert seen["orderbook_delta"]["msg"]["ts"] == seen["ticker"]["msg"]["time"]
        assert seen["ticker"]["msg"]["ts"] == stamp // 1_000

    connected(look, SimOptions(leagues=("NFL",), changes_per_second=300.0, key_kind="ed25519"))


def test_a_game_ends_with_a_result_an_empty_book_and_a_settlement() -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        every = ["orderbook_delta", "market_lifecycle_v2"]
        await ask(opened, "subscribe", channels=every, market_tickers=games(venue))
        lifecycle: list[dict[str, Any]] = []
        mirror = Mirror()
        while len(lifecycle) < 4:
            hands.move(60)
            told = await frame(opened)
            mirror.hear(told)
            lifecycle += [told] if told["type"] == "market_lifecycle_v2" else []
        assert mirror.gaps == 0
        assert [each["seq"] for each in lifecycle] == [1, 2, 3, 4]
        determined, settled = lifecycle[:2], lifecycle[2:]
        assert {each["msg"]["event_type"] for each in determined} == {"determined"}
        assert {each["msg"]["result"] for each in determined} == {"yes", "no"}
        assert {each["msg"]["settlement_value"] for each in determined} == {"1.0000", "0.0000"}
        assert {each["msg"]["event_type"] for each in settled} == {"settled"}
        for each in determined:
            ticker = each["msg"]["market_ticker"]
            assert mirror.books[ticker] == ({}, {}) == venue.books()[ticker]

    connected(look)


def test_the_exchange_pings_with_a_body_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEARTBEAT", 0.05)

    async def run() -> None:
        hands = Hands()
        async with open_venue(QUIET, now=hands) as venue, socket(venue, at=hands.at) as opened:
            opened._autoping = False
            message = await opened.receive(timeout=5)
            assert (message.type, bytes(message.data)) == (WSMsgType.PING, b"heartbeat")

    asyncio.run(run())


def test_ten_thousand_deltas_make_the_same_book_and_karb_reads_every_message() -> None:
    """The flow of thousands of changes a second, from snapshots to the last delta."""

    async def run() -> None:
        options = SimOptions(changes_per_second=5_000.0, edges_per_minute=60.0)
        hands = Hands()
        async with open_venue(options, now=hands) as venue, socket(venue, at=hands.at) as opened:
            every = ["orderbook_delta", "ticker", "trade", "market_lifecycle_v2"]
            await ask(opened, "subscribe", channels=every, market_tickers=venue.tickers)
            mirror, kinds = Mirror(), Counter[str]()
            while mirror.deltas < 10_000:
                hands.move(0.002)
                kinds[_heard(mirror, await frame(opened))] += 1
            venue.pause()
            books = venue.books()
            while mirror.books != books:
                kinds[_heard(mirror, await frame(opened))] += 1
            assert mirror.gaps == 0
            assert kinds["orderbook_snapshot"] == venue.markets
            assert kinds["trade"] > 100
            assert kinds["ticker"] > 300

    asyncio.run(run())


def _heard(mirror: Mirror, told: dict[str, Any]) -> str:
    mirror.hear(told)
    read = FRAME_DECODER.decode(msgspec.json.encode(told))
    kind: str = told["type"]
    assert type(read).__struct_config__.tag == kind
    return kind


def test_two_clients_see_the_same_books() -> None:
    async def run() -> None:
        options = SimOptions(leagues=("NBA",), changes_per_second=500.0, key_kind="ed25519")
        hands = Hands()
        async with (
            open_venue(options, now=hands) as venue,
            socket(venue, at=hands.at) as one,
            socket(venue, at=hands.at) as other,
        ):
            mirrors = Mirror(), Mirror()
            for opened in (one, other):
                await ask(
                    opened, "subscribe", channels=["orderbook_delta"], market_tickers=venue.tickers
                )
            for opened, mirror in zip((one, other), mirrors, strict=True):
                while mirror.deltas < 500:
                    hands.move(0.01)
                    mirror.hear(await frame(opened))
            venue.pause()
            for opened, mirror in zip((one, other), mirrors, strict=True):
                while mirror.books != venue.books():
                    mirror.hear(await frame(opened))
                assert mirror.gaps == 0
            assert venue.connections == 2

    asyncio.run(run())


def test_commands_are_read_as_bytes_too() -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        del hands, venue
        await opened.send_bytes(json.dumps({"id": 3, "cmd": "list_subscriptions"}).encode())
        told = await frame(opened)
        assert (told["type"], told["id"], told["msg"]) == ("ok", 3, [])

    connected(look)


def test_a_client_that_goes_while_its_ping_is_answered_is_no_error_of_the_venue(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """aiohttp would tell of it with a traceback: `Cannot write to closing transport`."""
    answer = web.WebSocketResponse.pong

    async def cut_first(answering: Any, message: bytes) -> None:
        answering._req.transport.abort()
        await answer(answering, message)

    async def look(_venue: Venue, opened: ClientWebSocketResponse, _hands: Hands) -> None:
        await opened.ping(b"still there?")
        assert (await opened.receive()).type in (WSMsgType.CLOSED, WSMsgType.ERROR)

    monkeypatch.setattr(web.WebSocketResponse, "pong", cut_first)
    connected(look)
    assert caplog.text == ""
