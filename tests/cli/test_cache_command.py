"""`karb cache`: what is in Redis, for people and programs."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from subprocess import CompletedProcess
from time import monotonic_ns
from typing import Any

import pytest
import redis

from bus_listener import quoted, running
from karb.adapters.redis.store import redis_store
from karb.errors import ExitCode
from karb.ports import Topic
from karb_process import document, karb
from offers import EVENT_ID, offered
from situations import NOW, judge, profile, quote, situation

DATABASE = 13
TICKER = "KXNFLGAME-26NOV26BUFHOU-BUF"


@pytest.fixture(scope="module")
def url(valkey_socket: Path) -> Iterator[str]:
    """A database with what karb writes, and with what others may have left."""
    url = f"unix://{valkey_socket}?db={DATABASE}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        asyncio.run(_fill(url))
        client.rpush("other:list", "one", b"\x00\xff", "\x1b[31mred")
        client.zadd("other:zset", {"a": 1.5, "b": 2})
        client.set("other:string", b"\xfe\x1b[2J")
        client.hset("karb:quotes", "NEWER", b"\x02whatever")
        client.xadd("other:stream", {"field": "value"})
        yield url
        client.flushdb()


async def _fill(url: str) -> None:
    def fail(error: Exception) -> None:
        raise AssertionError(error)

    store = redis_store(url, now=lambda: NOW, clock=monotonic_ns, random=Random(), told=fail)
    async with running(store.bus.run()):
        store.cache.put_quote(quote(), 4_800)
        store.bus.put(Topic.QUOTES, TICKER, quoted(TICKER))
        store.bus.send(judge(situation(), profile()))
        await store.cache.put_odds([offered()])
        await store.writer.drained(5)


@pytest.fixture
def ask(url: str, tmp_path: Path) -> Any:
    """Runs `karb cache` with these words against that database."""
    return lambda *words: karb("cache", *words, folder=tmp_path, REDIS_URL=url)


def rows(done: CompletedProcess[str]) -> dict[str, str]:
    """The rows of a table of two columns."""
    lines = done.stdout.splitlines()[2:]
    return {line.split(None, 1)[0]: line.split(None, 1)[1] for line in lines}


def test_keys_of_a_pattern_with_their_type_size_and_life(ask: Any) -> None:
    done = ask("keys", "kalshi:*")
    assert (done.returncode, done.stderr) == (0, "2 keys\n")
    head, _, market, markets = done.stdout.splitlines()
    assert head.split("  ")[0] == "type"
    assert market.split()[:2] == ["hash", "7"]
    assert market.split()[2][:3] in ("59m", "60m")
    assert market.split()[3] == f"kalshi:m:{TICKER}"
    assert markets.split() == ["set", "1", "never", "kalshi:markets"]


def test_keys_as_json(ask: Any) -> None:
    body = document(ask("keys", "odds:*", "--json"))
    assert body["schema"] == "karb.cache.keys/1"
    by_key = {row["key"]: row for row in body["keys"]}
    assert list(by_key) == sorted(by_key)
    assert by_key["odds:events:all"]["ttl_seconds"] is None
    consensus = by_key["odds:consensus:abc123:buffalo_bills"]
    assert (consensus["type"], consensus["size"]) == ("string", len("53.39"))
    assert 7_100 < consensus["ttl_seconds"] <= 7_200


def test_without_a_pattern_all_keys_are_listed(ask: Any) -> None:
    text = ask("keys").stdout
    for key in ("kalshi:markets", "karb:signals", "odds:last_update", "other:zset"):
        assert key in text


def test_a_hash_is_shown_field_by_field(ask: Any) -> None:
    done = ask("get", f"kalshi:m:{TICKER}")
    assert list(rows(done)) == [
        *("yes_bid", "no_ask", "yes_ask", "no_bid", "last_price", "volume", "updated_at")
    ]
    assert rows(done)["yes_bid"] == "47"
    assert done.stderr.startswith(f"kalshi:m:{TICKER}: hash, expires in ")


def test_a_string_is_shown_alone(ask: Any) -> None:
    assert ask("get", "odds:consensus:abc123:buffalo_bills").stdout == "53.39\n"


def test_a_set_is_a_member_a_line(ask: Any) -> None:
    done = ask("get", "odds:events:nfl")
    assert done.stdout == f"{EVENT_ID}\n"
    assert "never expires" in done.stderr


def test_what_karb_packs_is_unpacked(ask: Any) -> None:
    value = document(ask("get", "karb:quotes", "--json"))["value"]
    assert value[TICKER]["value"]["quote"]["yes_bid"] == 4_700
    assert value[TICKER]["value"]["live"] is True
    assert "version 2, this karb reads 1" in value["NEWER"]["unreadable"]
    text = rows(ask("get", "karb:quotes"))[TICKER]
    assert json.loads(text)["epoch"] == 1


def test_a_signal_of_the_stream_is_unpacked(ask: Any) -> None:
    (entry,) = document(ask("get", "karb:signals", "--json"))["value"].values()
    assert entry["signal"]["action"] == "BUY_YES"
    assert entry["signal"]["kalshi"]["ticker"] == TICKER


def test_other_peoples_types_are_shown_as_well(ask: Any) -> None:
    assert document(ask("get", "other:zset", "--json"))["value"] == {"a": 1.5, "b": 2.0}
    (entry,) = document(ask("get", "other:stream", "--json"))["value"].values()
    assert entry == {"field": "value"}
    assert rows(ask("get", "other:zset")) == {"a": "1.5", "b": "2.0"}


def test_bytes_and_escapes_do_not_reach_the_terminal(ask: Any) -> None:
    assert ask("get", "other:string").stdout == "\\xfe [2J\n"
    assert ask("get", "other:list").stdout == "one\n \\xff\n [31mred\n"
    assert document(ask("get", "other:list", "--json"))["value"][1] == "\x00\\xff"


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        (TICKER, "see karb cache keys"),
        (f"KALSHI:M:{TICKER}", f"did you mean kalshi:m:{TICKER}"),
        ("odds:consensus:abc123:bufalo_bills", "did you mean odds:consensus:abc123:buffalo_bills"),
        ("odds:zzz", "see karb cache keys 'odds:*'"),
        ("od*s:[", "see karb cache keys\n"),
    ],
)
def test_a_key_that_is_not_there_gets_the_nearest(ask: Any, key: str, hint: str) -> None:
    done = ask("get", key)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert len(done.stderr.splitlines()) == 1
    assert hint in done.stderr


def test_nothing_that_fits_is_an_empty_list(ask: Any) -> None:
    done = ask("keys", "nothing:*")
    assert (done.returncode, done.stderr) == (0, "0 keys\n")
    assert document(ask("keys", "nothing:*", "--json"))["keys"] == []


@pytest.mark.parametrize("words", [["keys"], ["get", "kalshi:markets"]], ids=" ".join)
@pytest.mark.parametrize("url", ["unix:///nowhere/v.sock", "redis://:s3cret@127.0.0.1:1"])
def test_no_redis_is_exit_8_in_three_sentences(tmp_path: Path, words: list[str], url: str) -> None:
    done = karb("cache", *words, folder=tmp_path, REDIS_URL=url)
    assert (done.returncode, done.stdout) == (ExitCode.STORE_DOWN, "")
    assert done.stderr.startswith("karb: Redis does not answer: ")
    assert "karb services status" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "s3cret" not in done.stderr
    assert "nowhere" not in done.stderr


def test_a_wrong_password_is_exit_3(tmp_path: Path, url: str) -> None:
    done = karb(
        "cache", "keys", folder=tmp_path, REDIS_URL=f"{url}&username=nobody&password=s3cret"
    )
    assert (done.returncode, done.stdout) == (ExitCode.CONFIG, "")
    assert "check user and password in REDIS_URL" in done.stderr
    assert "s3cret" not in done.stderr
