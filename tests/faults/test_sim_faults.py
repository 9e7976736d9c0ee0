"""What goes wrong on request: each fault does what its name says, and no more."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from aiohttp import (
    ClientError,
    ClientSession,
    ClientWebSocketResponse,
    WSMsgType,
    WSServerHandshakeError,
)

from karb.sim import server
from karb.sim.faults import PASSING, REST, STATES, STREAM, Armed, Fault, Faults, Schedule
from karb.sim.venue import SimOptions, Venue, open_venue
from sim_client import Mirror, ask, frame, get, socket
from sim_judge import Hands

FLOW = SimOptions(
    leagues=("NFL",), changes_per_second=300.0, edges_per_minute=0.0, key_kind="ed25519"
)
Look = Callable[[Venue, ClientWebSocketResponse, Hands], Awaitable[None]]


def following(look: Look) -> None:
    """Connect to a venue, subscribe to every book, and look once the snapshots are read."""

    async def run() -> None:
        hands = Hands()
        async with open_venue(FLOW, now=hands) as venue, socket(venue, at=hands.at) as opened:
            await ask(
                opened, "subscribe", channels=["orderbook_delta"], market_tickers=venue.tickers
            )
            for _ in range(1 + venue.markets):
                await frame(opened)
            await look(venue, opened, hands)

    asyncio.run(run())


async def deltas(opened: ClientWebSocketResponse, hands: Hands, count: int) -> list[int]:
    """The numbers of the next messages, which are deltas all."""
    numbers: list[int] = []
    while len(numbers) < count:
        hands.move(0.02)
        told = await frame(opened)
        assert told["type"] == "orderbook_delta"
        numbers.append(told["seq"])
    return numbers


async def raw(opened: ClientWebSocketResponse, hands: Hands) -> str:
    """The next message that is not a whole delta, as text."""
    while True:
        hands.move(0.2)
        text: str = (await opened.receive(timeout=5)).data
        try:
            if json.loads(text)["type"] == "orderbook_delta":
                continue
        except ValueError:
            pass
        return text


def steps(numbers: list[int]) -> Counter[int]:
    return Counter(b - a for a, b in pairwise(numbers))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.GAP, {2: 1}),
        (Fault.REORDER, {2: 2, -1: 1}),
        (Fault.DUPLICATE, {0: 1}),
        (Fault.DELAY, {}),
    ],
)
def test_one_delta_is_lost_turned_round_doubled_or_late(
    fault: Fault, expected: dict[int, int]
) -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        await deltas(opened, hands, 3)
        venue.strike(fault)
        numbers = await deltas(opened, hands, 300)
        found = steps(numbers)
        del found[1]
        assert found == expected

    following(look)


@pytest.mark.parametrize("fault", [Fault.MALFORMED, Fault.TRUNCATED])
def test_one_delta_is_no_json_and_the_next_ones_are(fault: Fault) -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        before = (await deltas(opened, hands, 1))[0]
        venue.strike(fault)
        text = await raw(opened, hands)
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            json.loads(text)
        assert (await deltas(opened, hands, 1))[0] > before + 1

    following(look)


def test_a_message_of_an_unknown_kind_and_one_that_is_too_long() -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        venue.strike(Fault.UNKNOWN)
        assert json.loads(await raw(opened, hands))["type"] == "weather_report"
        venue.strike(Fault.OVERSIZED)
        assert len(await raw(opened, hands)) > 1 << 20

    following(look)


def test_the_connection_breaks_without_a_word() -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        venue.strike(Fault.CUT)
        while (await opened.receive(timeout=5)).type is WSMsgType.TEXT:
            pass
        assert opened.close_code == 1006

    following(look)


@pytest.mark.parametrize(("fault", "code"), [(Fault.OVERFLOW, 25), (Fault.CHANNEL_ERROR, 10)])
def test_a_subscription_dies_and_the_connection_lives(fault: Fault, code: int) -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        venue.strike(fault)
        told: dict[str, Any] = json.loads(await raw(opened, hands))
        assert (told["type"], told["sid"], told["msg"]["code"]) == ("error", 1, code)
        await ask(opened, "list_subscriptions")
        assert (await frame(opened))["msg"] == []
        await ask(opened, "subscribe", channels=["orderbook_delta"], market_tickers=["NONE"])
        assert (await frame(opened))["msg"]["sid"] == 2

    following(look)


def test_a_client_that_does_not_read_loses_its_subscription(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("karb.sim.connection.OUTBOX", 50)

    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        hands.move(3)
        told: dict[str, Any] = json.loads(await raw(opened, hands))
        assert (told["type"], told["msg"]["code"]) == ("error", 25)

    following(look)


@pytest.mark.parametrize("side", ["http", "odds"])
def test_one_answer_is_an_error_and_the_next_is_right(side: str) -> None:
    async def run() -> None:
        async with open_venue(FLOW, now=Hands()) as venue:
            url = f"{venue.rest_url}/markets?limit=1"
            if side == "odds":
                url = f"{venue.odds_url}/v4/sports?apiKey={venue.odds_key}"
            for kind, status in (("500", 500), ("502", 502), ("429", 429), ("html", 200)):
                venue.strike(Fault(f"{side}-{kind}"))
                answer = await get(url)
                assert answer.status == status
                if kind == "html":
                    assert answer.body.startswith("<!DOCTYPE html>")
                assert (await get(url)).status == 200
            venue.strike(Fault(f"{side}-429"))
            limited = (await get(url)).body
            assert (limited.get("error_code") or limited["error"]) in (
                "EXCEEDED_FREQ_LIMIT",
                "too many requests",
            )

    asyncio.run(run())


def test_an_answer_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HOLD", 0.2)

    async def run() -> None:
        async with open_venue(FLOW, now=Hands()) as venue:
            for _ in range(2):  # aiohttp asks a second time by itself
                venue.strike(Fault.HTTP_TIMEOUT)
            with pytest.raises(ClientError):
                await get(f"{venue.rest_url}/exchange/status")
            assert (await get(f"{venue.rest_url}/exchange/status")).status == 200

    asyncio.run(run())


def test_a_closing_venue_does_not_wait_for_an_answer_it_holds() -> None:
    async def run() -> None:
        async with ClientSession() as session:
            async with open_venue(FLOW, now=Hands()) as venue:
                venue.strike(Fault.HTTP_TIMEOUT)
                asking = asyncio.create_task(session.get(f"{venue.rest_url}/exchange/status"))
                await asyncio.sleep(0.1)
            with pytest.raises(ClientError):
                await asyncio.wait_for(asking, 3)

    asyncio.run(run())


def test_maintenance_breaks_connections_refuses_and_says_so() -> None:
    async def look(venue: Venue, opened: ClientWebSocketResponse, hands: Hands) -> None:
        venue.begin(Fault.MAINTENANCE)
        while (await opened.receive(timeout=5)).type is WSMsgType.TEXT:
            pass
        assert (await get(f"{venue.rest_url}/markets")).status == 503
        status = await get(f"{venue.rest_url}/exchange/status")
        assert status.body["exchange_active"] is False
        with pytest.raises(WSServerHandshakeError) as refused:
            async with socket(venue, at=hands.at):
                pass
        assert refused.value.status == 503
        odds = f"{venue.odds_url}/v4/sports?apiKey={venue.odds_key}"
        assert (await get(odds)).status == 200
        venue.end(Fault.MAINTENANCE)
        assert (await get(f"{venue.rest_url}/markets")).status == 200
        async with socket(venue, at=hands.at) as again:
            assert not again.closed

    following(look)


def test_random_faults_follow_from_the_seed_one_a_second() -> None:
    faults = Faults(kinds=(*PASSING, Fault.MAINTENANCE), every=1.0)
    first, second, other = (Schedule(faults, Random(seed)) for seed in (1, 1, 2))
    drawn = [*first.due(10.0), *first.due(10.5), *first.due(400.0)]
    assert drawn == list(second.due(400.0))
    assert drawn != list(other.due(400.0))
    assert len(drawn) == 400
    assert set(drawn) == set(PASSING)


def test_states_hold_from_the_opening_on() -> None:
    async def run() -> None:
        options = SimOptions(
            leagues=("NFL",), faults=Faults(kinds=(Fault.MAINTENANCE, Fault.NO_CREDITS))
        )
        async with open_venue(options, now=Hands()) as venue:
            await asyncio.sleep(0.1)
            assert (await get(f"{venue.rest_url}/markets")).status == 503

    asyncio.run(run())


def test_a_fault_waits_for_what_it_can_spoil() -> None:
    armed = Armed()
    armed.arm(Fault.GAP)
    armed.arm(Fault.HTTP_500)
    assert armed.take(REST) is Fault.HTTP_500
    assert armed.take(REST) is None
    assert set(STREAM) & set(STATES) == set()


def test_under_one_fault_a_second_a_client_that_asks_again_has_every_book() -> None:
    """Whatever hits the stream, resubscribing after each break ends in the exact books."""

    async def run() -> None:
        kinds = (Fault.GAP, Fault.REORDER, Fault.DUPLICATE, Fault.OVERFLOW, Fault.CHANNEL_ERROR)
        options = SimOptions(
            leagues=("NFL",),
            changes_per_second=300.0,
            faults=Faults(kinds=kinds, every=1.0),
        )
        hands = Hands()
        async with open_venue(options, now=hands) as venue, socket(venue, at=hands.at) as opened:
            every = {"channels": ["orderbook_delta"], "market_tickers": venue.tickers}
            await ask(opened, "subscribe", **every)
            mirror, breaks, heard = Mirror(), 0, 0
            while breaks < 8:
                hands.move(0.02)
                told = await frame(opened)
                heard += 1
                mirror.hear(told)
                if mirror.gaps or told["type"] == "error":
                    breaks += 1
                    mirror = Mirror()
                    await ask(opened, "list_subscriptions")
                    while (told := await frame(opened))["type"] != "ok":
                        pass
                    sids = [each["sid"] for each in told["msg"]]
                    if sids:
                        await ask(opened, "unsubscribe", sids=sids)
                        while (await frame(opened))["type"] != "unsubscribed":
                            pass
                    await ask(opened, "subscribe", **every)
            venue.pause()
            while mirror.books != venue.books():
                mirror.hear(await frame(opened))
            assert mirror.gaps == 0

    asyncio.run(run())
