"""The offline exchange's rate limits: told, enforced, and never met by karb, which paces itself."""

import pytest

from karb.adapters.kalshi.limiter import COST, TokenBucket
from karb.sim.faults import Armed, Fault, Faults
from karb.sim.limits import BASIC, PRIME, Bucket, Limits
from karb.sim.units import SECOND
from karb.sim.venue import SimOptions, Venue
from sim_client import API, Answer, get, signed
from sim_judge import OPENING, Hands
from sim_look import SMALL, at_venue, body

TOO_MANY = {"error": "too many requests"}


async def own(venue: Venue, path: str, hands: Hands) -> Answer:
    """A GET signed with the account's key."""
    return await get(venue.rest_url + path, signed(venue, API + path, at=hands.at))


async def until_refused(venue: Venue, hands: Hands, most: int) -> int:
    """How many signed requests of this moment are answered before one is not."""
    for answered in range(most):
        answer = await own(venue, "/exchange/status", hands)
        if answer.status == 429:
            assert answer.body == TOO_MANY
            assert "Retry-After" not in answer.headers
            return answered
    return most


def test_the_smallest_account_has_twenty_reads_a_second_and_they_come_back() -> None:
    async def look(venue: Venue, hands: Hands) -> None:
        venue.begin(Fault.BASIC_TIER)
        told = (await own(venue, "/account/limits", hands)).body
        assert (told["usage_tier"], told["read"]["refill_rate"]) == ("basic", 200)
        assert await until_refused(venue, hands, 30) == 19
        hands.move(0.1)
        assert await until_refused(venue, hands, 30) == 2
        hands.move(60)
        assert await until_refused(venue, hands, 30) == 20

    at_venue(look, SMALL)


def test_limits_told_are_those_enforced() -> None:
    async def look(venue: Venue, hands: Hands) -> None:
        told = (await own(venue, "/account/limits", hands)).body
        assert (told["usage_tier"], told["write"]["refill_rate"]) == (PRIME.name, PRIME.write)
        reads = told["read"]["bucket_capacity"] // COST - 1
        assert await until_refused(venue, hands, reads + 10) == reads

    at_venue(look, SMALL)


def test_who_does_not_sign_is_counted_by_himself() -> None:
    async def look(venue: Venue, hands: Hands) -> None:
        statuses = [(await get(f"{venue.rest_url}/exchange/status")).status for _ in range(61)]
        assert statuses == [200] * 60 + [429]
        assert (await own(venue, "/exchange/status", hands)).status == 200

    at_venue(look, SMALL)


def test_a_signature_that_is_refused_spends_nothing_of_the_account() -> None:
    async def look(venue: Venue, hands: Hands) -> None:
        venue.begin(Fault.BASIC_TIER)
        for _ in range(25):
            bad = signed(venue, f"{API}/markets?limit=1", at=hands.at)
            assert (await get(f"{venue.rest_url}/markets?limit=1", bad)).status == 401
        assert await until_refused(venue, hands, 30) == 20

    at_venue(look, SMALL)


def test_the_tier_can_be_the_smallest_from_the_start() -> None:
    async def look(venue: Venue, hands: Hands) -> None:
        await _held(venue)
        told = (await own(venue, "/account/limits", hands)).body
        assert told["usage_tier"] == BASIC.name
        venue.end(Fault.BASIC_TIER)
        assert (await own(venue, "/account/limits", hands)).body["usage_tier"] == PRIME.name

    at_venue(look, _with_fault(Fault.BASIC_TIER))


async def _held(venue: Venue) -> None:
    """One round of the loop: what holds from the start begins with the world."""
    await body(venue, "/exchange/status")


def _with_fault(fault: Fault) -> SimOptions:
    return SimOptions(leagues=("NFL",), key_kind="ed25519", faults=Faults(kinds=(fault,)))


def test_a_balance_has_a_limit_of_its_own() -> None:
    async def look(venue: Venue, hands: Hands) -> None:
        asked = [(await own(venue, "/portfolio/balance", hands)).status for _ in range(6)]
        assert asked == [200] * 5 + [429]
        venue.begin(Fault.BASIC_TIER)
        asked = [(await own(venue, "/portfolio/balance", hands)).status for _ in range(2)]
        assert asked == [200, 429]

    at_venue(look, SMALL)


def test_costs_told_are_those_taken() -> None:
    """A single order costs two tokens, so that a basic account may ask for a hundred."""

    async def look(venue: Venue, hands: Hands) -> None:
        costs = await body(venue, "/account/endpoint_costs")
        assert costs["default_cost"] == 10
        assert [each["cost"] for each in costs["endpoint_costs"]] == [2]
        venue.begin(Fault.BASIC_TIER)
        asked = [(await own(venue, "/portfolio/orders/NONE", hands)).status for _ in range(101)]
        assert asked == [404] * 100 + [429]

    at_venue(look, SMALL)


def test_a_bucket_is_never_fuller_than_full() -> None:
    hands = Hands()
    bucket = Bucket(200, hands)
    hands.move(3_600)
    assert [bucket.take(100) for _ in range(3)] == [True, True, False]


def test_a_clock_that_goes_back_gives_no_tokens() -> None:
    hands = Hands()
    bucket = Bucket(200, hands)
    assert bucket.take(200)
    hands.move(-5)
    assert not bucket.take(1)


@pytest.mark.parametrize("processes", [1, 4])
def test_karb_paces_itself_and_never_meets_the_end(processes: int) -> None:
    """Each process spends its own bucket as fast as it may for half a minute."""
    hands = Hands()
    limits = Limits(hands, Armed())
    buckets = [TokenBucket() for _ in range(processes)]
    waiting = dict.fromkeys(range(processes), OPENING)
    for _ in range(600 * processes):
        first = min(waiting, key=waiting.__getitem__)
        hands.at = waiting[first]
        assert limits.allow("/markets", signed=True)
        waiting[first] = hands.at + buckets[first].take(COST, hands.at)
    assert hands.at - OPENING > 25 * SECOND
