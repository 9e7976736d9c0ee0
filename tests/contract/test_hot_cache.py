"""The port `HotCache`: one suite over memory and a real Valkey, by what another program reads."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from time import monotonic_ns
from typing import Any, NamedTuple

import msgspec
import pytest
import redis

from bus_listener import running
from karb.adapters.memory.cache import MemoryCache
from karb.adapters.redis.address import address_of
from karb.adapters.redis.cache import RedisCache
from karb.adapters.redis.writer import Writer
from karb.domain.fair.odds import BookQuote
from karb.domain.fair.offered import offer
from karb.domain.market.leagues import Kind, League
from karb.domain.units import SECOND
from karb.ports import HotCache
from offers import AWAY, EVENT_ID, HOME, RULES, odds_event, offered
from situations import NOW, quote

DATABASE = 12
TICKER = "KXNFLGAME-26NOV26BUFHOU-BUF"
BUF, HOU = "odds:nfl:abc123:buffalo_bills", "odds:nfl:abc123:houston_texans"


class Kept(NamedTuple):
    """Everything that is kept, by its key."""

    strings: dict[str, str]
    hashes: dict[str, dict[str, str]]
    sets: dict[str, set[str]]


Read = Callable[[], Awaitable[Kept]]
Suite = Callable[[HotCache, Read], Awaitable[None]]
Run = Callable[[Suite], None]


@pytest.fixture(params=["memory", "redis"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine over an empty cache and what reads everything in it."""
    if request.param == "memory":
        return lambda suite: asyncio.run(_in_memory(suite))
    socket: Path = request.getfixturevalue("valkey_socket")
    return lambda suite: asyncio.run(_in_redis(suite, f"unix://{socket}?db={DATABASE}"))


async def _in_memory(suite: Suite) -> None:
    cache = MemoryCache()

    async def read() -> Kept:
        return Kept(cache.strings, cache.hashes, cache.sets)

    await suite(cache, read)


async def _in_redis(suite: Suite, url: str) -> None:
    def fail(error: Exception) -> None:
        raise AssertionError(error)

    writer = Writer(address_of(url), random=Random(), clock=monotonic_ns, told=fail)
    cache = RedisCache(writer, live=lambda _: True, now=lambda: NOW)
    with redis.Redis.from_url(url, decode_responses=True) as client:
        client.flushdb()

        async def read() -> Kept:
            await writer.drained(5)
            return _everything(client)

        async with running(writer.run()):
            await suite(cache, read)


def _everything(client: Any) -> Kept:
    kept = Kept({}, {}, {})
    for key in client.scan_iter():
        match client.type(key):
            case "string":
                kept.strings[key] = client.get(key)
            case "hash":
                kept.hashes[key] = client.hgetall(key)
            case "set":
                kept.sets[key] = client.smembers(key)
    return kept


def test_a_quote_is_written_with_the_fields_of_the_specification(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        cache.put_quote(quote(4_800, 4_950, volume=123_456_700), 4_825)
        kept = await read()
        assert kept.hashes == {
            f"kalshi:m:{TICKER}": {
                "yes_bid": "48",
                "yes_ask": "49.5",
                "no_bid": "50.5",
                "no_ask": "52",
                "volume": "1234567",
                "last_price": "48.25",
                "updated_at": str(NOW // 1_000_000),
            }
        }
        assert kept.sets == {"kalshi:markets": {TICKER}}

    run(suite)


def test_what_is_not_known_has_no_field_also_where_it_was_known_before(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        cache.put_quote(quote(), 4_800)
        assert len((await read()).hashes[f"kalshi:m:{TICKER}"]) == 7
        cache.put_quote(quote(None, 4_800, volume=None, ts_event=None, ts_recv=NOW + SECOND), None)
        assert (await read()).hashes[f"kalshi:m:{TICKER}"] == {
            "yes_ask": "48",
            "no_bid": "52",
            "updated_at": str((NOW + SECOND) // 1_000_000),
        }

    run(suite)


def test_the_newest_quote_of_a_market_wins(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        for bid in range(1_000, 5_000, 100):
            cache.put_quote(quote(bid, bid + 100), None)
        assert (await read()).hashes[f"kalshi:m:{TICKER}"]["yes_bid"] == "49"

    run(suite)


def test_a_market_that_closes_leaves_the_set_and_keeps_its_last_prices(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        for ticker in "ABC":
            cache.put_quote(quote(ticker=ticker), None)
        await read()
        cache.close_market("A")
        cache.close_market("B")
        cache.put_quote(quote(ticker="B"), None)
        kept = await read()
        assert kept.sets == {"kalshi:markets": {"B", "C"}}
        assert set(kept.hashes) == {"kalshi:m:A", "kalshi:m:B", "kalshi:m:C"}

    run(suite)


def test_the_last_market_that_closes_leaves_no_set(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        cache.put_quote(quote(), None)
        await read()
        cache.close_market(TICKER)
        assert (await read()).sets == {}

    run(suite)


def test_odds_are_written_with_each_book_the_consensus_and_the_indexes(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        one = offered()
        await cache.put_odds([one])
        kept = await read()
        fair = "53.39"
        assert kept.strings == {
            "odds:consensus:abc123:buffalo_bills": fair,
            "odds:consensus:abc123:houston_texans": "46.61",
            "odds:last_update": str(NOW // 1_000_000),
        }
        assert kept.hashes.keys() == {BUF, HOU}
        assert kept.hashes[BUF] == {
            "draftkings": fair,
            "fanduel": fair,
            "betmgm": fair,
            "betus": fair,
            "consensus": fair,
            "book_count": "4",
            "updated_at": str(NOW // 1_000_000),
        }
        assert kept.sets == {"odds:events:all": {EVENT_ID}, "odds:events:nfl": {EVENT_ID}}

    run(suite)


def test_a_book_that_does_not_count_any_more_leaves_the_hash(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        await cache.put_odds([offered()])
        quotes = odds_event().quotes
        late = BookQuote("betus", {AWAY: 1.8, HOME: 2.05}, NOW - 3_600 * SECOND)
        await cache.put_odds([offered(quotes=(*quotes[:3], late))])
        kept = await read()
        assert "betus" not in kept.hashes[BUF]
        assert kept.hashes[BUF]["book_count"] == "3"

    run(suite)


def test_an_outcome_that_loses_its_consensus_has_no_price(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        await cache.put_odds([offered()])
        await cache.put_odds([offered(quotes=odds_event().quotes[:1])])
        kept = await read()
        assert kept.hashes == {}
        assert kept.strings.keys() == {"odds:last_update"}
        assert kept.sets["odds:events:all"] == {EVENT_ID}

    run(suite)


def test_events_that_are_gone_leave_the_sets_and_take_their_prices_along(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        nba = offered(id="other", league=League.NBA)
        await cache.put_odds([offered(), nba])
        assert (await read()).sets == {
            "odds:events:all": {EVENT_ID, "other"},
            "odds:events:nfl": {EVENT_ID},
            "odds:events:nba": {"other"},
        }
        await cache.put_odds([nba])
        kept = await read()
        assert kept.sets == {"odds:events:all": {"other"}, "odds:events:nba": {"other"}}
        assert kept.hashes.keys() == {
            "odds:nba:other:buffalo_bills",
            "odds:nba:other:houston_texans",
        }

    run(suite)


def test_an_event_that_comes_back_at_once_is_there(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        await cache.put_odds([offered(), offered(id="other")])
        await asyncio.gather(
            cache.put_odds([offered(id="other")]),
            cache.put_odds([offered(), offered(id="other")]),
        )
        kept = await read()
        assert BUF in kept.hashes
        assert kept.sets["odds:events:all"] == {EVENT_ID, "other"}

    run(suite)


def test_the_time_of_the_odds_is_that_of_each_event_not_of_the_writing(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        older = msgspec.structs.replace(offered(), at=NOW - 60 * SECOND)
        await cache.put_odds([older, offered(id="newer")])
        kept = await read()
        assert kept.hashes[BUF]["updated_at"] == str((NOW - 60 * SECOND) // 1_000_000)
        assert kept.strings["odds:last_update"] == str(NOW // 1_000_000)

    run(suite)


def test_a_title_has_a_price_for_every_team_that_the_books_price(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        field = {"San José State": 2.8, "Texas A&M Aggies": 2.8, "Miami (OH)": 3.0}
        books = ("draftkings", "fanduel", "betmgm")
        quotes = tuple(BookQuote(book, field, NOW - SECOND) for book in books)
        title = msgspec.structs.replace(
            odds_event(id="t", kind=Kind.CHAMPION, quotes=quotes), home="", away=""
        )
        await cache.put_odds([offer(title, at=NOW, rules=RULES)])
        assert (await read()).strings.keys() == {
            "odds:consensus:t:san_jose_state",
            "odds:consensus:t:texas_a_m_aggies",
            "odds:consensus:t:miami_oh",
            "odds:last_update",
        }

    run(suite)


def test_no_odds_at_all_leave_no_sets(run: Run) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        await cache.put_odds([offered()])
        await cache.put_odds([])
        kept = await read()
        assert (kept.sets, kept.hashes) == ({}, {})

    run(suite)


def test_every_key_with_a_life_has_the_specifications(valkey_socket: Path) -> None:
    async def suite(cache: HotCache, read: Read) -> None:
        cache.put_quote(quote(), 4_800)
        cache.put_quote(quote(None, None, ticker="B"), None)
        await cache.put_odds([offered()])
        await read()
        with redis.Redis.from_url(url, decode_responses=True) as client:
            lives = {key: client.ttl(key) for key in client.scan_iter()}
        hour, persistent = 3_600, -1
        wanted = {
            f"kalshi:m:{TICKER}": hour,
            "kalshi:m:B": hour,
            "kalshi:markets": persistent,
            BUF: 2 * hour,
            HOU: 2 * hour,
            "odds:consensus:abc123:buffalo_bills": 2 * hour,
            "odds:consensus:abc123:houston_texans": 2 * hour,
            "odds:events:all": persistent,
            "odds:events:nfl": persistent,
            "odds:last_update": persistent,
        }
        assert lives.keys() == wanted.keys()
        assert all(wanted[key] - 60 < life <= wanted[key] for key, life in lives.items())

    url = f"unix://{valkey_socket}?db={DATABASE}"
    asyncio.run(_in_redis(suite, url))
