"""PostgreSQL gone, back, and silent in the middle of work."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from random import Random

import msgspec
import pytest

from karb.adapters.postgres.connection import Connection, Postgres
from karb.adapters.postgres.links import PostgresLinks
from karb.domain.linking.links import NoLink, Unlinked
from karb.domain.units import SECOND
from karb.errors import ExitCode, StoreDownError
from postgres_database import Relay, empty, fresh_database, opened, relay

ANSWER = NoLink(
    ticker="KXNFLGAME-26NOV29CHIGB-GB",
    event_ticker="KXNFLGAME-26NOV29CHIGB",
    league=None,
    reason=Unlinked.NO_SUCH_FIXTURE,
    detail="none",
)
OTHER = msgspec.structs.replace(ANSWER, detail="still none")


@pytest.fixture(scope="module")
def database(postgres_host: Path) -> Iterator[str]:
    with fresh_database(postgres_host) as conninfo:
        yield conninfo


@pytest.fixture
def by_relay(database: str, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Runs a coroutine with a relay and the address by it, over a database without tables."""

    async def over(suite: Callable[[Relay, str], Awaitable[None]]) -> None:
        async with relay(tmp_path, database) as (between, conninfo):
            await suite(between, conninfo)

    yield lambda suite: asyncio.run(over(suite))
    empty(database)


def test_a_line_that_broke_between_two_calls_is_not_even_noticed(
    by_relay: Callable[..., None],
) -> None:
    async def suite(between: Relay, conninfo: str) -> None:
        async with opened(conninfo) as connection:
            links = PostgresLinks(connection)
            await links.put([ANSWER], 1)
            await between.drop()
            assert await links.put([OTHER], 2) == 1
            assert list(await links.current()) == [OTHER]

    by_relay(suite)


def test_a_server_that_is_gone_is_said_in_three_sentences_and_found_again_by_itself(
    by_relay: Callable[..., None],
) -> None:
    async def suite(between: Relay, conninfo: str) -> None:
        clock = [1_000 * SECOND]
        async with Postgres(
            lambda: conninfo, clock=lambda: clock[0], random=Random(7)
        ) as connection:
            links = PostgresLinks(connection)
            up = [links.up]
            await links.put([ANSWER], 1)
            up.append(links.up)
            await between.cut()
            with pytest.raises(StoreDownError) as gone:
                await links.put([OTHER], 2)
            told = str(gone.value)
            up.append(links.up)
            assert (gone.value.exit_code, gone.value.retryable) == (ExitCode.STORE_DOWN, True)
            assert "karb services status" in told
            assert "dbname" not in told
            assert str(between.folder) not in told
            await between.listen()
            with pytest.raises(StoreDownError, match="a moment ago"):
                await links.current()
            clock[0] += 10 * SECOND
            assert list(await links.current()) == [ANSWER]
            assert await links.put([OTHER], 3) == 1
            assert [*up, links.up] == [None, True, False, True]

    by_relay(suite)


def test_a_server_that_hangs_is_left_in_time_and_the_loop_goes_on(
    by_relay: Callable[..., None],
) -> None:
    async def suite(between: Relay, conninfo: str) -> None:
        async with opened(conninfo, patience=0.3) as connection:
            links = PostgresLinks(connection)
            await links.current()
            between.answers.clear()
            waiting = asyncio.create_task(links.current())
            turns = 0
            while not waiting.done():
                await asyncio.sleep(0.01)
                turns += 1
            with pytest.raises(StoreDownError, match=r"nothing came within 0\.3 s"):
                await waiting
            assert turns > 5
            between.answers.set()
            assert list(await links.current()) == []

    by_relay(suite)


def test_a_commit_whose_answer_was_lost_is_not_counted_twice(
    by_relay: Callable[..., None], database: str
) -> None:
    async def suite(between: Relay, conninfo: str) -> None:
        async with opened(conninfo) as connection, opened(database) as direct:
            links, seen = PostgresLinks(connection), PostgresLinks(direct)
            await links.current()

            async def commit_reaches_the_server() -> None:
                while list(await seen.current()) != [ANSWER]:
                    await asyncio.sleep(0.01)

            between.swallow(b"COMMIT")
            writing = asyncio.create_task(links.put([ANSWER], 1))
            await commit_reaches_the_server()
            await between.drop()
            assert await writing == 0
            assert list(await seen.current()) == [ANSWER]

    by_relay(suite)


def test_work_that_is_cancelled_leaves_nothing_and_the_connection_usable(
    by_relay: Callable[..., None],
) -> None:
    async def suite(_: Relay, conninfo: str) -> None:
        async with opened(conninfo) as connection:
            links = PostgresLinks(connection)
            await links.current()

            async def slow(connection: Connection) -> None:
                await connection.execute("LOCK TABLE karb.links")
                await connection.execute("SELECT pg_sleep(20)")

            with pytest.raises(TimeoutError):
                await asyncio.wait_for(connection.run(slow), 0.2)
            assert await links.put([ANSWER], 1) == 1

    by_relay(suite)


def test_a_statement_that_takes_too_long_is_a_store_that_is_down(
    by_relay: Callable[..., None], database: str
) -> None:
    async def suite(_: Relay, conninfo: str) -> None:
        async with opened(conninfo, patience=0.3) as slow, opened(database) as holder:
            await PostgresLinks(slow).current()

            async def hold(connection: Connection) -> None:
                await connection.execute("LOCK TABLE karb.links")
                with pytest.raises(StoreDownError):
                    await PostgresLinks(slow).put([ANSWER], 1)

            await holder.run(hold)
            assert await PostgresLinks(slow).put([ANSWER], 2) == 1

    by_relay(suite)
