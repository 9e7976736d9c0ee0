"""One connection to Redis, RESP3: whole batches out, everything that comes in its order.

redis-py spends ten times the CPU of these few lines on a pipeline, because it packs each
command in Python and gives each a future. And one connection of RESP3 carries published
messages and replies alike, in the order in which the server made them; so what was
published before a table was read is known to be in it.
"""

import asyncio
import os
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any, cast

from hiredis import ProtocolError, Reader, ReplyError

from karb.adapters.backoff import Backoff
from karb.adapters.redis.address import Address
from karb.adapters.redis.errors import LostError, RefusedError, check
from karb.adapters.redis.resp import command

PATIENCE = 3.0
"""Seconds that an answer may take before the connection counts as lost."""
FIRST_WAIT, LONGEST_WAIT = 0.05, 2.0
"""Seconds until a server that was away is asked again."""


def backoff(random: Random) -> Backoff:
    """The waits between one connection and the next."""
    return Backoff(random, FIRST_WAIT, LONGEST_WAIT)


class Line(asyncio.Protocol):
    """A connection. What comes waits in `take`; pushes are `hiredis.PushNotification`."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._inbox: deque[Any] = deque()
        self._wake: asyncio.Future[None] | None = None
        self._lost = ""
        self._transport: asyncio.Transport | None = None
        self._closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Asyncio's."""
        try:
            self._reader.feed(data)
            while (item := self._reader.gets()) is not False:
                self._inbox.append(item)
        except ProtocolError:
            self._lose("what came is not Redis' protocol")
            self.abort()
        self._awake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio's."""
        self._lose("it broke the connection" if exc is None else _reason(exc))
        if not self._closed.done():
            self._closed.set_result(None)

    def send(self, data: bytes) -> None:
        """Hand over packed commands; never waits. What a broken connection gets is lost."""
        # uvloop raises where asyncio drops what is written to a transport that ends.
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    async def take(self, until: float | None = None) -> list[Any]:
        """What has come, at least one item; none at the loop's time `until`.

        Raises `LostError` once the connection is gone and all that came was taken.
        """
        loop = asyncio.get_running_loop()
        while not self._inbox:
            if self._lost:
                raise LostError(self._lost)
            if until is not None and loop.time() >= until:
                return []
            self._wake = loop.create_future()
            alarm = None if until is None else loop.call_at(until, self._awake)
            try:
                await self._wake
            finally:
                self._wake = None
                if alarm is not None:
                    alarm.cancel()
        items = list(self._inbox)
        self._inbox.clear()
        return items

    async def ask(self, data: bytes, count: int, within: float = PATIENCE) -> list[Any]:
        """Send packed commands and wait for their `count` replies, refusals among them."""
        until = asyncio.get_running_loop().time() + within
        self.send(data)
        replies: list[Any] = []
        while len(replies) < count:
            came = await self.take(until)
            if not came:
                raise LostError(f"nothing came within {within:g} s")
            replies += came
        return replies

    def abort(self) -> None:
        """Break the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    async def close(self) -> None:
        """Break the connection and wait until nothing of it is left."""
        self.abort()
        await self._closed

    def _lose(self, reason: str) -> None:
        self._lost = self._lost or reason
        self._awake()

    def _awake(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


@asynccontextmanager
async def opened(address: Address, *, patience: float = PATIENCE) -> AsyncIterator[Line]:
    """A connection that has signed in; broken afterwards.

    Raises `StoreDownError`, and `ConfigError` for what a person must mend.
    """
    try:
        async with asyncio.timeout(patience):
            line = await _connected(address)
    except TimeoutError:
        raise LostError(f"nothing came within {patience:g} s") from None
    except (OSError, UnicodeError) as error:  # a host's name may be none
        raise LostError(_reason(error)) from None
    try:
        await _sign_in(line, address, patience)
        yield line
    finally:
        await line.close()


async def _connected(address: Address) -> Line:
    loop = asyncio.get_running_loop()
    if address.path is not None:
        _, line = await loop.create_unix_connection(Line, address.path)
    else:
        _, line = await loop.create_connection(Line, address.host, address.port, ssl=address.tls)
    return line


async def _sign_in(line: Line, address: Address, patience: float) -> None:
    hello: tuple[str, ...] = ("HELLO", "3")
    if address.password is not None:
        hello += ("AUTH", address.username or "default", address.password)
    replies = await line.ask(command(*hello) + command("SELECT", str(address.db)), 2, patience)
    if isinstance(replies[0], ReplyError) and str(replies[0]).startswith(("NOPROTO", "ERR unk")):
        raise RefusedError("it is too old; karb needs Redis 6.2 or Valkey", "NOPROTO")
    check(replies)


def _reason(error: Exception) -> str:
    """What is wrong with the connection, without the address that its text may repeat."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError):
        return error.reason or "its TLS cannot be used"
    if isinstance(error, socket.gaierror):
        return "its host name is not known"
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else "its address cannot be reached"
