"""The port `CreditBook`: one suite over memory and PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from karb.adapters.memory.credits import MemoryCredits
from karb.adapters.postgres.credits import PostgresCredits
from karb.ports import CreditBook, Credits
from postgres_database import empty, fresh_database, opened

TOLD = Credits(remaining=480, used=20, last=10, at=1_795_000_000_123_456_789)

Suite = Callable[[CreditBook], Awaitable[None]]


@pytest.fixture(scope="module")
def database(postgres_host: Path) -> Iterator[str]:
    with fresh_database(postgres_host) as conninfo:
        yield conninfo


@pytest.fixture(params=["memory", "postgres"])
def run(request: pytest.FixtureRequest) -> Iterator[Callable[[Suite], None]]:
    """Runs a coroutine over an empty `CreditBook`."""
    conninfo = request.getfixturevalue("database") if request.param == "postgres" else None

    async def over(suite: Suite) -> None:
        if conninfo is None:
            await suite(MemoryCredits())
            return
        async with opened(conninfo) as connection:
            await suite(PostgresCredits(connection))

    yield lambda suite: asyncio.run(over(suite))
    if conninfo is not None:
        empty(conninfo)


def test_nothing_is_known_before_the_first_answer(run: Callable[[Suite], None]) -> None:
    async def suite(book: CreditBook) -> None:
        assert await book.last() is None

    run(suite)


@pytest.mark.parametrize(
    "told",
    [
        TOLD,
        Credits(remaining=None, used=None, last=None, at=1),
        Credits(0, 500, 0, 2),
        Credits(remaining=999_999_999_999, used=999_999_999_999, last=999_999_999_999, at=3),
    ],
)
def test_what_was_noted_is_known_to_the_nanosecond(
    run: Callable[[Suite], None], told: Credits
) -> None:
    async def suite(book: CreditBook) -> None:
        await book.note(told)
        assert await book.last() == told

    run(suite)


def test_the_newest_by_its_own_time_counts_in_whatever_order_they_come(
    run: Callable[[Suite], None],
) -> None:
    async def suite(book: CreditBook) -> None:
        newest = Credits(remaining=470, used=30, last=10, at=TOLD.at + 2)
        for told in (TOLD, newest, Credits(475, 25, 5, TOLD.at + 1)):
            await book.note(told)
        assert await book.last() == newest

    run(suite)


def test_of_two_at_one_moment_the_later_counts(run: Callable[[Suite], None]) -> None:
    async def suite(book: CreditBook) -> None:
        again = Credits(remaining=470, used=30, last=10, at=TOLD.at)
        for told in (TOLD, again):
            await book.note(told)
        assert await book.last() == again

    run(suite)
