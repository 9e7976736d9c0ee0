"""What the writer's sources pack: the newest of each key, and again what may not have arrived."""

from random import Random
from typing import Any

import hiredis
import msgspec
import pytest

from bus_listener import quoted
from karb.adapters.redis.line import LONGEST_WAIT, backoff
from karb.adapters.redis.market_keys import MarketKeys
from karb.adapters.redis.odds_keys import OddsKeys
from karb.adapters.redis.packing import Packer, Unpacker, VersionError, pack_signal, unpack_signal
from karb.adapters.redis.signals import KEPT, SignalLog
from karb.adapters.redis.topic_table import TopicTable
from karb.adapters.redis.writer import Packed, Source
from karb.domain.units import HOUR, SECOND, Nanos
from karb.errors import DecodeError
from karb.ports import Topic
from offers import link, listed, offered
from situations import NOW, judge, profile, quote, situation

ROOM = 200


def commands(packed: Packed | None) -> list[list[bytes]]:
    """The commands of a pack, which says their number rightly."""
    assert packed is not None
    reader, found = hiredis.Reader(), list[list[bytes]]()
    reader.feed(packed.data)
    while (command := reader.gets()) is not False:
        found.append(command)
    assert len(found) == packed.replies
    return found


def named(packed: Packed | None, name: bytes) -> list[list[bytes]]:
    return [command for command in commands(packed) if command[0] == name]


def table(topic: Topic = Topic.QUOTES) -> TopicTable:
    made = TopicTable(topic, 0, "writer-a", lambda: NOW)
    made.begin(1)
    return made


def accept(source: Source, made_record: int = 0) -> bool:
    """The server takes the last pack of a topic."""
    return source.settle([b"OK", [made_record, 1, 1, 0]])


def batch(packed: Packed | None, topic: Topic = Topic.QUOTES) -> Any:
    ((_, _, data),) = named(packed, b"PUBLISH")
    return Unpacker(topic).batch(data)


def test_nothing_is_packed_where_nothing_is_marked() -> None:
    one = table()
    assert one.pack(ROOM) is None
    one.beat()
    assert one.pack(ROOM) is None


def test_a_batch_carries_the_newest_and_is_one_transaction_with_its_record() -> None:
    one = table()
    one.put("A", quoted("A", 1_000))
    one.put("A", quoted("A"))
    one.drop("B")
    packed = one.pack(ROOM)
    names = [command[0] for command in commands(packed)]
    start = names.index(b"MULTI")
    assert names[start:] == [
        *(b"MULTI", b"HSET", b"HDEL", b"HSET", b"EXPIRE", b"EXPIRE", b"PUBLISH", b"EXEC")
    ]
    made = batch(packed)
    assert (made.writer, made.epoch, made.number) == ("writer-a", 1, 1)
    assert (made.entries, made.dropped) == ({"A": quoted("A")}, ["B"])
    entries, record = named(packed, b"HSET")
    assert Unpacker(Topic.QUOTES).entry("A", entries[3]) == ("writer-a", 1, quoted("A"))
    assert record[1:] == [b"karb:quotes:writers", b"writer-a", b"1 1 %d" % (NOW // 1_000_000)]


def test_numbers_follow_each_other_and_signs_of_life_have_one_too() -> None:
    one = table()
    numbers = []
    for _ in range(3):
        one.put("A", quoted("A"))
        numbers.append(batch(one.pack(ROOM)).number)
        accept(one)
    one.beat()
    alive = batch(one.pack(ROOM))
    assert [*numbers, alive.number] == [1, 2, 3, 4]
    assert (alive.entries, alive.dropped) == ({}, [])
    assert one.pack(ROOM) is None


def test_a_new_connection_begins_with_everything_that_lives_and_may_not_have_gone() -> None:
    one = table()
    for key in ("A", "B", "C"):
        one.put(key, quoted(key))
    one.pack(ROOM)
    accept(one)
    one.drop("A")
    one.pack(ROOM)
    one.put("B", quoted("B", 5_000))
    one.begin(2)
    made = batch(one.pack(ROOM))
    assert (made.epoch, made.number) == (2, 1)
    assert made.entries == {"B": quoted("B", 5_000), "C": quoted("C")}
    assert made.dropped == ["A"]
    accept(one)
    one.begin(3)
    assert batch(one.pack(ROOM)).dropped == []


def test_a_record_that_had_to_be_made_anew_was_lost() -> None:
    one = table()
    one.put("A", quoted("A"))
    one.pack(ROOM)
    assert accept(one, made_record=1)
    one.beat()
    one.pack(ROOM)
    assert accept(one)
    one.beat()
    one.pack(ROOM)
    assert not accept(one, made_record=1)


def test_a_slice_holds_fewer_of_what_takes_longer_to_pack() -> None:
    for topic, value, most in (
        (Topic.QUOTES, quoted("A"), 200),
        (Topic.MARKETS, listed("A"), 100),
        (Topic.ODDS, offered(), 50),
        (Topic.LINKS, link("A"), 100),
    ):
        one = table(topic)
        for number in range(1_000):
            one.put(f"{number}", value)
        packed = one.pack(ROOM)
        assert packed is not None
        assert packed.entries == most
        assert packed.room <= ROOM
        assert packed.more


def test_a_database_other_than_the_first_has_channels_of_its_own() -> None:
    one = TopicTable(Topic.LINKS, 7, "writer-a", lambda: NOW)
    one.begin(1)
    one.put("A", link("A"))
    ((_, channel, _),) = named(one.pack(ROOM), b"PUBLISH")
    assert channel == b"karb:bus:links@7"


def market_keys(*lost: str) -> MarketKeys:
    """Markets of which all but the lost ones have a live book."""
    return MarketKeys(lambda ticker: ticker not in lost)


def test_markets_are_marked_once_and_again_when_their_life_is_renewed() -> None:
    keys = market_keys()
    keys.begin(1)
    keys.pack(ROOM)
    for _ in range(3):
        keys.put(quote(ticker="A"), None)
    assert len(named(keys.pack(ROOM), b"EXPIRE")) == 1
    assert keys.pack(ROOM) is None
    keys.renew()
    assert len(named(keys.pack(ROOM), b"EXPIRE")) == 1


def test_a_market_that_left_while_the_server_was_away_leaves_when_it_is_back() -> None:
    keys = market_keys()
    keys.begin(1)
    keys.put(quote(ticker="A"), None)
    keys.put(quote(ticker="B"), None)
    keys.pack(ROOM)
    keys.settle([])
    keys.close("A")
    keys.pack(ROOM)
    keys.begin(2)
    packed = keys.pack(ROOM)
    assert named(packed, b"SREM") == [[b"SREM", b"kalshi:markets", b"A"]]
    assert named(packed, b"SADD") == [[b"SADD", b"kalshi:markets", b"B"]]


def test_prices_of_a_book_that_is_lost_are_left_to_expire() -> None:
    keys = market_keys("lost")
    keys.put(quote(ticker="A"), None)
    keys.put(quote(ticker="lost"), None)
    keys.pack(ROOM)
    for mark in (keys.renew, lambda: keys.begin(2)):
        mark()
        assert [key for _, key, _ in named(keys.pack(ROOM), b"EXPIRE")] == [b"kalshi:m:A"]


class Passes:
    """Passes over the odds, and a clock to set."""

    def __init__(self) -> None:
        self.time: Nanos = NOW
        self.keys = OddsKeys(lambda: self.time)

    def lives(self) -> set[int]:
        """Pack everything that is marked; the seconds that its keys are given."""
        packed = self.keys.pack(ROOM)
        given = named(packed, b"SET") + named(packed, b"EXPIRE")
        self.keys.settle([])
        return {int(each[-1]) for each in given if each[1] != b"odds:last_update"}

    def deleted(self) -> set[bytes]:
        """Pack everything that is marked; the keys that are taken away with the sets."""
        return set(named(self.keys.pack(ROOM), b"DEL")[-1][1:])


def test_odds_live_from_when_they_were_got_however_often_they_are_written() -> None:
    passes = Passes()
    passes.keys.put([offered()])
    assert passes.lives() == {7_200}
    passes.time += HOUR
    passes.keys.begin(2)
    assert passes.lives() == {3_600}
    passes.time -= 5 * HOUR
    passes.keys.begin(3)
    assert passes.lives() == {7_200}, "a clock that was set back lengthens no life"


def test_odds_that_no_new_ones_replace_leave_the_sets_when_they_expire() -> None:
    passes = Passes()
    passes.keys.put([offered(), msgspec.structs.replace(offered(id="newer"), at=NOW + HOUR)])
    passes.lives()
    passes.time += HOUR
    passes.keys.renew()
    assert passes.keys.pack(ROOM) is None
    passes.time += HOUR
    passes.keys.renew()
    packed = passes.keys.pack(ROOM)
    assert named(packed, b"SADD") == [
        [b"SADD", b"odds:events:all", b"newer"],
        [b"SADD", b"odds:events:nfl", b"newer"],
    ]
    assert b"odds:consensus:abc123:buffalo_bills" in named(packed, b"DEL")[-1]


def test_odds_that_are_gone_are_taken_away_by_whichever_connection_arrives() -> None:
    passes = Passes()
    passes.keys.put([offered()])
    passes.lives()
    passes.keys.put([offered(id="other")])
    gone = b"odds:consensus:abc123:buffalo_bills"
    assert gone in passes.deleted()
    passes.keys.begin(2)
    assert gone in passes.deleted(), "the first connection broke before it answered"
    passes.keys.settle([])
    passes.keys.begin(3)
    assert gone not in passes.deleted()


def test_odds_that_come_back_while_they_are_taken_away_stay() -> None:
    passes = Passes()
    passes.keys.put([offered()])
    passes.lives()
    passes.keys.put([])
    passes.keys.pack(ROOM)
    passes.keys.put([offered()])
    passes.keys.begin(2)
    assert b"odds:consensus:abc123:buffalo_bills" not in passes.deleted()


def test_signals_leave_once_the_server_has_them_and_never_out_of_order() -> None:
    log = SignalLog()
    log.begin(1)
    signals = [judge(situation(), profile(name=f"{number}")) for number in range(100)]
    for signal in signals:
        log.send(signal)
    first = log.pack(ROOM)
    log.begin(2)
    assert log.pack(ROOM) == first
    log.settle([])
    taken = named(first, b"XADD") + named(log.pack(ROOM), b"XADD")
    assert [unpack_signal(each[-1]) for each in taken] == signals


def test_too_many_waiting_signals_cost_the_oldest_and_are_counted() -> None:
    log = SignalLog()
    signal = judge(situation(), profile())
    newest = msgspec.structs.replace(signal, signal_id="newest")
    for each in [signal] * KEPT + [newest] * 3:
        log.send(each)
    assert log.lost == 3


def test_a_signal_lost_from_a_full_log_on_its_way_is_not_taken_for_another() -> None:
    log = SignalLog()
    signals = [judge(situation(), profile(name=f"{number}")) for number in range(KEPT + 2)]
    for signal in signals[:KEPT]:
        log.send(signal)
    sent = log.pack(5 * 10)
    assert sent is not None
    for signal in signals[KEPT:]:
        log.send(signal)
    log.settle([])
    (following, *_) = named(log.pack(ROOM), b"XADD")
    assert unpack_signal(following[-1]) == signals[sent.entries]


def test_another_version_is_told_apart_from_junk() -> None:
    packed = pack_signal(judge(situation(), profile()))
    with pytest.raises(VersionError, match="version 9, this karb reads 1"):
        unpack_signal(b"\x09" + packed[1:])
    with pytest.raises(DecodeError, match="cannot be read") as junk:
        unpack_signal(packed[:-1])
    assert not isinstance(junk.value, VersionError)


def test_a_field_of_a_later_version_of_a_map_is_passed_over() -> None:
    value = msgspec.msgpack.decode(
        Packer(Topic.LINKS, "writer-a").values(["A"], {"A": link("A")})["A"]
    )
    value["link"]["added_later"] = 5
    entry = Packer(Topic.LINKS, "writer-a").header(1) + msgspec.msgpack.encode(value)
    assert Unpacker(Topic.LINKS).entry("A", entry).value == link("A")


def test_waits_double_with_jitter_up_to_a_limit_and_begin_anew() -> None:
    waits = backoff(Random(1))
    taken = [waits.next() for _ in range(40)]
    assert taken[0] <= 0.05
    assert 0.5 < sum(taken[20:]) / 20 < LONGEST_WAIT
    assert max(taken) <= LONGEST_WAIT
    assert len(set(taken)) == 40
    waits.reset()
    assert waits.next() <= 0.05


def test_the_age_of_the_dead_is_told_from_the_clock_that_was_handed_in() -> None:
    one = table()
    one.put("A", quoted("A"))
    (sweep,) = named(one.pack(ROOM), b"EVAL")
    assert sweep[-2:] == [b"%d" % ((NOW - 60 * SECOND) // 1_000_000), b"1"]
    other = table(Topic.ODDS)
    other.put("e", offered())
    (sweep,) = named(other.pack(ROOM), b"EVAL")
    assert sweep[-2:] == [b"%d" % ((NOW - 3_600 * SECOND) // 1_000_000), b"0"]
