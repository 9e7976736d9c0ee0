"""Redis gone, hanging, emptied, full and strange, while karb writes and follows."""

import asyncio
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from time import monotonic_ns, time_ns
from typing import Any

import pytest
import redis

from bus_listener import STALE, Listener, put_quotes, quoted, running, until
from karb.adapters.redis import line as line_module
from karb.adapters.redis.address import Address, address_of
from karb.adapters.redis.bus import RedisBus
from karb.adapters.redis.cache import RedisCache
from karb.adapters.redis.errors import LostError
from karb.adapters.redis.line import Line
from karb.adapters.redis.line import opened as opened_line
from karb.adapters.redis.packing import VERSION, Packer, Unpacker
from karb.adapters.redis.store import RedisStore, redis_store
from karb.adapters.redis.writer import RENEWAL, Writer
from karb.domain.edge.signal import Signal
from karb.domain.units import SECOND, Nanos
from karb.errors import ConfigError, KarbError, StoreDownError
from karb.ports import News, Topic
from offers import EVENT_ID, link, listed, offered
from own_valkey import OwnValkey, certificate, free_port, own_valkey
from situations import NOW, judge, profile, quote, situation

BEAT, SILENCE = 0.05, 1.0

Told = list[KarbError]


def opened(
    server: OwnValkey,
    told: Told,
    *,
    patience: float = 3.0,
    path: str = "",
    renewal: float = RENEWAL,
    silence: float = SILENCE,
    chance: Random | None = None,
    clock: Callable[[], Nanos] = monotonic_ns,
) -> RedisStore:
    """A process's end, quicker to judge than in earnest; `told` is what it says."""
    address, chance = address_of(server.url + path), chance or Random()
    writer = Writer(
        address,
        random=chance,
        clock=clock,
        told=told.append,
        beat=BEAT,
        renewal=renewal,
        patience=patience,
    )
    bus = RedisBus(
        address,
        writer,
        now=time_ns,
        random=chance,
        told=told.append,
        silence=silence,
        patience=patience,
    )
    cache = RedisCache(writer, live=bus.is_live, now=lambda: NOW, within=1.0)
    return RedisStore(bus, cache, writer)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OwnValkey]:
    with own_valkey(tmp_path) as one:
        yield one


def test_a_server_that_was_killed_comes_back_and_has_everything_that_lives(
    server: OwnValkey,
) -> None:
    async def suite() -> None:
        told, heard = Told(), Listener()
        store, other = opened(server, told), opened(server, told)
        bus, cache, writer = store
        async with running(bus.run(), heard.follow(other.bus, Topic.QUOTES, Topic.ODDS)):
            put_quotes(bus, ["A", "B", "gone"])
            bus.put(Topic.ODDS, EVENT_ID, offered())
            cache.put_quote(quote(ticker="A"), 4_800)
            await cache.put_odds([offered()])
            await until(lambda: len(heard.live) == 3 and heard.tables[Topic.ODDS])
            server.kill()
            await until(lambda: STALE in heard.told)
            bus.drop(Topic.QUOTES, "gone")
            put_quotes(bus, ["A"], 5_000)
            await asyncio.sleep(0.2)
            assert not writer.up
            server.start()
            await until(lambda: heard.live == {"A", "B"} and heard.tables[Topic.ODDS])
            assert heard.quotes["A"] == quoted("A", 5_000)
            assert heard.tables[Topic.ODDS] == {EVENT_ID: offered()}
            await writer.drained(5)
        assert server.ask("HGET", "kalshi:m:A", "yes_bid") == "47"
        assert server.ask("GET", "odds:consensus:abc123:buffalo_bills") == "53.39"
        assert server.ask("SMEMBERS", "odds:events:all") == {EVENT_ID}
        assert set(server.ask("HKEYS", "karb:quotes")) == {"A", "B"}
        assert writer.counts.connections == 2
        lost = [each for each in told if isinstance(each, StoreDownError)]
        assert (len(lost), lost) == (2, told)

    asyncio.run(suite())


def test_nothing_is_handed_over_between_stale_and_the_whole(server: OwnValkey) -> None:
    async def suite() -> None:
        told, heard = Told(), Listener()
        bus = opened(server, told).bus
        async with running(bus.run(), heard.follow(opened(server, told).bus, Topic.QUOTES)):
            put_quotes(bus, ["A"])
            await until(lambda: heard.live)
            for bid in range(1_000, 3_000, 100):
                put_quotes(bus, ["A"], bid)
                if bid == 1_500:
                    server.kill()
                if bid == 2_500:
                    server.start()
                await asyncio.sleep(0.02)
            await until(lambda: heard.quotes.get("A") == quoted("A", 2_900))
        after = heard.told[heard.told.index(STALE) + 1]
        assert isinstance(after, News)
        assert after.whole

    asyncio.run(suite())


def test_a_server_that_hangs_for_a_second_blocks_nobody_and_gets_the_newest(
    server: OwnValkey,
) -> None:
    async def suite() -> None:
        told, heard = Told(), Listener()
        tickers = [str(number) for number in range(500)]
        store = opened(server, told)
        async with running(store.bus.run(), heard.follow(opened(server, told).bus, Topic.QUOTES)):
            put_quotes(store.bus, tickers)
            await until(lambda: len(heard.live) == 500)
            server.stop()
            turns, sent = 0, store.writer.counts.entries
            end = asyncio.get_running_loop().time() + 1.0
            while asyncio.get_running_loop().time() < end or STALE not in heard.told:
                put_quotes(store.bus, tickers, 3_000 + turns)
                turns += 1
                await asyncio.sleep(0.005)
            server.go_on()
            newest = 3_000 + turns - 1
            await until(lambda: heard.quotes == {t: quoted(t, newest) for t in tickers})
            assert turns > 10
            assert store.writer.counts.entries - sent <= 4 * 500
            assert store.writer.counts.connections == 1

    asyncio.run(suite())


def test_a_server_that_hangs_for_long_is_left_and_found_again(server: OwnValkey) -> None:
    async def suite() -> None:
        told, heard = Told(), Listener()
        store, other = opened(server, told, patience=0.3), opened(server, told, patience=0.3)
        async with running(store.bus.run(), heard.follow(other.bus, Topic.QUOTES)):
            put_quotes(store.bus, ["A"])
            await until(lambda: heard.live)
            server.stop()
            put_quotes(store.bus, ["A"], 5_000)
            await until(lambda: len(told) == 2)
            server.go_on()
            await until(lambda: heard.quotes.get("A") == quoted("A", 5_000))
        assert {str(each).partition(";")[0] for each in told} == {
            "Redis does not answer: nothing came within 0.3 s"
        }

    asyncio.run(suite())


@pytest.mark.parametrize("command", [("FLUSHALL",), ("DEL", "karb:quotes", "karb:quotes:writers")])
def test_what_is_emptied_under_a_living_connection_is_written_again(
    server: OwnValkey, command: tuple[str, ...]
) -> None:
    async def suite() -> None:
        told, late = Told(), Listener()
        bus, cache, writer = opened(server, told)
        async with running(bus.run()):
            put_quotes(bus, ["A", "B"])
            bus.put(Topic.ODDS, EVENT_ID, offered())
            cache.put_quote(quote(ticker="A"), 4_800)
            await writer.drained(5)
            server.ask(*command)
            await until(lambda: writer.counts.emptied)
            await writer.drained(5)
            async with running(late.follow(opened(server, told).bus, Topic.QUOTES, Topic.ODDS)):
                await until(lambda: late.live == {"A", "B"} and late.tables[Topic.ODDS])
        assert server.ask("HGET", "kalshi:m:A", "yes_bid") == "47"
        assert writer.counts.connections == 1
        assert told == []

    asyncio.run(suite())


def test_a_batch_that_was_lost_makes_quotes_stale_and_brings_the_whole(server: OwnValkey) -> None:
    async def suite() -> None:
        told, heard = Told(), Listener()
        bus = opened(server, told).bus
        async with running(bus.run(), heard.follow(opened(server, told).bus, Topic.QUOTES)):
            put_quotes(bus, ["A"])
            await until(lambda: heard.live)
            heard.told.clear()
            (writer,) = server.ask("HKEYS", "karb:quotes:writers")
            ahead = Packer(Topic.QUOTES, writer).batch(1, 1_000_000, {}, [])
            server.ask("PUBLISH", "karb:bus:quotes", ahead)
            await until(lambda: STALE in heard.told and heard.live)
        at = heard.told.index(STALE)
        assert heard.told[at + 1] == News(Topic.QUOTES, {"A": quoted("A")}, whole=True)

    asyncio.run(suite())


def test_what_waited_while_the_follower_was_busy_is_no_sign_of_life(server: OwnValkey) -> None:
    packer = Packer(Topic.QUOTES, "somebody")

    def publish(number: int) -> None:
        values = packer.values(["A"], {"A": quoted("A", number)})
        server.ask("PUBLISH", "karb:bus:quotes", packer.batch(1, number, values, []))

    async def suite() -> None:
        told, heard = Told(), Listener()
        async with running(heard.follow(opened(server, told).bus, Topic.QUOTES)):
            await until(lambda: heard.told)
            publish(1)
            await until(lambda: heard.live)
            heard.told.clear()
            for number in range(2, 7):
                time.sleep(SILENCE / 4)
                publish(number)
            await until(lambda: heard.wholes(Topic.QUOTES))
        assert heard.told == [STALE, News(Topic.QUOTES, {}, whole=True)]

    asyncio.run(suite())


@pytest.mark.parametrize("junk", [b"", bytes([VERSION]) + b"\xc1", bytes([VERSION]) + b"\x93abc"])
def test_a_batch_that_cannot_be_read_is_counted_and_the_whole_is_read(
    server: OwnValkey, junk: bytes
) -> None:
    async def suite() -> None:
        told, heard = Told(), Listener()
        bus, other = opened(server, told).bus, opened(server, told).bus
        async with running(bus.run(), heard.follow(other, Topic.QUOTES)):
            put_quotes(bus, ["A"])
            await until(lambda: heard.live)
            for _ in range(3):
                server.ask("PUBLISH", "karb:bus:quotes", junk)
            await until(lambda: STALE in heard.told and heard.live)
            put_quotes(bus, ["A"], 5_000)
            await until(lambda: heard.quotes.get("A") == quoted("A", 5_000))
        assert other.heard.unread == 3
        assert len(told) == 1

    asyncio.run(suite())


def test_an_entry_of_another_version_is_left_out_and_said_once(server: OwnValkey) -> None:
    async def suite() -> None:
        told, heard = Told(), Listener()
        bus, other = opened(server, told).bus, opened(server, told).bus
        newer = bytes([VERSION + 1]) + b"whatever it may be"
        for key in ("X", "Y"):
            server.ask("HSET", "karb:quotes", key, newer)
        async with running(bus.run(), heard.follow(other, Topic.QUOTES)):
            put_quotes(bus, ["A"])
            await until(lambda: heard.live)
            for _ in range(5):
                server.ask("PUBLISH", "karb:bus:quotes", newer)
            put_quotes(bus, ["B"])
            await until(lambda: heard.live == {"A", "B"})
            assert STALE not in heard.told
        (said,) = told
        assert "version 2, this karb reads 1" in str(said)
        assert "run the same version of karb everywhere" in str(said)
        assert not said.retryable

    asyncio.run(suite())


def test_full_memory_is_said_once_and_heals(server: OwnValkey) -> None:
    async def suite() -> None:
        told, heard = Told(), Listener()
        store = opened(server, told)
        async with running(store.bus.run(), heard.follow(opened(server, told).bus, Topic.QUOTES)):
            put_quotes(store.bus, ["A"])
            await until(lambda: heard.live)
            server.ask("CONFIG", "SET", "maxmemory", "1")
            put_quotes(store.bus, ["A"], 5_000)
            await until(lambda: store.writer.counts.failures >= 3)
            with pytest.raises(StoreDownError, match="OOM"):
                await store.cache.put_odds([offered()])
            server.ask("CONFIG", "SET", "maxmemory", "0")
            await until(lambda: heard.quotes.get("A") == quoted("A", 5_000))
            await store.writer.drained(5)
        (said,) = told
        assert "raise maxmemory" in said.do
        assert server.ask("GET", "odds:consensus:abc123:buffalo_bills") == "53.39"

    asyncio.run(suite())


def test_odds_that_no_server_takes_are_a_store_that_is_down(server: OwnValkey) -> None:
    async def suite() -> None:
        told = Told()
        store = opened(server, told)
        server.kill()
        async with running(store.bus.run()):
            with pytest.raises(StoreDownError, match="Redis does not answer") as down:
                await store.cache.put_odds([offered()])
            assert str(server.socket) not in str(down.value)
            server.start()
            await store.writer.drained(5)
        assert server.ask("EXISTS", "odds:consensus:abc123:buffalo_bills") == 1

    asyncio.run(suite())


def test_a_wrong_password_ends_writer_and_follower_without_showing_it(tmp_path: Path) -> None:
    async def suite(server: OwnValkey) -> None:
        for path in ("?password=wr0ng", ""):
            store = opened(server, Told(), path=path)
            for work in (
                store.bus.run(),
                store.bus.follow([Topic.ODDS], lambda _: None, lambda _: None),
                store.bus.signals("trade", "one", lambda _: None),
            ):
                with pytest.raises(ConfigError, match="Redis refuses") as refused:
                    await asyncio.wait_for(work, 5)
                assert "REDIS_URL" in refused.value.do
                assert "wr0ng" not in str(refused.value)

    with own_valkey(tmp_path) as server:
        server.ask("CONFIG", "SET", "requirepass", "s3cret")
        asyncio.run(suite(server))


def test_somebody_elses_key_in_the_place_of_a_table_is_said(server: OwnValkey) -> None:
    async def suite() -> None:
        server.ask("SET", "karb:quotes", "mine")
        store = opened(server, Told())
        put_quotes(store.bus, ["A"])
        for work in (
            store.bus.run(),
            store.bus.follow([Topic.QUOTES], lambda _: None, lambda _: None),
        ):
            with pytest.raises(ConfigError, match="WRONGTYPE") as refused:
                await asyncio.wait_for(work, 5)
            assert "another database" in refused.value.do

    asyncio.run(suite())


def test_a_reader_that_is_slow_is_cut_off_and_gets_the_whole_again(server: OwnValkey) -> None:
    async def suite() -> None:
        told, heard = Told(), Listener()
        server.ask("CONFIG", "SET", "client-output-buffer-limit", "pubsub 100kb 50kb 1")
        bus, other = opened(server, told).bus, opened(server, told).bus
        tickers = [str(number) for number in range(1_000)]

        def publish() -> None:
            """What a busy writer sends while the follower's process is at something else."""
            junk = Packer(Topic.ODDS, "somebody").batch(1, 1, {}, ["x" * 1_000])
            with redis.Redis.from_url(server.url) as client, client.pipeline() as pipe:
                for _ in range(2_000):
                    pipe.publish("karb:bus:odds", junk)
                pipe.execute()

        async with running(bus.run(), heard.follow(other, Topic.QUOTES, Topic.ODDS)):
            put_quotes(bus, tickers)
            await until(lambda: len(heard.live) == 1_000)
            publish()
            await until(lambda: other.heard.reconnects)
            await until(lambda: heard.told[-1] != STALE and len(heard.live) == 1_000)
        assert STALE in heard.told

    asyncio.run(suite())


def test_a_thousand_markets_leave_in_slices_and_all_arrive(server: OwnValkey) -> None:
    async def suite() -> None:
        told, heard = Told(), Listener()
        store = opened(server, told)
        tickers = [f"KXNBAGAME-26NOV26BOSNYK-{number}" for number in range(1_000)]
        async with running(store.bus.run(), heard.follow(opened(server, told).bus, Topic.QUOTES)):
            await until(lambda: heard.told)
            put_quotes(store.bus, tickers)
            for ticker in tickers:
                store.cache.put_quote(quote(ticker=ticker), 4_800)
            await store.writer.drained(5)
            await until(lambda: heard.live == set(tickers))
        assert server.ask("SCARD", "kalshi:markets") == 1_000
        batches = [n for n in heard.told if isinstance(n, News) and not n.whole]
        assert max(len(batch.entries) for batch in batches) <= 200
        assert STALE not in heard.told

    asyncio.run(suite())


def test_everything_that_was_marked_leaves_without_waiting_for_a_sign_of_life(
    server: OwnValkey,
) -> None:
    async def suite() -> None:
        address, chance = address_of(server.url), Random()
        writer = Writer(address, random=chance, clock=monotonic_ns, told=Told().append, beat=3_600)
        bus = RedisBus(address, writer, now=time_ns, random=chance, told=Told().append)
        cache = RedisCache(writer, live=bus.is_live, now=lambda: NOW)
        signal = judge(situation(), profile())
        values = {
            Topic.QUOTES: quoted("A"),
            Topic.MARKETS: listed("A"),
            Topic.ODDS: offered(),
            Topic.LINKS: link("A"),
        }
        async with running(bus.run()):
            for topic, value in values.items():
                for number in range(777):
                    bus.put(topic, f"{number}", value)
                await writer.drained(5)
                assert server.ask("HLEN", f"karb:{topic.value}") == 777
            for number in range(777):
                bus.send(signal)
                cache.put_quote(quote(ticker=f"{number}"), 4_800)
            await cache.put_odds(offered(id=f"{number}") for number in range(77))
        assert server.ask("XLEN", "karb:signals") == 777
        assert server.ask("SCARD", "kalshi:markets") == 777
        assert server.ask("SCARD", "odds:events:nfl") == 77

    asyncio.run(suite())


def test_signals_sent_while_the_server_was_away_all_arrive_in_their_order(
    server: OwnValkey,
) -> None:
    async def suite() -> None:
        told, taken = Told(), list[Signal]()
        bus, other = opened(server, told).bus, opened(server, told).bus
        signals = [judge(situation(), profile(name=str(number))) for number in range(300)]
        async with running(bus.run(), other.signals("trade", "one", taken.append)):
            bus.send(signals[0])
            await until(lambda: taken)
            server.kill()
            for signal in signals[1:]:
                bus.send(signal)
            await asyncio.sleep(0.2)
            server.start()
            await until(lambda: taken[-1] == signals[-1])
        assert list(dict.fromkeys(each.profile for each in taken)) == [
            str(number) for number in range(300)
        ]

    asyncio.run(suite())


def test_a_group_that_was_deleted_under_a_consumer_is_made_again(server: OwnValkey) -> None:
    async def suite() -> None:
        told, taken = Told(), list[Signal]()
        bus, other = opened(server, told).bus, opened(server, told).bus
        async with running(bus.run(), other.signals("trade", "one", taken.append)):
            bus.send(judge(situation(), profile(name="1")))
            await until(lambda: taken)
            server.ask("FLUSHALL")
            bus.send(judge(situation(), profile(name="2")))
            await until(lambda: len(taken) == 2)
        assert told == []

    asyncio.run(suite())


def test_a_signal_that_cannot_be_read_is_counted_and_let_go(server: OwnValkey) -> None:
    async def suite() -> None:
        told, taken = Told(), list[Signal]()
        bus, other = opened(server, told).bus, opened(server, told).bus
        for fields in (("signal", b"\x01junk"), ("other", "x"), ("signal", b"\x07newer")):
            server.ask("XADD", "karb:signals", "*", *fields)
        async with running(bus.run(), other.signals("trade", "one", taken.append)):
            bus.send(judge(situation(), profile()))
            await until(lambda: taken)
        assert other.heard.unread == 3
        assert len(told) == 2
        assert server.ask("XPENDING", "karb:signals", "trade")["pending"] == 0

    asyncio.run(suite())


def test_what_the_dead_left_behind_is_swept_out_and_the_living_stay(server: OwnValkey) -> None:
    async def suite() -> None:
        told, heard = Told(), Listener()
        old = (time_ns() - 120 * 10**9) // 10**6
        dead = Packer(Topic.QUOTES, "deadbeef").header(1) + b"whatever"
        for topic in ("quotes", "markets"):
            server.ask("HSET", f"karb:{topic}", "left", dead, "taken over", dead)
            server.ask("HSET", f"karb:{topic}:writers", "deadbeef", f"1 7 {old}")
        server.ask("HSET", "karb:odds", "kept", Packer(Topic.ODDS, "deadbeef").header(1) + b"x")
        server.ask("HSET", "karb:odds:writers", "deadbeef", f"1 7 {old}")
        server.ask("SADD", "kalshi:markets", "left")
        first, second = opened(server, told), opened(server, told)
        async with running(
            first.bus.run(), second.bus.run(), heard.follow(first.bus, Topic.QUOTES)
        ):
            put_quotes(second.bus, ["taken over"])
            await second.writer.drained(5)
            put_quotes(first.bus, ["mine"])
            first.cache.put_quote(quote(ticker="mine"), 4_800)
            await first.writer.drained(5)
            await until(lambda: heard.live == {"mine", "taken over"})
        assert set(server.ask("HKEYS", "karb:quotes")) == {"taken over", "mine"}
        assert len(server.ask("HKEYS", "karb:quotes:writers")) == 2
        assert server.ask("HKEYS", "karb:odds") == ["kept"]
        assert server.ask("SMEMBERS", "kalshi:markets") == {"mine"}

    asyncio.run(suite())


def test_a_market_that_does_not_move_lives_while_its_book_does_and_odds_expire(
    server: OwnValkey,
) -> None:
    async def suite() -> None:
        store = opened(server, Told(), renewal=2 * BEAT)
        keys = ("kalshi:m:A", "kalshi:m:lost", "odds:consensus:abc123:buffalo_bills")
        async with running(store.bus.run()):
            for ticker in ("A", "lost"):
                store.bus.put(Topic.QUOTES, ticker, quoted(ticker))
                store.cache.put_quote(quote(ticker=ticker), 4_800)
            await store.cache.put_odds([offered()])
            store.bus.put(Topic.QUOTES, "lost", quoted("lost", live=False))
            for _ in range(2):
                for key in keys:
                    server.ask("EXPIRE", key, 20)
                await until(lambda: server.ask("TTL", keys[0]) > 3_000)
            assert all(0 < server.ask("TTL", key) <= 20 for key in keys[1:])

    asyncio.run(suite())


class Upper(Random):
    """Chance that always makes the wait none at all; `bounds` are what it could have been."""

    def __init__(self) -> None:
        super().__init__()
        self.bounds: list[float] = []

    def uniform(self, a: float, b: float) -> float:
        self.bounds.append(b)
        return a


def test_a_follower_waits_longer_each_time_and_anew_after_a_line_that_held(
    server: OwnValkey,
) -> None:
    async def suite() -> None:
        chance, heard = Upper(), Listener()
        store = opened(server, Told(), chance=chance, silence=0.1)
        async with running(heard.follow(store.bus, Topic.ODDS)):
            await until(lambda: heard.told)
            server.kill()
            await until(lambda: len(chance.bounds) >= 5)
            assert chance.bounds[:5] == [0.05 * 2**failures for failures in range(5)]
            server.start()
            heard.told.clear()
            await until(lambda: heard.told)
            await asyncio.sleep(0.15)
            chance.bounds.clear()
            server.kill()
            await until(lambda: chance.bounds)
            assert chance.bounds[0] == 0.05
            assert store.bus.heard.reconnects == 1

    asyncio.run(suite())


def test_whoever_slept_has_time_to_put_what_is_true_before_it_is_told(server: OwnValkey) -> None:
    async def suite() -> None:
        clock, told = [0], Told()
        store = opened(server, told, chance=Upper(), clock=lambda: clock[0])
        async with running(store.bus.run()):
            put_quotes(store.bus, ["A"])
            await store.writer.drained(5)
            clock[0] += 60 * SECOND
            await until(lambda: told)
            written = store.writer.counts.writes
            await asyncio.sleep(0.1)
            assert store.writer.counts.writes == written
            put_quotes(store.bus, ["A"], 5_000)
            await until(lambda: store.writer.counts.writes > written)
            await store.writer.drained(5)
        assert told[0].what == "this process was asleep for 1m00s"
        assert "REDIS_URL" not in told[0].do
        entry = Unpacker(Topic.QUOTES).entry("A", server.raw("HGET", "karb:quotes", "A"))
        assert (entry.epoch, entry.value) == (2, quoted("A", 5_000))

    asyncio.run(suite())


def test_a_busy_machine_is_no_alarm_and_what_was_put_before_is_put_anew(
    server: OwnValkey,
) -> None:
    """A process that starts, and one that ends, may hold its loop for seconds."""

    async def suite() -> None:
        clock, told = [0], Told()
        store = opened(server, told, clock=lambda: clock[0])
        async with running(store.bus.run()):
            put_quotes(store.bus, ["A"])
            await store.writer.drained(5)
            clock[0] += 5 * SECOND
            await until(lambda: store.writer.counts.connections == 2)
            await store.writer.drained(5)
        assert list(told) == []

    asyncio.run(suite())


@pytest.mark.parametrize("used", [True, False], ids=["used", "idle"])
def test_a_writer_with_nothing_to_write_sees_that_its_server_is_gone(
    server: OwnValkey, used: bool
) -> None:
    async def suite() -> None:
        told = Told()
        store = opened(server, told)
        async with running(store.bus.run()):
            if used:
                put_quotes(store.bus, ["A"])
            await until(lambda: store.writer.up)
            await store.writer.drained(5)
            server.kill()
            await until(lambda: not store.writer.up)
            assert "does not answer" in told[0].what
            server.start()
            await until(lambda: store.writer.up)

    asyncio.run(suite())


def test_an_end_that_is_asked_for_while_a_line_opens_ends_the_writer(
    server: OwnValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the very turn of the loop in which the connection stands."""

    async def suite() -> None:
        connected = line_module._connected

        async def connected_as_the_end_is_asked_for(address: Address) -> Line:
            line = await connected(address)
            asyncio.get_running_loop().call_soon(serving.cancel)
            return line

        monkeypatch.setattr(line_module, "_connected", connected_as_the_end_is_asked_for)
        serving = asyncio.create_task(opened(server, Told()).bus.run())
        ended, _ = await asyncio.wait([serving], timeout=1)
        monkeypatch.undo()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        assert ended

    asyncio.run(suite())


def test_a_server_over_tcp_with_a_user_and_a_password(tmp_path: Path) -> None:
    async def suite() -> None:
        told, heard = Told(), Listener()
        url = f"redis://karb:s3cret@127.0.0.1:{port}/3"
        store = redis_store(url, now=time_ns, clock=monotonic_ns, random=Random(), told=told.append)
        async with running(store.bus.run(), heard.follow(store.bus, Topic.QUOTES)):
            put_quotes(store.bus, ["A"])
            await until(lambda: heard.live)
        assert told == []

    port = free_port()
    with own_valkey(tmp_path, "--port", f"{port}") as server:
        rights = ("~odds:*", "~kalshi:*", "~karb:*", "&karb:*", "+@all", "-@dangerous", "-keys")
        server.ask("ACL", "SETUSER", "karb", "on", ">s3cret", *rights)
        asyncio.run(suite())


def test_tls_is_spoken_and_a_server_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    async def connect(url: str) -> None:
        async with opened_line(address_of(url), patience=5.0):
            return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"SELECT\r\n$1\r\n0\r\n")
        writer.write(b"%0\r\n+OK\r\n")
        await writer.drain()
        await reader.read()
        writer.close()

    async def suite() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(tmp_path))
        async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
            port = server.sockets[0].getsockname()[1]
            url = f"rediss://localhost:{port}/0"
            await connect(f"{url}?ssl_ca_certs={tmp_path}/server.pem")
            with pytest.raises(LostError, match="self-signed certificate"):
                await connect(url)

    asyncio.run(suite())


def test_two_instances_in_two_databases_do_not_hear_each_other(server: OwnValkey) -> None:
    async def suite() -> None:
        told: Told = []
        heard: dict[str, Any] = {path: Listener() for path in ("?db=1", "?db=2")}
        stores = {path: opened(server, told, path=path) for path in heard}
        parts = [store.bus.run() for store in stores.values()]
        parts += [heard[path].follow(stores[path].bus, Topic.QUOTES) for path in heard]
        async with running(*parts):
            for path, store in stores.items():
                put_quotes(store.bus, [path])
            await until(lambda: all(each.live for each in heard.values()))
            await asyncio.sleep(2 * BEAT)
        for path, each in heard.items():
            assert each.live == {path}
        assert told == []

    asyncio.run(suite())
