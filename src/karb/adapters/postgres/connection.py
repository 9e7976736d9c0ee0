"""One connection to PostgreSQL that comes back by itself.

Work is handed in and runs in a transaction of its own. A connection that turns out to be
dead is replaced and the work done again, once: so work must be such that doing it twice is
doing it once, because a commit whose answer was lost may have happened. A server that does
not come back is left alone for a while, longer each time; meanwhile every call fails at
once. A server that hangs is left by shutting the socket, which wakes whoever waits for it,
also where it could not even be asked to cancel.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from types import TracebackType
from typing import Any, Self, TypeVar

from psycopg import AsyncConnection, Error
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from karb.adapters.backoff import Backoff
from karb.adapters.postgres.errors import BrokenLineError, LostError, reason_of, told
from karb.adapters.postgres.schema import is_behind, migrate
from karb.domain.units import SECOND, Nanos
from karb.errors import ConfigError, StoreDownError

T = TypeVar("T")
Connection = AsyncConnection[dict[str, Any]]
"""A connection whose rows are dicts by column name."""

CONNECT_TIMEOUT = 3
"""Seconds, whole ones, for each address of the server."""
PATIENCE = 5.0
"""Seconds that one piece of work may take."""
FIRST, LONGEST = 0.1, 5.0
"""Seconds before a server that was away is asked again."""


class Postgres:
    """A database of karb's, its tables migrated at the first use. Close it at the end.

    Who only looks does not migrate (`migrates`); tables that are behind are then none.
    `locate` answers the address, as libpq takes it. It is asked, in a thread, before every new
    connection, because a server of karb's own is started by asking. `clock` is one that nobody
    sets: waits are measured by it. `up`: whether it did the last piece of work; None before that.
    """

    def __init__(
        self,
        locate: Callable[[], str],
        *,
        clock: Callable[[], Nanos],
        random: Random,
        patience: float = PATIENCE,
        migrates: bool = True,
    ) -> None:
        self._locate, self._migrates = locate, migrates
        self._clock, self._patience = clock, patience
        self._waits = Backoff(random, FIRST, LONGEST)
        self._alone = asyncio.Lock()
        self._connection: Connection | None = None
        self._not_before: Nanos = 0
        self.up: bool | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection; the next piece of work would open another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` in a transaction; it may be done twice.

        Raises `StoreDownError` (retryable), `ConfigError` for what a person must mend, and
        `DataError` for what the server will never take.
        """
        async with self._alone:
            try:
                answer = await self._tried(work)
            except (StoreDownError, ConfigError):
                self.up = False
                raise
            self.up = True
            return answer

    async def _tried(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        if self._connection is not None:
            with suppress(BrokenLineError):
                return await self._done(self._connection, work)
        return await self._done(await self._connected(), work)

    async def _done(self, connection: Connection, work: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            with self._watched(connection):
                async with connection.transaction():
                    return await work(connection)
        finally:
            if connection.closed:
                await self.close()

    async def _connected(self) -> Connection:
        """A new connection, unless the last attempt failed a moment ago."""
        if self._clock() < self._not_before:
            raise LostError("it was away a moment ago and is not asked again yet")
        try:
            connection = await self._opened()
        except StoreDownError:
            self._not_before = self._clock() + int(self._waits.next() * SECOND)
            raise
        self._waits.reset()
        return connection

    async def _opened(self) -> Connection:
        """A new connection to tables that are as they should be."""
        conninfo = make_conninfo(
            await asyncio.to_thread(self._locate),
            connect_timeout=CONNECT_TIMEOUT,
            application_name="karb",
        )
        try:
            connection = await AsyncConnection.connect(
                conninfo, autocommit=True, row_factory=dict_row
            )
        except Error as error:
            raise told(error) from None
        try:
            with self._watched(connection):
                await connection.execute(
                    "SELECT set_config('statement_timeout', %s, false)",
                    [f"{self._patience * 1000:.0f}"],
                )
                behind = await is_behind(connection)
            if behind and not self._migrates:
                raise LostError("its tables are not made yet")
            if behind:
                await asyncio.to_thread(migrate, conninfo)
            self._connection = connection
        finally:
            if self._connection is not connection:
                await connection.close()
        return connection

    @contextmanager
    def _watched(self, connection: Connection) -> Iterator[None]:
        """Leave a server that does not answer in time, and tell its errors as karb's."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        watchdog = loop.call_at(deadline, _shut, connection)
        try:
            yield
        except Error as error:
            if loop.time() >= deadline:
                raise LostError(f"nothing came within {self._patience:g} s") from None
            if connection.closed:
                raise BrokenLineError(reason_of(error)) from None
            raise told(error) from None
        finally:
            watchdog.cancel()


def _shut(connection: Connection) -> None:
    with (
        suppress(OSError, Error),  # It broke by itself meanwhile.
        socket.socket(fileno=os.dup(connection.fileno())) as line,
    ):
        line.shutdown(socket.SHUT_RDWR)
