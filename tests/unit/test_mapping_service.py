"""The mapping service: what it tells, records, withdraws, and does without PostgreSQL."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from karb.adapters.memory.links import MemoryLinks
from karb.domain.linking.links import NoLink, Unlinked
from karb.domain.market.leagues import League
from karb.domain.units import SECOND
from karb.errors import ConfigError, StoreDownError
from karb.ports import Decision, News, Topic
from karb.services.mapping import identity
from linking_cases import outright
from mapping_cases import (
    BOTH,
    GAME,
    LINKED,
    NOW,
    OTHER,
    START,
    Told,
    full,
    mapping,
    markets,
    no_failure,
    odds,
    running,
)
from offers import BUF, EVENT_ID, HOU


class Database(MemoryLinks):
    """Links that can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.error: Exception | None = None
        self.reads = 0

    async def decisions(self) -> Sequence[Decision]:
        self.reads += 1
        if self.error is not None:
            raise self.error
        return await super().decisions()


def test_a_pass_records_every_answer_and_tells_it() -> None:
    async def suite() -> None:
        bus, links = Told(), MemoryLinks()
        service = full(bus, links)
        assert await service.once() == 2
        assert bus.outcomes() == LINKED
        assert list(await links.current()) == [bus.table[BUF], bus.table[HOU]]
        assert service.answers == bus.table
        assert [when for when, _ in links.versions[BUF]] == [NOW]

    asyncio.run(suite())


def test_only_what_changed_is_told_again() -> None:
    async def suite() -> None:
        bus, links = Told(), MemoryLinks()
        service = full(bus, links)
        await service.once()
        bus.changes.clear()
        service.on_odds(odds(away=1.5, home=2.9))
        service.on_markets(markets({BUF: msgspec.structs.replace(BOTH[BUF], at=NOW)}))
        assert await service.once() == 0
        assert bus.changes == []
        service.on_odds(odds(start=START + 60 * SECOND))
        assert await service.once() == 2
        assert bus.changes == [BUF, HOU]

    asyncio.run(suite())


@pytest.mark.parametrize("whole", [True, False])
def test_a_market_that_is_gone_is_dropped_and_its_history_kept(whole: bool) -> None:
    async def suite() -> None:
        bus, links = Told(), MemoryLinks()
        service = full(bus, links)
        await service.once()
        bus.changes.clear()
        service.on_markets(markets({BUF: BOTH[BUF]}, whole=True) if whole else markets({HOU: None}))
        await service.once()
        assert bus.changes[-1] == f"-{HOU}"
        assert set(bus.table) == {BUF}
        assert HOU in links.versions

    asyncio.run(suite())


def test_a_game_that_leaves_the_odds_takes_its_links_along() -> None:
    async def suite() -> None:
        bus, links = Told(), MemoryLinks()
        service = full(bus, links)
        await service.once()
        service.on_odds(News(Topic.ODDS, {EVENT_ID: None}))
        await service.once()
        assert bus.outcomes() == dict.fromkeys(LINKED, "no_odds_for_league")

    asyncio.run(suite())


def test_odds_that_are_gone_altogether_change_no_link() -> None:
    """Redis was emptied: that says nothing of which game a market is."""

    async def suite() -> None:
        bus, links = Told(), Database()
        service = full(bus, links, settle=0.0, recheck=0.01)
        await running(service, lambda: bus.outcomes() == LINKED, no_failure)
        service.on_odds(News(Topic.ODDS, {}, whole=True))
        reads = links.reads
        task = asyncio.create_task(service.run(no_failure))
        await asyncio.sleep(0.1)
        assert (bus.outcomes(), links.reads) == (LINKED, reads)
        service.on_odds(News(Topic.ODDS, {"other": OTHER}))
        async with asyncio.timeout(5):
            while bus.outcomes() != dict.fromkeys(LINKED, "no_such_fixture"):
                await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(suite())


def test_what_an_earlier_process_left_is_taken_away_when_it_is_over() -> None:
    async def suite() -> None:
        bus, links = Told(), MemoryLinks()
        await full(bus, links).once()
        bus.changes.clear()
        bus.table["OLD"] = bus.table[BUF]
        service = full(bus, links)
        service.remember(bus.table)
        await service.once()
        assert bus.changes == [BUF, HOU, "-OLD"]
        bus.changes.clear()
        bus.table["OLD"] = bus.table[BUF]
        await service.once()
        assert bus.changes == []

    asyncio.run(suite())


def test_a_running_service_waits_for_markets_and_odds_and_answers_bursts_once() -> None:
    async def suite() -> None:
        bus, links = Told(), Database()
        service = mapping(bus, links, settle=0.02, recheck=0.05)
        for ticker, each in BOTH.items():
            service.on_markets(markets({ticker: each}))
        task = asyncio.create_task(service.run(no_failure))
        await asyncio.sleep(0.2)
        assert (bus.table, links.reads) == ({}, 0)
        service.on_odds(odds())
        async with asyncio.timeout(5):
            while not bus.table:
                await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert bus.outcomes() == LINKED
        assert bus.changes == [BUF, HOU]

    asyncio.run(suite())


def test_a_decision_of_another_process_is_seen_without_news() -> None:
    async def suite() -> None:
        bus, links = Told(), MemoryLinks()
        service = full(bus, links, settle=0.0, recheck=0.01)
        await running(service, lambda: bus.outcomes() == LINKED, no_failure)
        await links.decide(rejection())
        await running(
            service, lambda: bus.outcomes() == dict.fromkeys(LINKED, "rejected"), no_failure
        )

    asyncio.run(suite())


def rejection() -> Decision:
    return Decision(
        ticker=BUF, odds_event_id=EVENT_ID, outcome="", accepted=False, reason="no", at=NOW
    )


def test_before_decisions_were_read_nothing_is_told() -> None:
    async def suite() -> None:
        bus, links = Told(), Database()
        await links.decide(rejection())
        links.error = StoreDownError("PostgreSQL is away")
        failures: list[StoreDownError] = []
        service = full(bus, links, settle=0.0, recheck=0.01)
        await running(service, lambda: len(failures) > 2, failures.append)
        assert bus.table == {}
        links.error = None
        await running(service, lambda: bool(bus.table), failures.append)
        assert bus.outcomes() == dict.fromkeys(LINKED, "rejected")

    asyncio.run(suite())


def test_without_postgresql_news_is_told_by_the_last_decisions_and_recorded_later() -> None:
    async def suite() -> None:
        bus, links = Told(), Database()
        failures: list[StoreDownError] = []
        service = full(bus, links, settle=0.0, recheck=0.01)
        await running(service, lambda: bus.outcomes() == LINKED, failures.append)
        links.error = StoreDownError("PostgreSQL is away")
        service.on_odds(News(Topic.ODDS, {EVENT_ID: None, "other": OTHER}))
        lost = dict.fromkeys(LINKED, "no_such_fixture")
        await running(service, lambda: bus.outcomes() == lost, failures.append)
        assert failures
        assert len(links.versions[BUF]) == 1
        links.error = None
        await running(service, lambda: len(links.versions[BUF]) == 2, failures.append)
        answer = links.versions[BUF][-1][1]
        assert isinstance(answer, NoLink)
        assert answer.reason is Unlinked.NO_SUCH_FIXTURE

    asyncio.run(suite())


def test_a_pass_without_postgresql_tells_nothing() -> None:
    async def suite() -> None:
        bus, links = Told(), Database()
        links.error = StoreDownError("PostgreSQL is away")
        with pytest.raises(StoreDownError):
            await full(bus, links).once()
        assert bus.changes == []

    asyncio.run(suite())


def test_what_no_waiting_mends_ends_the_service() -> None:
    async def suite() -> None:
        links = Database()
        links.error = ConfigError("a newer karb")
        with pytest.raises(ConfigError):
            await full(Told(), links, settle=0.0).run(no_failure)

    asyncio.run(suite())


def test_what_changes_at_every_poll_is_no_part_of_an_events_identity() -> None:
    one, two = "Kansas City Chiefs", "Denver Broncos"
    title = outright("t1", League.NFL, "2026-02-08 18:30", one, two)
    (quote,) = title.quotes
    moved = msgspec.structs.replace(quote, odds={two: 3.0, one: 2.0}, updated=7)
    fewer = msgspec.structs.replace(quote, odds={two: 3.0})
    again, other = (msgspec.structs.replace(title, quotes=(each,)) for each in (moved, fewer))
    assert identity(again) == identity(title) != identity(other)
    priced = msgspec.structs.replace(GAME, quotes=(quote,))
    assert identity(priced) == GAME
    assert identity(priced) != identity(msgspec.structs.replace(GAME, start=GAME.start + 1))
