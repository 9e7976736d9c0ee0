"""Who may ask the offline exchange: its refusals are those of the real one, word for word."""

import asyncio
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError

from karb.sim.auth import KEY, SIGNATURE, TIMESTAMP, KeyKind
from karb.sim.units import SECOND
from karb.sim.venue import SimOptions, Venue, open_venue
from sim_client import API, Answer, get, signed, socket
from sim_judge import Hands

BALANCE = "/portfolio/balance"
QUIET = SimOptions(leagues=("NFL",), games_per_league=1, changes_per_second=0.0)
SIGNED = f"{API}{BALANCE}"
WRONG = {
    "error": {
        "code": "authentication_error",
        "message": "authentication_error",
        "details": "INCORRECT_API_KEY_SIGNATURE",
    }
}


async def balance(venue: Venue, headers: dict[str, str], query: str = "") -> Answer:
    return await get(f"{venue.rest_url}{BALANCE}{query}", headers)


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_both_kinds_of_key_sign(kind: KeyKind) -> None:
    async def check() -> None:
        hands = Hands()
        async with open_venue(
            SimOptions(leagues=("NFL",), games_per_league=1, key_kind=kind), now=hands
        ) as venue:
            answer = await balance(venue, signed(venue, SIGNED, at=hands.at), "?subaccount=0")
            assert (answer.status, answer.body["balance_dollars"]) == (200, "10000.0000")

    asyncio.run(check())


def test_a_key_is_brought_back() -> None:
    """A venue opened again with the key of the last one knows its clients."""

    async def check() -> None:
        hands = Hands()
        async with open_venue(QUIET, now=hands) as first:
            headers, pem, key_id = (
                signed(first, SIGNED, at=hands.at),
                first.private_key_pem,
                first.key_id,
            )
        again = SimOptions(leagues=("NFL",), games_per_league=1, key_pem=pem)
        async with open_venue(again, now=hands) as second:
            assert (second.key_id, (await balance(second, headers)).status) == (key_id, 200)

    asyncio.run(check())


def test_what_is_signed_otherwise_is_refused() -> None:
    async def check() -> None:
        hands = Hands()
        async with open_venue(QUIET, now=hands) as venue:
            good = signed(venue, SIGNED, at=hands.at)
            for headers in (
                signed(venue, f"{SIGNED}?subaccount=0", at=hands.at),
                signed(venue, BALANCE, at=hands.at),
                signed(venue, SIGNED, at=hands.at, method="POST"),
                signed(venue, SIGNED, at=hands.at, salt=222),
                {**good, SIGNATURE: good[SIGNATURE][:-8]},
                {**good, SIGNATURE: "not base64!"},
            ):
                answer = await balance(venue, headers, "?subaccount=0")
                assert (answer.status, answer.body) == (401, WRONG)

    asyncio.run(check())


def test_headers_that_are_missing_unknown_or_late() -> None:
    async def check() -> None:
        hands = Hands()
        async with open_venue(QUIET, now=hands) as venue:
            good = signed(venue, SIGNED, at=hands.at)
            missing = await balance(venue, {name: good[name] for name in (KEY, TIMESTAMP)})
            assert (missing.status, _code(missing)) == (401, "signature_is_missing_from_headers")
            unknown = await balance(venue, {**good, KEY: "another-environment"})
            assert unknown.body["error"]["details"] == "NOT_FOUND"
            for seconds, status in ((4.9, 200), (5.1, 401), (-4.9, 200), (-5.1, 401)):
                at = hands.at + round(seconds * SECOND)
                answer = await balance(venue, signed(venue, SIGNED, at=at))
                assert answer.status == status, seconds
            late = await balance(venue, {**good, TIMESTAMP: "soon"})
            assert late.body["error"] == {
                "code": "header_timestamp_expired",
                "message": "header timestamp expired",
            }

    asyncio.run(check())


def test_market_data_needs_no_key_but_a_wrong_one_is_refused() -> None:
    async def check() -> None:
        hands = Hands()
        async with open_venue(QUIET, now=hands) as venue:
            url = f"{venue.rest_url}/markets?limit=1"
            assert (await get(url)).status == 200
            assert (await get(url, signed(venue, f"{API}/markets", at=hands.at))).status == 200
            with_query = signed(venue, f"{API}/markets?limit=1", at=hands.at)
            assert (await get(url, with_query)).body == WRONG

    asyncio.run(check())


def test_every_socket_needs_a_key() -> None:
    async def check() -> None:
        hands = Hands()
        async with open_venue(QUIET, now=hands) as venue:
            async with socket(venue, at=hands.at) as opened:
                assert not opened.closed
            with pytest.raises(WSServerHandshakeError) as refused:
                async with socket(venue, at=hands.at - 6 * SECOND):
                    pass
            assert refused.value.status == 401

    asyncio.run(check())


def test_the_date_header_tells_the_venues_time() -> None:
    async def check() -> None:
        hands = Hands()
        hands.move(86_400)
        async with open_venue(QUIET, now=hands) as venue:
            answer = await balance(venue, {})
            assert answer.status == 401
            assert answer.headers["Date"].startswith("Thu, 26 Nov 2026")

    asyncio.run(check())


def _code(answer: Answer) -> Any:
    return answer.body["error"]["code"]
