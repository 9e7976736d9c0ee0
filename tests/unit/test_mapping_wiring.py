"""Passes of the mapping over the stores, without stores."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time_ns
from typing import Any

import pytest

import karb.wiring.mapping as module
from karb.adapters.memory.links import MemoryLinks
from karb.domain.units import HOUR, MILLISECOND
from karb.errors import KarbError
from karb.ports import News, Topic
from karb.wiring.mapping import Mapped, passes
from karb.wiring.mapping_stores import MappingStores
from mapping_cases import BOTH, Told
from offers import EVENT_ID, offered

TABLES: dict[Topic, dict[str, Any]] = {
    Topic.MARKETS: BOTH,
    Topic.ODDS: {EVENT_ID: offered()},
    Topic.LINKS: {},
}


class Filled(Told):
    """A bus on which other processes have left markets and odds."""

    async def follow(self, topics: Any, take: Any, stale: object) -> None:
        del stale
        take(News(topics[0], TABLES[topics[0]], whole=True))
        await asyncio.Event().wait()


class SetBackClock:
    """The time of day on a machine whose clock is set back again and again."""

    def __init__(self) -> None:
        self.at = time_ns()

    def __call__(self) -> int:
        self.at -= HOUR
        return self.at


class EnoughError(Exception):
    """The test has seen enough passes."""


def test_passes_go_on_while_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def stores(*_given: object) -> AsyncIterator[MappingStores]:
        yield MappingStores(Filled(), MemoryLinks())

    seen: list[Mapped] = []

    def tell(mapped: Mapped) -> None:
        seen.append(mapped)
        if len(seen) == 3:
            raise EnoughError

    def told(error: KarbError) -> None:
        raise error

    monkeypatch.setattr(module, "mapping_stores", stores)
    monkeypatch.setattr(module, "time_ns", SetBackClock())
    with pytest.raises(EnoughError):
        passes(MILLISECOND, tell, told)
    assert all(mapped.answers.keys() == BOTH.keys() for mapped in seen)
