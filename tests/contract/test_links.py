"""The port `Links`: one suite over memory and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import psycopg
import pytest

from karb.adapters.memory.links import MemoryLinks
from karb.adapters.postgres.links import PostgresLinks
from karb.domain.linking.links import Link, NoLink, Unlinked
from karb.domain.market.leagues import Kind, League
from karb.ports import Decision, Links
from postgres_database import empty, fresh_database, opened

LINK = Link(
    ticker="KXNFLGAME-26NOV29CHIGB-GB",
    event_ticker="KXNFLGAME-26NOV29CHIGB",
    league=League.NFL,
    kind=Kind.GAME,
    odds_event_id="e1",
    outcome="Green Bay Packers",
    opponent="Chicago Bears",
    team="green_bay_packers",
    start=1_795_975_200_000_000_000,
    moved=True,
    evidence=("NFL by series KXNFLGAME", "quoted 'twice', {and} a \\ and ü"),
)
NO_LINK = NoLink(
    ticker="KXNFLGAME-26NOV29KCDEN-KC",
    event_ticker="KXNFLGAME-26NOV29KCDEN",
    league=League.NFL,
    reason=Unlinked.UNKNOWN_TEAM,
    detail="no NFL team is called 'Kansas'",
    unknown="Kansas",
    proposals=("Kansas City Chiefs", "Arizona Cardinals"),
)
FOREIGN = NoLink(
    ticker="KXOTHER-1",
    event_ticker="",
    league=None,
    reason=Unlinked.UNSUPPORTED_SERIES,
    detail="KXOTHER is not a series of game winners or champions",
)
ACCEPT = Decision(
    ticker=LINK.ticker,
    odds_event_id="e1",
    outcome="Green Bay Packers",
    accepted=True,
    reason="seen on the schedule",
    at=1_795_000_000_123_456_789,
)

Suite = Callable[[Links], Awaitable[None]]


@pytest.fixture(scope="module")
def database(postgres_host: Path) -> Iterator[str]:
    with fresh_database(postgres_host) as conninfo:
        yield conninfo


@pytest.fixture(params=["memory", "postgres"])
def run(request: pytest.FixtureRequest) -> Iterator[Callable[[Suite], None]]:
    """Runs a coroutine over empty `Links`."""
    conninfo = request.getfixturevalue("database") if request.param == "postgres" else None

    @asynccontextmanager
    async def links() -> AsyncIterator[Links]:
        if conninfo is None:
            yield MemoryLinks()
            return
        async with opened(conninfo) as connection:
            yield PostgresLinks(connection)

    async def over(suite: Suite) -> None:
        async with links() as one:
            await suite(one)

    yield lambda suite: asyncio.run(over(suite))
    if conninfo is not None:
        empty(conninfo)


def test_what_was_put_is_current_by_ticker_with_every_field(
    run: Callable[[Suite], None],
) -> None:
    async def suite(links: Links) -> None:
        assert list(await links.current()) == []
        assert await links.put([FOREIGN, NO_LINK, LINK], 5) == 3
        assert list(await links.current()) == [LINK, NO_LINK, FOREIGN]

    run(suite)


def test_an_unchanged_answer_makes_no_new_version(run: Callable[[Suite], None]) -> None:
    async def suite(links: Links) -> None:
        assert await links.put([LINK, NO_LINK], 5) == 2
        assert await links.put([LINK, NO_LINK], 6) == 0
        moved = msgspec.structs.replace(LINK, moved=False)
        assert await links.put([moved, NO_LINK], 7) == 1
        assert list(await links.current()) == [moved, NO_LINK]

    run(suite)


def test_a_market_can_lose_its_link_and_get_the_same_back(run: Callable[[Suite], None]) -> None:
    async def suite(links: Links) -> None:
        lost = NoLink(
            ticker=LINK.ticker,
            event_ticker=LINK.event_ticker,
            league=LINK.league,
            reason=Unlinked.NO_SUCH_FIXTURE,
            detail="the odds have no game of these teams",
        )
        answers: tuple[Link | NoLink, ...] = (LINK, lost, LINK)
        for at, answer in enumerate(answers, start=1):
            assert await links.put([answer], at) == 1
            assert list(await links.current()) == [answer]

    run(suite)


def test_of_two_answers_for_a_market_the_later_counts(run: Callable[[Suite], None]) -> None:
    async def suite(links: Links) -> None:
        moved = msgspec.structs.replace(LINK, moved=False)
        assert await links.put([LINK, moved], 5) == 1
        assert list(await links.current()) == [moved]
        assert await links.put([], 6) == 0

    run(suite)


def test_a_decision_replaces_an_earlier_one_on_the_same_market_and_event(
    run: Callable[[Suite], None],
) -> None:
    async def suite(links: Links) -> None:
        assert list(await links.decisions()) == []
        await links.decide(ACCEPT)
        other = msgspec.structs.replace(ACCEPT, odds_event_id="e2", at=ACCEPT.at + 1)
        await links.decide(other)
        no = msgspec.structs.replace(
            ACCEPT, accepted=False, outcome="", reason="another game", at=ACCEPT.at + 2
        )
        await links.decide(no)
        assert list(await links.decisions()) == [other, no]

    run(suite)


def test_the_same_decision_said_twice_is_one(run: Callable[[Suite], None]) -> None:
    async def suite(links: Links) -> None:
        other = msgspec.structs.replace(ACCEPT, odds_event_id="e2")
        for decision in (ACCEPT, other, ACCEPT):
            await links.decide(decision)
        assert list(await links.decisions()) == [ACCEPT, other]

    run(suite)


def test_the_tables_keep_every_version_with_its_time(database: str) -> None:
    async def suite() -> None:
        async with opened(database) as connection:
            links = PostgresLinks(connection)
            for at, moved in ((5, True), (7, False)):
                answer = msgspec.structs.replace(LINK, moved=moved)
                await links.put([answer], at)
            await links.decide(ACCEPT)
            await links.decide(msgspec.structs.replace(ACCEPT, accepted=False))

    asyncio.run(suite())
    with psycopg.connect(database) as server:
        versions = server.execute("SELECT version, at, moved FROM karb.links ORDER BY version")
        assert versions.fetchall() == [(1, 5, True), (2, 7, False)]
        said = server.execute("SELECT accepted FROM karb.link_decisions ORDER BY id")
        assert said.fetchall() == [(True,), (False,)]
    empty(database)


def test_two_writers_at_once_lose_nothing_and_count_no_version_twice(database: str) -> None:
    async def suite() -> None:
        async with opened(database) as first, opened(database) as second:
            writers = [PostgresLinks(first), PostgresLinks(second)]
            await writers[0].current()
            answers = [msgspec.structs.replace(LINK, start=i) for i in range(1, 21)]
            flips = [writers[i % 2].put([each], i + 1) for i, each in enumerate(answers)]
            assert sum(await asyncio.gather(*flips)) == 20

    asyncio.run(suite())
    with psycopg.connect(database) as server:
        versions = server.execute("SELECT version FROM karb.links ORDER BY version").fetchall()
        assert [version for (version,) in versions] == list(range(1, 21))
    empty(database)
