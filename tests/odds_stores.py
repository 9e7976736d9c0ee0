"""The stores that odds go to, in memory; a process of its own keeps them in one file."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from karb.domain.edge.signal import Signal
from karb.domain.fair.odds import OddsEvent
from karb.domain.fair.offered import Offered
from karb.domain.market.messages import Quote, Trade
from karb.domain.units import Nanos
from karb.errors import KarbError, StoreDownError
from karb.ports import Credits, News, Topic
from karb.services.odds import Sinks


class Stores:
    """Every sink at once; `down` names those that do not answer, `error` is what they raise."""

    def __init__(self, *down: str, error: type[KarbError] = StoreDownError) -> None:
        self.down, self.error = down, error
        self.table: dict[str, Offered] = {}
        self.cached: list[str] = []
        self.rows: list[tuple[str, Nanos]] = []
        self.noted: list[Credits] = []

    @property
    def sinks(self) -> Sinks:
        return Sinks(bus=self, cache=self, history=self, credits=self)

    def put(self, topic: Topic, key: str, value: Any) -> None:
        assert topic is Topic.ODDS
        self.table[key] = value

    def drop(self, topic: Topic, key: str) -> None:
        assert topic is Topic.ODDS
        self.table.pop(key, None)

    async def put_odds(self, offered: Iterable[Offered]) -> None:
        self._answer("Redis")
        self.cached = sorted(each.event.id for each in offered)

    def add_odds(self, event: OddsEvent, offered: Offered, at: Nanos) -> None:
        assert offered.event == event
        self.rows.append((event.id, at))

    async def note(self, told: Credits) -> None:
        self._answer("PostgreSQL")
        self.noted.append(told)

    async def last(self) -> Credits | None:
        return self.noted[-1] if self.noted else None

    def _answer(self, store: str) -> None:
        if store in self.down:
            raise self.error(f"{store} is down")

    def send(self, signal: Signal) -> None: ...
    def put_quote(self, quote: Quote, last_price: int | None) -> None: ...
    def close_market(self, ticker: str) -> None: ...
    def add_quote(self, quote: Quote, last_price: int | None) -> None: ...
    def add_trade(self, trade: Trade) -> None: ...
    def add_signal(self, signal: Signal) -> None: ...
    async def run(self) -> None: ...

    async def follow(
        self,
        topics: Sequence[Topic],
        take: Callable[[News], None],
        stale: Callable[[Topic], None],
    ) -> None:
        del stale
        self._answer("Redis")
        take(News(topics[0], dict(self.table), whole=True))
        await asyncio.Event().wait()

    async def signals(self, group: str, consumer: str, take: Callable[[Signal], None]) -> None: ...


FILE = "stores.json"


class Kept(msgspec.Struct):
    """What the stores of one folder hold."""

    table: dict[str, Offered] = {}
    cached: list[str] = []
    rows: list[tuple[str, Nanos]] = []
    noted: list[Credits] = []


def kept_in(folder: Path) -> Kept:
    """What every process of this folder has left in the stores; nothing before the first."""
    path = folder / FILE
    return msgspec.json.decode(path.read_bytes(), type=Kept) if path.exists() else Kept()


def keep(folder: Path, held: Kept) -> None:
    """Let the stores of this folder hold this."""
    (folder / FILE).write_bytes(msgspec.json.encode(held))


def main() -> None:
    """karb, with these stores in the place of the real ones; `KARB_DOWN` names what is away."""
    import karb.wiring.odds as wiring
    from karb.cli.main import main as karb_main

    down = os.environ.pop("KARB_DOWN", "").split()
    vars(wiring)["odds_sinks"] = lambda *_: _stores(down)
    karb_main()


@asynccontextmanager
async def _stores(down: Sequence[str]) -> AsyncIterator[Sinks]:
    stores, held = Stores(*down), kept_in(Path())
    stores.table, stores.rows, stores.noted = held.table, held.rows, held.noted
    try:
        yield stores.sinks
    finally:
        held.cached = stores.cached or held.cached
        keep(Path(), held)


if __name__ == "__main__":
    main()
