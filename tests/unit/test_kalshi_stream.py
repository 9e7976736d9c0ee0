"""The stream over real sockets: signed, read by either library, kept alive, ended cleanly."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from importlib.util import find_spec
from typing import Any

import pytest

from kalshi_exchange import Exchange
from kalshi_keys import KEY_ID
from kalshi_socket import PATH, Stream, Venue, refuse, until
from karb.adapters.kalshi import stream as stream_module
from karb.adapters.kalshi.transport import library
from karb.domain.units import SECOND
from karb.errors import UnreachableError

A, B = "KXNBAGAME-26NOV25LALBOS-LAL", "KXNBAGAME-26NOV25LALBOS-BOS"

both = pytest.mark.parametrize(
    "through",
    [
        "websockets",
        pytest.param(
            "picows", marks=pytest.mark.skipif(not find_spec("picows"), reason="no karb[fast]")
        ),
    ],
)


def go(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


@both
def test_books_stand_and_follow_the_exchange(through: str) -> None:
    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, B, through=through).running() as s:
            await until(lambda: s.live(A) and s.live(B))
            for count in range(1, 301):
                await venue.change(A, 4_000, count)
            await until(lambda: s.path.books[A].bids == {4_000: 300})
            assert s.session.gaps == {}
            assert s.stream.counts.texts >= 306
            assert s.stream.counts.octets > 30_000

    go(run())


@both
def test_the_upgrade_is_signed(through: str) -> None:
    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, through=through).running() as s:
            await until(lambda: s.live(A))
        (asked,) = venue.asked
        assert asked.path == PATH
        assert asked.headers["KALSHI-ACCESS-KEY"] == KEY_ID
        assert "Sec-WebSocket-Extensions" not in asked.headers

    go(run())


@both
def test_a_gap_is_mended_over_the_socket(through: str) -> None:
    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, B, through=through).running() as s:
            await until(lambda: s.live(A) and s.live(B))
            venue.exchange.change(A, "yes", 3_000, 100)
            venue.exchange.out.clear()
            await venue.change(A, 4_000, 200)
            await until(lambda: s.session.gaps and s.live(A) and s.live(B), 1.0)
            assert s.path.books[A].bids == {3_000: 100, 4_000: 200}

    go(run())


@both
def test_a_closed_connection_is_made_again_with_everything_on_it(through: str) -> None:
    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, through=through).running() as s:
            for number in range(1, 4):
                await until(lambda: s.live(A))
                lost = s.lost
                await venue.sockets[-1].close(1001)
                await until(lambda before=lost: s.lost > before)  # type: ignore[misc]
                assert not s.live(A)
                await until(lambda n=number: len(venue.sockets) > n)  # type: ignore[misc]
            await until(lambda: s.live(A))
            assert {error.what for error in s.troubles} == {
                "the stream from Kalshi was closed by it (1001)"
            }
            assert s.stream.counts.connects == 4

    go(run())


@both
def test_key_and_signature_are_in_no_log(through: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, through=through).running() as s:
            await until(lambda: s.live(A))
        server = "websockets.server"  # the venue's own log is not karb's
        logged = [record.getMessage() for record in caplog.records if record.name != server]
        for name in ("KALSHI-ACCESS-KEY", "KALSHI-ACCESS-SIGNATURE"):
            assert not any(venue.asked[0].headers[name] in message for message in logged)

    go(run())


@both
def test_a_connection_that_stood_only_at_the_second_try_breaks_like_any_other(through: str) -> None:
    """After a refusal the slower library asks why, and may be let in."""
    refused = refuse(503, "")

    async def run() -> None:
        async with Venue().open() as venue:
            venue.upgrade = lambda request: refused(request) if len(venue.asked) == 1 else None
            async with Stream(venue.url, A, through=through).running() as s:
                await until(lambda: s.live(A))
                await venue.sockets[-1].close(1001)
                await until(lambda: len(venue.sockets) == 2 and s.live(A))

    go(run())


def test_markets_come_and_go_while_it_runs() -> None:
    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url).running() as s:
            s.stream.subscribe([A, B])
            await until(lambda: s.live(A) and s.live(B))
            s.stream.unsubscribe([A])
            await until(
                lambda: all(A not in each.tickers for each in venue.exchange.running.values())
            )

    go(run())


def test_the_time_up_to_which_the_feed_lived_is_told_again_and_again_though_nothing_moves() -> None:
    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A).running() as s:
            await until(lambda: len(s.alive) > 2)
            assert s.alive == sorted(s.alive)
            assert s.alive[-1] - s.alive[-2] < 2 * SECOND
            last, since = s.stream.counts.last, s.stream.counts.connected
            assert last is not None
            assert since is not None
            assert since < last
        assert s.stream.counts.connected is None
        assert s.lost == 1

    go(run())


@both
def test_pings_are_answered(through: str) -> None:
    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, through=through).running() as s:
            await until(lambda: s.live(A))
            async with asyncio.timeout(10):
                await (await venue.sockets[-1].ping(b"heartbeat"))

    go(run())


@both
def test_it_ends_at_once_when_it_is_cancelled(through: str) -> None:
    async def run() -> None:
        async with Venue().open() as venue:
            async with Stream(venue.url, A, through=through).running() as s:
                await until(lambda: s.live(A))
            assert not s.live(A)
            assert len(asyncio.all_tasks()) < 10

    go(run())


def test_others_get_their_turn_in_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that finds a text ready each time does not suspend by itself."""
    monkeypatch.setattr(stream_module, "TURN", 10)

    class Flood:
        async def recv(self, _: bool) -> bytes:
            return b'{"type":"new"}'

        async def send(self, _: str) -> None: ...

        async def close(self) -> None: ...

    async def run() -> None:
        s = Stream("ws://127.0.0.1:9")
        s.stream._looked = s.stream._now()
        read: Callable[[Flood], Coroutine[Any, Any, None]] = s.stream._read
        reader = asyncio.create_task(read(Flood()))
        for _ in range(5):
            await asyncio.sleep(0)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        assert 0 < s.stream.counts.texts <= 60

    go(run())


def test_a_bug_behind_the_stream_ends_it() -> None:
    """Only texts that cannot be read are forgiven."""

    class BugError(Exception):
        pass

    async def run() -> None:
        async with Venue().open() as venue:
            s = Stream(venue.url, A)

            def fail(_: object) -> None:
                raise BugError

            s.stream._takers = s.stream._takers._replace(on_text=fail)
            with pytest.raises(BugError):
                await s.stream.run()

    go(run())


def test_the_faster_library_is_taken_where_it_is_installed() -> None:
    assert library().name == ("picows" if find_spec("picows") else "websockets")


def test_waits_grow_without_success_and_stay_short_after_one() -> None:
    s = Stream("ws://127.0.0.1:9").stream
    failing = [s._pause(None) for _ in range(200)]
    assert max(failing[:3]) <= 0.4
    assert 25 < max(failing) <= 30
    assert max(s._pause(SECOND) for _ in range(200)) <= 2
    assert s._pause(60 * SECOND) <= 0.2


def test_an_exchange_without_markets_is_followed_all_the_same() -> None:
    async def run() -> None:
        exchange = Exchange()
        async with Venue(exchange).open() as venue, Stream(venue.url).running():
            await until(lambda: exchange.running)
            (only,) = exchange.running.values()
            assert only.channel == "market_lifecycle_v2"

    go(run())


def test_what_waited_while_nobody_listened_is_not_taken_for_news() -> None:
    async def run() -> None:
        stream = Stream("ws://127.0.0.1:1/", A)
        taken: list[bytes] = []
        stream.stream._takers = stream.stream._takers._replace(
            on_text=taken.append, timed=taken.append
        )
        stream.stream._looked = stream.stream._now() - 10 * SECOND

        class Backlog:
            async def recv(self, _decode: bool) -> bytes:
                return b"an old price"

        backlog: Any = Backlog()
        with pytest.raises(UnreachableError, match="nobody listened"):
            await stream.stream._read(backlog)
        assert taken == []

    go(run())
