"""Databases of a test's own on the private server, and a line to it that a test can cut."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from random import Random
from time import monotonic_ns
from uuid import uuid4

import psycopg
from psycopg import sql

from karb.adapters.postgres.connection import Postgres

SOCKET = ".s.PGSQL.5432"


@contextmanager
def fresh_database(host: Path) -> Iterator[str]:
    """The address of an empty database, which is gone afterwards."""
    name = sql.Identifier(f"karb_test_{uuid4().hex}")
    with psycopg.connect(f"host={host} user=karb dbname=postgres", autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            yield f"host={host} user=karb dbname={name.as_string().strip(chr(34))}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def opened(conninfo: str, *, patience: float = 5.0) -> Postgres:
    """A connection of karb's by the machine's clock; use it with `async with`."""
    return Postgres(lambda: conninfo, clock=monotonic_ns, random=Random(7), patience=patience)


def empty(conninfo: str) -> None:
    """Take the tables away."""
    with psycopg.connect(conninfo, autocommit=True) as server:
        server.execute("DROP SCHEMA IF EXISTS karb CASCADE")


def with_host(conninfo: str, host: Path) -> str:
    """The same database by another socket."""
    return psycopg.conninfo.make_conninfo(conninfo, host=str(host))


class Relay:
    """Stands between karb and the server.

    While `answers` is cleared the server hears everything and nobody hears the server;
    `swallow` clears it when a command with this text is passed on.
    """

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder, self._server = folder, server
        self._listener: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self.answers = asyncio.Event()
        self.answers.set()
        self._last_words: bytes | None = None

    def swallow(self, answer_to: bytes) -> None:
        """Let the server hear this command, and nobody its answer."""
        self._last_words = answer_to

    async def listen(self) -> None:
        """Take connections."""
        self._listener = await asyncio.start_unix_server(self._take, self.folder / SOCKET)

    async def cut(self) -> None:
        """The server is gone: no line lives, and no new one can be had."""
        if self._listener is not None:
            self._listener.close()
            (self.folder / SOCKET).unlink(missing_ok=True)
            self._listener = None
        await self.drop()

    async def drop(self) -> None:
        """Every line breaks; new ones can be had at once, and their answers come through."""
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)
        self.answers.set()

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.create_task(self._pass_on(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_server = await asyncio.open_unix_connection(self._server / SOCKET)
        ways = [
            asyncio.create_task(self._ask(reader, to_server[1])),
            asyncio.create_task(self._answer(to_server[0], writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, to_server[1]):
                end.close()
                with suppress(OSError):
                    await end.wait_closed()

    async def _ask(self, client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while data := await client.read(65_536):
            if self._last_words is not None and self._last_words in data:
                self.answers.clear()
                self._last_words = None
            server.write(data)
            await server.drain()

    async def _answer(self, server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        while data := await server.read(65_536):
            await self.answers.wait()
            client.write(data)
            await client.drain()


@asynccontextmanager
async def relay(folder: Path, conninfo: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay to the server of `conninfo`, and the address by it."""
    server = Path(str(psycopg.conninfo.conninfo_to_dict(conninfo)["host"]))
    between = Relay(folder, server)
    await between.listen()
    try:
        yield between, with_host(conninfo, folder)
    finally:
        await between.cut()
