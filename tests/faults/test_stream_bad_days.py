"""Bad days of a stream: each way in which a connection fails, and what the user is told.

Both libraries are put through all of it: where they fail differently, karb must not.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from email.utils import formatdate
from importlib.util import find_spec
from time import time
from traceback import format_exception
from typing import Any

import pytest
from websockets.http11 import Request, Response

from kalshi_keys import KEY_ID, server_context
from kalshi_socket import PATH, Stream, Venue, refuse, until
from karb.adapters.kalshi import stream as stream_module
from karb.adapters.kalshi import transport
from karb.domain.units import SECOND
from karb.errors import (
    AuthRefusedError,
    ConfigError,
    DecodeError,
    ExitCode,
    KarbError,
    UnreachableError,
)

A, B = "KXNBAGAME-26NOV25LALBOS-LAL", "KXNBAGAME-26NOV25LALBOS-BOS"
HTML = "<!DOCTYPE html><html><title>Just a moment</title></html>"

pytestmark = pytest.mark.parametrize(
    "through",
    [
        "websockets",
        pytest.param(
            "picows", marks=pytest.mark.skipif(not find_spec("picows"), reason="no karb[fast]")
        ),
    ],
)


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One try and no second one while the test looks."""
    monkeypatch.setattr(stream_module, "FIRST", 10_000.0)
    monkeypatch.setattr(stream_module, "LONGEST", 10_000.0)


def go(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def refused(code: str, details: str = "") -> str:
    return json.dumps({"error": {"code": code, "message": code, "details": details}})


def trouble_from(url: str, through: str) -> UnreachableError:
    """The first thing that is told of a connection that cannot be made."""

    async def run() -> KarbError:
        async with Stream(url, A, through=through).running() as s:
            await until(lambda: s.troubles)
            return s.troubles[0]

    error = asyncio.run(run())
    assert isinstance(error, UnreachableError)
    assert error.retryable
    assert error.means
    assert error.do
    assert KEY_ID not in str(error)
    return error


@asynccontextmanager
async def listening(answer: bytes | None) -> AsyncIterator[str]:
    """A server that answers every connection with these bytes, or takes it and says nothing."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            if answer is None:
                await reader.read()
            else:
                writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}{PATH}"


@pytest.mark.parametrize(
    ("details", "do"),
    [("NOT_FOUND", "KALSHI_ENV"), ("INCORRECT_API_KEY_SIGNATURE", "KALSHI_PRIVATE_KEY_PATH")],
)
def test_a_refused_key_ends_it(through: str, details: str, do: str) -> None:
    async def run() -> None:
        async with Venue().open() as venue:
            venue.upgrade = refuse(401, refused("authentication_error", details))
            error = await Stream(venue.url, A, through=through).ends()
            assert len(venue.asked) <= 2
        assert isinstance(error, AuthRefusedError)
        assert error.exit_code is ExitCode.AUTH
        assert do in error.do

    go(run())


def test_a_clock_off_by_a_minute_is_told_and_worked_around(through: str) -> None:
    async def run() -> None:
        async with Venue().open() as venue:
            date = formatdate(time() + 61, usegmt=True)
            skewed = refuse(401, refused("header_timestamp_expired"), date=date)

            def upgrade(request: Request) -> Response | None:
                off = int(request.headers["KALSHI-ACCESS-TIMESTAMP"]) / 1000 - (time() + 61)
                return None if abs(off) < 5 else skewed(request)

            venue.upgrade = upgrade
            async with Stream(venue.url, A, through=through).running() as s:
                await until(lambda: s.live(A))
                (error,) = s.troubles
                assert "61 s behind" in error.what or "60 s behind" in error.what

    go(run())


def test_a_clock_that_is_refused_twice_ends_it(through: str) -> None:
    async def run() -> None:
        async with Venue().open() as venue:
            date = formatdate(time(), usegmt=True)
            venue.upgrade = refuse(401, refused("header_timestamp_expired"), date=date)
            error = await Stream(venue.url, A, through=through).ends()
            assert len(venue.asked) <= 4
        assert isinstance(error, AuthRefusedError)
        assert "clock" in error.what

    go(run())


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (503, refused("service_unavailable"), "maintenance"),
        (503, HTML, "maintenance"),
        (502, HTML, "answered 502"),
        (429, '{"error":"too many requests"}', "fewer requests"),
        (403, HTML, "answered 403"),
        (200, HTML, "answered 200 in Kalshi's place"),
        (302, "", "answered 302 in Kalshi's place"),
        (404, HTML, "answered 404 in Kalshi's place"),
    ],
)
def test_an_answer_instead_of_a_stream_is_told_and_tried_again(
    through: str, status: int, body: str, words: str
) -> None:
    async def run() -> None:
        async with Venue().open() as venue:
            venue.upgrade = refuse(status, body)
            async with Stream(venue.url, A, through=through).running() as s:
                await until(lambda: s.troubles)
                error = s.troubles[0]
                venue.upgrade = lambda _: None
                await until(lambda: s.live(A))
                assert words in error.what
                assert error.retryable
                assert "<" not in str(error)

    go(run())


@pytest.mark.usefixtures("once")
def test_nobody_listens(through: str) -> None:
    error = trouble_from(f"ws://127.0.0.1:9{PATH}", through)
    assert "127.0.0.1 cannot be reached" in error.what


@pytest.mark.usefixtures("once")
def test_a_name_without_an_address(through: str) -> None:
    error = trouble_from(f"ws://kalshi.invalid{PATH}", through)
    assert "kalshi.invalid has no address" in error.what


@pytest.mark.parametrize(
    "proxy",
    [
        "http://u:secret@127.0.0.1:99999",
        "http://u:secret@127.0.0.1:port",
        "http://u:secret@",
        "http://u:secret@[::1",
        "ftp://u:secret@127.0.0.1:9",
        "127.0.0.1:9",
    ],
)
def test_a_proxy_that_cannot_be_one_ends_it(
    through: str, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trying again cannot mend the environment."""
    monkeypatch.setattr(transport, "getproxies", lambda: {"ws": proxy})
    error = asyncio.run(Stream(f"ws://kalshi.invalid{PATH}", A, through=through).ends())
    assert isinstance(error, ConfigError)
    assert "the proxy that the environment names" in error.what
    assert "secret" not in "".join(format_exception(error))


def test_without_the_package_for_it_a_socks_proxy_cannot_be_used(
    through: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_socks(*_: object, **__: object) -> transport.Socket:
        raise ImportError("connecting through a SOCKS proxy requires python-socks")

    library = transport.library(through)._replace(connect=no_socks)
    monkeypatch.setattr(transport, "getproxies", lambda: {"all": "socks5://127.0.0.1:9"})
    with pytest.raises(ConfigError, match="cannot be used"):
        asyncio.run(transport.dial(f"ws://kalshi.invalid{PATH}", {}, library))


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"SSH-2.0 hello\r\n\r\n"]
)
@pytest.mark.usefixtures("once")
def test_a_proxy_that_does_not_connect_is_told_and_asked_again(
    through: str, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        async with listening(answer) as url:
            proxy = f"http://u:secret@{url.split('/')[2]}"
            monkeypatch.setattr(transport, "getproxies", lambda: {"ws": proxy})
            stream = Stream(f"ws://kalshi.invalid{PATH}", A, through=through)
            async with stream.running() as s:
                await until(lambda: s.troubles)
                assert "not reached through the proxy" in s.troubles[0].what
                assert s.troubles[0].retryable
                assert "secret" not in "".join(format_exception(s.troubles[0]))

    go(run())


@pytest.mark.usefixtures("once")
def test_a_certificate_that_nobody_vouches_for(through: str) -> None:
    async def run() -> None:
        async with (
            Venue().open(server_context()) as venue,
            Stream(venue.url, A, through=through).running() as s,
        ):
            await until(lambda: s.troubles)
            assert "cannot be trusted" in s.troubles[0].what
            assert s.troubles[0].retryable
            assert venue.asked == []

    go(run())


def test_over_tls_it_runs_as_well(through: str) -> None:
    async def run() -> None:
        served = server_context()
        trusting = ssl.create_default_context(cadata=served.own_certificate)
        async with Venue().open(served) as venue:
            socket = await transport.dial(venue.url, {}, transport.library(through), trusting)
            await socket.send('{"id":1,"cmd":"list_subscriptions"}')
            assert json.loads(await socket.recv(False)) == {"id": 1, "type": "ok", "msg": []}
            await socket.close()

    go(run())


@pytest.mark.usefixtures("once")
def test_a_server_that_says_nothing(through: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "OPEN_SECONDS", 0.2)

    async def run() -> None:
        async with listening(None) as url, Stream(url, A, through=through).running() as s:
            await until(lambda: s.troubles)
            assert "did not answer in time" in s.troubles[0].what

    go(run())


@pytest.mark.parametrize("answer", [b"", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 101 Go\r\n\r\n"])
@pytest.mark.usefixtures("once")
def test_a_server_of_another_kind(through: str, answer: bytes) -> None:
    async def run() -> None:
        async with listening(answer) as url, Stream(url, A, through=through).running() as s:
            await until(lambda: s.troubles)
            assert isinstance(s.troubles[0], UnreachableError)

    go(run())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        '"heartbeat"',
        '{"type":"orderbook_delta","sid":1,"seq":"x","msg":{}}',
        '{"type":"subscribed","id":1,"msg":{}}',
        HTML,
        "[" * 100_000,
        b"\x00\xff\xfe",
        b'{"type":"ticker","msg":\xff}',
    ],
    ids=range(10),
)
def test_a_text_that_says_nothing_is_counted_and_costs_no_book(
    through: str, text: str | bytes
) -> None:
    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, through=through).running() as s:
            await until(lambda: s.live(A))
            before = s.lost
            for _ in range(3):
                await venue.sockets[-1].send(text)
            await until(lambda: s.stream.counts.unreadable == 3)
            await venue.change(A, 4_000, 100)
            await until(lambda: s.path.books[A].bids == {4_000: 100})
            assert [type(error) for error in s.troubles] == [DecodeError]
            assert s.lost == before

    go(run())


def test_a_text_of_a_new_kind_is_no_error(through: str) -> None:
    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, through=through).running() as s:
            await until(lambda: s.live(A))
            await venue.sockets[-1].send('{"type":"weather","msg":{"rain":true}}')
            await venue.change(A, 4_000, 100)
            await until(lambda: s.path.books[A].bids == {4_000: 100})
            assert s.troubles == []

    go(run())


def test_a_text_beyond_all_measure_ends_the_connection_and_the_next_one_works(
    through: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, through=through).running() as s:
            await until(lambda: s.live(A))
            await venue.sockets[-1].send("x" * (2 << 20))
            await until(lambda: len(venue.sockets) == 2 and s.live(A))
            (error,) = s.troubles
            assert (
                error.what == "the stream from Kalshi brought a message longer than 1,048,576 bytes"
            )
            assert error.retryable
        assert capfd.readouterr() == ("", "")

    go(run())


def test_a_flood_of_nonsense_ends_the_connection(through: str) -> None:
    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, through=through).running() as s:
            await until(lambda: s.live(A))
            for _ in range(40):
                await venue.sockets[-1].send("{")
            await until(lambda: len(venue.sockets) == 2 and s.live(A))
            assert [type(error) for error in s.troubles] == [DecodeError, UnreachableError]

    go(run())


def test_pings_without_texts_are_no_life(through: str) -> None:
    """The server pings five times a second and answers nothing any more."""

    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, through=through).running() as s:
            await until(lambda: s.live(A))
            venue.exchange.mute = True
            await until(lambda: not s.live(A), 4.0)
            told = len(s.alive)
            venue.exchange.mute = False
            await until(lambda: s.live(A))
            assert len(venue.sockets) == 1
            await until(lambda: len(s.alive) > told)
            assert s.alive[told] - s.alive[told - 1] > SECOND

    go(run())


def test_a_line_that_is_dead_without_saying_so_is_given_up(
    through: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half open: the other side is gone, and no packet tells."""
    monkeypatch.setattr("karb.adapters.kalshi.pulse.DEAD", 2 * SECOND)

    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, through=through).running() as s:
            await until(lambda: s.live(A))
            stopped = venue.sockets[-1].transport
            stopped.pause_reading()
            await until(lambda: len(venue.sockets) == 2 and s.live(A))
            assert "stopped without closing" in s.troubles[-1].what
            stopped.abort()

    go(run())


def test_a_line_that_breaks_again_and_again_leaves_nothing_behind(through: str) -> None:
    async def run() -> None:
        async with Venue().open() as venue, Stream(venue.url, A, B, through=through).running() as s:
            for number in range(1, 6):
                await until(lambda n=number: len(venue.sockets) >= n and s.live(A))  # type: ignore[misc]
                venue.sockets[-1].transport.abort()
                await until(lambda: not s.live(A))
            await until(lambda: s.live(A) and s.live(B))
            tasks = [task.get_name() for task in asyncio.all_tasks()]
            assert sum(name.startswith("kalshi") for name in tasks) == 2
            assert len(venue.exchange.running) == 4

    go(run())
