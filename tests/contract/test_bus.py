"""The port `Bus`: one suite over memory and a real Valkey."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from time import monotonic_ns, time_ns
from typing import Any

import msgspec
import pytest
import redis

from bus_listener import STALE, Listener, put_quotes, quoted, running, until
from karb.adapters.memory.bus import MemoryBus, MemoryServer
from karb.adapters.redis.address import address_of
from karb.adapters.redis.bus import RedisBus
from karb.adapters.redis.writer import Writer
from karb.domain.edge.signal import Signal
from karb.domain.fair.answers import NoConsensus
from karb.domain.linking.links import NoLink, Unlinked
from karb.domain.market.messages import Event, Series
from karb.ports import Bus, News, Quoted, Topic
from offers import EVENT_ID, HOME, START, link, listed, offered
from situations import judge, profile, quote, situation

DATABASE = 11
BEAT, SILENCE, ABANDONED = 0.05, 0.8, 0.4

NO_LINK = NoLink(
    ticker="B",
    event_ticker="E",
    league=None,
    reason=Unlinked.UNKNOWN_TEAM,
    detail="no team is called 'Bufalo'",
    unknown="Bufalo",
    proposals=("Buffalo Bills",),
)

NewBus = Callable[[], Bus]
"""Another process's end of the same bus."""
Suite = Callable[[NewBus], Awaitable[None]]
Run = Callable[[Suite], None]


def redis_bus(url: str) -> RedisBus:
    address, chance = address_of(url), Random()
    writer = Writer(address, random=chance, clock=monotonic_ns, told=_fail, beat=BEAT)
    return RedisBus(
        address,
        writer,
        now=time_ns,
        random=chance,
        told=_fail,
        silence=SILENCE,
        abandoned=ABANDONED,
    )


def _fail(error: Exception) -> None:
    raise AssertionError(error)


@pytest.fixture(params=["memory", "redis"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine over a bus that nobody has used."""
    if request.param == "memory":

        def in_memory(suite: Suite) -> None:
            async def over() -> None:
                server = MemoryServer()
                await suite(
                    lambda: MemoryBus(server, beat=BEAT, silence=SILENCE, abandoned=ABANDONED)
                )

            asyncio.run(over())

        return in_memory
    socket: Path = request.getfixturevalue("valkey_socket")
    url = f"unix://{socket}?db={DATABASE}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()

    def over_redis(suite: Suite) -> None:
        async def over() -> None:
            await suite(lambda: redis_bus(url))

        asyncio.run(over())

    return over_redis


def signal(number: int) -> Signal:
    made = judge(situation(), profile())
    return msgspec.structs.replace(made, signal_id=f"signal-{number}")


def test_a_value_of_each_topic_arrives_as_it_was_put(run: Run) -> None:
    series = Series(ticker="S", title="t", fee_type="quadratic", fee_multiplier="1")
    event = Event(event_ticker="E", series="S", title="Ü", fee_type=None, fee_multiplier=None)
    none = offered(away=1.0)
    values: dict[Topic, dict[str, Any]] = {
        Topic.QUOTES: {
            "A": quoted("A"),
            "B": Quoted(quote(None, None, ticker="B", volume=None, ts_event=None), live=False),
        },
        Topic.MARKETS: {"A": msgspec.structs.replace(listed("A"), event=event, series=series)},
        Topic.ODDS: {EVENT_ID: offered(starts_seen=(START - 1,)), "none": none},
        Topic.LINKS: {"A": link("A", moved=True, evidence=("é",)), "B": NO_LINK},
    }
    assert isinstance(none.none[HOME], NoConsensus)

    async def suite(new: NewBus) -> None:
        bus, heard, late = new(), Listener(), Listener()
        async with running(bus.run(), heard.follow(new())):
            await until(lambda: all(heard.wholes(topic) for topic in Topic))
            for topic, entries in values.items():
                for key, value in entries.items():
                    bus.put(topic, key, value)
            await until(lambda: heard.tables == values)
            async with running(late.follow(new())):
                await until(lambda: late.tables == values)

    run(suite)


def test_a_follower_gets_the_whole_first_and_batches_then(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        bus, heard = new(), Listener()
        async with running(bus.run()):
            bus.put(Topic.LINKS, "A", link("A"))
            bus.put(Topic.LINKS, "B", NO_LINK)
            await asyncio.sleep(0.1)
            async with running(heard.follow(new(), Topic.LINKS)):
                await until(lambda: heard.told)
                bus.drop(Topic.LINKS, "B")
                await until(lambda: len(heard.told) == 2)
        assert heard.told == [
            News(Topic.LINKS, {"A": link("A"), "B": NO_LINK}, whole=True),
            News(Topic.LINKS, {"B": None}),
        ]

    run(suite)


def test_of_many_values_put_at_once_only_the_newest_leaves(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        bus, heard = new(), Listener()
        async with running(bus.run(), heard.follow(new(), Topic.QUOTES)):
            put_quotes(bus, ["A"], 900)
            await until(lambda: heard.live)
            heard.told.clear()
            for bid in range(1_000, 4_800, 100):
                put_quotes(bus, ["A", "B"], bid)
            bus.put(Topic.QUOTES, "C", quoted("C"))
            bus.drop(Topic.QUOTES, "C")
            bus.drop(Topic.QUOTES, "D")
            bus.put(Topic.QUOTES, "D", quoted("D"))
            await until(lambda: "B" in heard.quotes)
        (batch,) = (n for n in heard.told if isinstance(n, News) and n.entries)
        wanted = {"A": quoted("A"), "B": quoted("B"), "C": None, "D": quoted("D")}
        assert batch.entries == wanted

    run(suite)


def test_what_is_dropped_is_gone_for_who_comes_later_too(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        bus, other, heard, late = new(), new(), Listener(), Listener()
        async with running(bus.run(), other.run(), heard.follow(new(), Topic.ODDS)):
            bus.put(Topic.ODDS, "1", offered())
            bus.put(Topic.ODDS, "2", offered())
            await until(lambda: len(heard.tables[Topic.ODDS]) == 2)
            other.drop(Topic.ODDS, "1")
            await until(lambda: list(heard.tables[Topic.ODDS]) == ["2"])
            async with running(late.follow(new(), Topic.ODDS)):
                await until(lambda: late.told)
        assert list(late.tables[Topic.ODDS]) == ["2"]

    run(suite)


def test_several_writers_share_a_table_and_follow_each_other_without_a_gap(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        shards, heard = [new(), new(), new()], Listener()
        async with running(heard.follow(new(), Topic.QUOTES), *(bus.run() for bus in shards)):
            for bid in range(1_000, 4_000, 100):
                for number, bus in enumerate(shards):
                    put_quotes(bus, [f"{number}", "shared"], bid)
                await asyncio.sleep(0.002)
            wanted = {"0": 3_900, "1": 3_900, "2": 3_900, "shared": 3_900}
            await until(lambda: {k: q.quote.yes_bid for k, q in heard.quotes.items()} == wanted)
        assert STALE not in heard.told
        assert heard.live == set(wanted)

    run(suite)


def test_a_quiet_writer_of_quotes_gives_signs_of_life(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        bus, heard = new(), Listener()
        async with running(bus.run(), heard.follow(new(), Topic.QUOTES)):
            put_quotes(bus, ["A"])
            await until(lambda: heard.live)
            before = len(heard.told)
            await asyncio.sleep(1.5 * SILENCE)
            assert heard.live == {"A"}
            assert STALE not in heard.told
            assert len(heard.told) > before

    run(suite)


def test_quotes_of_a_writer_that_fell_silent_are_stale_then_not_live(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        dying, living, heard = new(), new(), Listener()
        async with running(living.run(), heard.follow(new(), Topic.QUOTES)):
            async with running(dying.run()):
                put_quotes(dying, ["A"])
                put_quotes(living, ["B"])
                await until(lambda: heard.live == {"A", "B"})
            await until(lambda: heard.live == {"B"})
            assert heard.quotes["A"] == quoted("A", live=False)
            assert heard.times_stale == 1
            assert heard.told[heard.told.index(STALE) + 1] == News(
                Topic.QUOTES, {"A": quoted("A", live=False), "B": quoted("B")}, whole=True
            )

    run(suite)


def test_a_writer_that_is_heard_again_is_believed_again(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        bus, heard = new(), Listener()
        async with running(heard.follow(new(), Topic.QUOTES)):
            async with running(bus.run()):
                put_quotes(bus, ["A", "B"])
                await until(lambda: heard.live == {"A", "B"})
            await until(lambda: heard.quotes and not heard.live)
            async with running(bus.run()):
                put_quotes(bus, ["B"], 4_800)
                await until(lambda: "B" in heard.live)
                assert heard.quotes["B"] == quoted("B", 4_800)

    run(suite)


def test_nobody_takes_the_quotes_of_the_dead_for_live(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        bus, heard, late = new(), Listener(), Listener()
        async with running(bus.run(), heard.follow(new(), Topic.QUOTES)):
            put_quotes(bus, ["A"])
            await until(lambda: heard.live)
        await asyncio.sleep(1.2 * SILENCE)
        async with running(late.follow(new(), Topic.QUOTES)):
            await until(lambda: late.quotes)
            assert late.quotes == {"A": quoted("A", live=False)}
            await asyncio.sleep(2 * BEAT)
            assert not late.live

    run(suite)


def test_odds_outlive_the_process_that_wrote_them(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        first, heard, late = new(), Listener(), Listener()
        async with running(first.run(), heard.follow(new(), Topic.ODDS)):
            first.put(Topic.ODDS, EVENT_ID, offered())
            await until(lambda: heard.tables[Topic.ODDS])
        await asyncio.sleep(1.2 * SILENCE)
        async with running(late.follow(new(), Topic.ODDS)):
            await until(lambda: late.told)
        assert late.tables[Topic.ODDS] == {EVENT_ID: offered()}
        assert STALE not in late.told

    run(suite)


def test_signals_come_in_their_order_and_none_is_conflated(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        bus, taken = new(), list[Signal]()
        async with running(bus.run(), new().signals("trade", "one", taken.append)):
            for number in range(250):
                bus.send(signal(number))
            await until(lambda: len(taken) == 250)
        assert taken == [signal(number) for number in range(250)]

    run(suite)


def test_a_signal_sent_before_there_was_a_consumer_is_kept(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        bus, taken = new(), list[Signal]()
        async with running(bus.run()):
            bus.send(signal(1))
            await asyncio.sleep(0.1)
        async with running(new().signals("trade", "one", taken.append)):
            await until(lambda: taken)
        assert taken == [signal(1)]

    run(suite)


def test_each_signal_goes_to_one_consumer_of_a_group_and_to_every_group(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        bus = new()
        one, two, other = list[Signal](), list[Signal](), list[Signal]()
        async with running(
            bus.run(),
            new().signals("trade", "one", one.append),
            new().signals("trade", "two", two.append),
            new().signals("screen", "one", other.append),
        ):
            for number in range(20):
                bus.send(signal(number))
                await asyncio.sleep(0.003)
            await until(lambda: len(one) + len(two) == 20 and len(other) == 20)
        ids = sorted(each.signal_id for each in one + two)
        assert ids == sorted(f"signal-{number}" for number in range(20))

    run(suite)


class RefusedError(Exception):
    """What a consumer's `take` raises."""


def _refuse(taken: Signal) -> None:
    raise RefusedError(taken.signal_id)


def test_a_signal_whose_taking_failed_comes_again_to_the_same_consumer(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        bus, taken = new(), list[Signal]()
        async with running(bus.run()):
            bus.send(signal(1))
            with pytest.raises(RefusedError):
                await asyncio.wait_for(new().signals("trade", "one", _refuse), 10)
        async with running(new().signals("trade", "one", taken.append)):
            await until(lambda: taken)
            await asyncio.sleep(1.5 * ABANDONED)
        assert taken == [signal(1)]

    run(suite)


def test_what_a_dead_consumer_had_in_hand_is_anothers_after_a_while(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        bus, taken = new(), list[Signal]()
        async with running(bus.run()):
            bus.send(signal(1))
            with pytest.raises(RefusedError):
                await asyncio.wait_for(new().signals("trade", "dead", _refuse), 10)
            async with running(new().signals("trade", "living", taken.append)):
                bus.send(signal(2))
                await until(lambda: len(taken) == 2)
        assert [each.signal_id for each in taken] == ["signal-2", "signal-1"]

    run(suite)


def test_what_was_acknowledged_does_not_come_again(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        bus, taken, again = new(), list[Signal](), list[Signal]()
        async with running(bus.run()):
            async with running(new().signals("trade", "one", taken.append)):
                bus.send(signal(1))
                await until(lambda: taken)
                await asyncio.sleep(0.05)
            async with running(
                new().signals("trade", "one", again.append),
                new().signals("trade", "two", again.append),
            ):
                await asyncio.sleep(2 * ABANDONED)
        assert again == []

    run(suite)


def test_a_failing_taker_of_news_ends_the_following_with_its_error(run: Run) -> None:
    async def suite(new: NewBus) -> None:
        def take(news: News) -> None:
            raise RefusedError(news.topic)

        with pytest.raises(RefusedError):
            await asyncio.wait_for(new().follow([Topic.LINKS], take, lambda _: None), 10)

    run(suite)
