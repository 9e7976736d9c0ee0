"""What earlier processes left in the shared tables, told once to who has to clear it away."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from bus_listener import until
from karb.adapters.memory.bus import MemoryBus, MemoryServer
from karb.ports import Topic
from karb.services.tables import run_remembering
from offers import BUF, HOU, link, listed


def test_each_table_is_handed_over_once_as_it_was_found() -> None:
    told: list[tuple[str, set[str]]] = []

    def markets(entries: Mapping[str, Any]) -> None:
        told.append(("markets", set(entries)))

    def links(entries: Mapping[str, Any]) -> None:
        told.append(("links", set(entries)))

    async def run() -> None:
        server = MemoryServer()
        earlier, ours = MemoryBus(server), MemoryBus(server)
        server.publish(Topic.MARKETS, {BUF: listed(BUF)}, earlier)
        server.publish(Topic.LINKS, {BUF: link(BUF)}, earlier)
        part = asyncio.create_task(
            run_remembering(ours, {Topic.MARKETS: markets, Topic.LINKS: links})
        )
        await until(lambda: len(told) == 2)
        server.publish(Topic.MARKETS, {HOU: listed(HOU)}, earlier)
        await asyncio.sleep(0.05)
        assert not part.done(), "a part of a process does not end"
        part.cancel()
        await asyncio.gather(part, return_exceptions=True)

    asyncio.run(run())
    assert told == [("markets", {BUF}), ("links", {BUF})]


def test_a_server_that_is_away_is_waited_for_and_nobody_is_told_of_an_empty_table() -> None:
    class Away(MemoryBus):
        async def follow(self, *_given: object) -> None:
            await asyncio.Event().wait()

    told: list[object] = []

    async def run() -> None:
        async with asyncio.timeout(0.05):
            await run_remembering(Away(MemoryServer()), {Topic.MARKETS: told.append})

    with pytest.raises(TimeoutError):
        asyncio.run(run())
    assert told == []
