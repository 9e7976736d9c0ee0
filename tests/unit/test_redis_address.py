"""Where Redis is, read from its URL; and what is said when it cannot be."""

import asyncio
import ssl
from pathlib import Path

import hiredis
import pytest

from karb.adapters.redis.address import address_of
from karb.adapters.redis.errors import LostError, check, told
from karb.adapters.redis.line import opened
from karb.errors import ConfigError, ExitCode


def test_a_unix_socket_with_a_database_and_a_password() -> None:
    address = address_of("unix://user:p%40ss@/run/my%20v.sock?db=3")
    assert (address.path, address.db) == ("/run/my v.sock", 3)
    assert (address.username, address.password, address.tls) == ("user", "p@ss", None)


def test_a_host_with_what_is_not_said_filled_in() -> None:
    address = address_of("redis://:secret@cache")
    assert (address.host, address.port, address.db) == ("cache", 6379, 0)
    assert (address.username, address.password) == (None, "secret")
    assert address_of("redis://h:1/2")[1:3] == ("h", 1)
    assert [address_of(f"redis://h{path}").db for path in ("", "/", "/2", "/?db=2")] == [0, 0, 2, 2]


def test_tls_is_always_verified() -> None:
    tls = address_of("rediss://cache:6380/1").tls
    assert tls is not None
    assert (tls.verify_mode, tls.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:s3cret@h:port",
        "redis://:s3cret@h/abc",
        "redis://:s3cret@h/1/2",
        "rediss://:s3cret@h/-1",
        "redis://:s3cret@h/0x1?db=2",
        "http://s3cret@h",
        "rediss://h?ssl_cert_reqs=none&password=s3cret",
        "redis://h?max_connections=5&password=s3cret",
        "rediss://:s3cret@h?ssl_ca_certs=/nowhere/ca.pem",
    ],
)
def test_what_cannot_be_read_is_said_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        address_of(url)
    assert "s3cret" not in str(wrong.value)
    assert "REDIS_URL" in wrong.value.what


def test_an_address_does_not_show_its_password() -> None:
    assert "s3cret" not in repr(address_of("redis://:s3cret@h"))


def test_a_server_that_is_not_there_is_a_store_that_is_down(tmp_path: Path) -> None:
    async def connect(url: str) -> None:
        async with opened(address_of(url), patience=1.0):
            raise AssertionError("it is there")

    too_long = "x" * 200
    for url in (
        f"unix://{tmp_path}/none.sock",
        f"unix://{tmp_path}/{too_long}.sock",
        "redis://:s3cret@127.0.0.1:1/0",
        "redis://:s3cret@a..b/0",
    ):
        with pytest.raises(LostError) as down:
            asyncio.run(connect(url))
        assert down.value.exit_code is ExitCode.STORE_DOWN
        assert down.value.retryable
        assert str(tmp_path) not in str(down.value)
        assert "s3cret" not in str(down.value)


def test_something_else_that_listens_there_is_not_believed(tmp_path: Path) -> None:
    async def suite() -> None:
        async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"SSH-2.0-OpenSSH\r\n")
            writer.close()

        path = tmp_path / "other.sock"
        async with await asyncio.start_unix_server(greet, path):
            with pytest.raises(LostError, match="not Redis' protocol"):
                async with opened(address_of(f"unix://{path}"), patience=1.0):
                    raise AssertionError("it is believed")

    asyncio.run(suite())


@pytest.mark.parametrize(
    ("reply", "retryable"),
    [
        ("OOM command not allowed when used memory > 'maxmemory'.", True),
        ("MISCONF Errors writing to the AOF file", True),
        ("LOADING Redis is loading the dataset in memory", True),
        ("READONLY You can't write against a read only replica.", True),
        ("ERR max number of clients reached", True),
        ("NOAUTH Authentication required.", False),
        ("WRONGPASS invalid username-password pair or user is disabled.", False),
        ("NOPERM User karb has no permissions to run the 'eval' command", False),
        ("WRONGTYPE Operation against a key holding the wrong kind of value", False),
        ("ERR DB index is out of range", False),
    ],
)
def test_a_refusal_says_whether_waiting_helps(reply: str, retryable: bool) -> None:
    error = told(hiredis.ReplyError(reply))
    assert error.retryable is retryable
    assert reply in error.what
    assert error.means
    assert error.do


def test_a_refusal_inside_a_transaction_is_found() -> None:
    with pytest.raises(ConfigError, match="WRONGTYPE"):
        check([b"OK", b"QUEUED", [1, hiredis.ReplyError("WRONGTYPE no")]])
    check([b"OK", [1, {b"a": b"b"}], None])
