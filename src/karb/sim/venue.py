"""The offline venue: an exchange and an odds source on loopback, opened and closed as one.

`open_venue` is all that a caller needs; the `Venue` tells the addresses and keys, which edges
were planted, what stands in the books, and makes things go wrong.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import time_ns
from typing import NamedTuple

import msgspec
from aiohttp import web

from karb.sim.auth import Account, KeyKind
from karb.sim.book import ASK, BID, Book
from karb.sim.catalog import Catalog, Living
from karb.sim.chance import chance
from karb.sim.clock import Clock
from karb.sim.faults import AT_ONCE, STATES, Armed, Fault, Faults, Schedule
from karb.sim.leagues import LEAGUES
from karb.sim.limits import Limits
from karb.sim.odds_api import OddsApi, Quota
from karb.sim.planting import Planted
from karb.sim.recorded import Recorded
from karb.sim.rest import ROOT, Rest
from karb.sim.rest_account import AccountRest
from karb.sim.rest_candles import CandleRest
from karb.sim.rest_sport import SportRest
from karb.sim.server import WS_PATH, Server
from karb.sim.slate import Slate, draw_slate
from karb.sim.stream import Stream
from karb.sim.units import DOLLAR, SECOND
from karb.sim.world import World

__all__ = ["Fault", "Faults", "Levels", "Planted", "SimOptions", "Venue", "open_venue"]

HOST = "127.0.0.1"
_TICK = 0.02
_FREEZING_BOOK = "draftkings"


class SimOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a venue is to be.

    `port` 0 takes a free one. `speed` is how many of the venue's seconds pass in a real one;
    `changes_per_second` and `edges_per_minute` count in the venue's time. With `static` recorded
    files are served instead of a living world. `key_pem` brings a private key back, so that a
    venue can be opened again for the same clients.
    """

    seed: int = 1
    speed: float = 1.0
    port: int = 0
    games_per_league: int = 4
    leagues: tuple[str, ...] = tuple(LEAGUES)
    edges_per_minute: float = 4.0
    changes_per_second: float = 60.0
    faults: Faults = Faults()
    static: Path | None = None
    odds_credits: int = 5_000_000
    key_kind: KeyKind = "rsa"
    key_pem: bytes | None = None


class Levels(NamedTuple):
    """Both sides' bids: count in 1/100 contract by that side's own price in 1/10,000 dollar."""

    yes: dict[int, int]
    no: dict[int, int]


class Venue:
    """An open venue."""

    def __init__(
        self,
        port: int,
        world: World,
        stream: Stream,
        armed: Armed,
        account: Account,
        odds_key: str,
        quota: Quota,
        catalog: Catalog,
    ) -> None:
        self.rest_url = f"http://{HOST}:{port}{ROOT}"
        self.ws_url = f"ws://{HOST}:{port}{WS_PATH}"
        self.odds_url = f"http://{HOST}:{port}"
        self.key_id = account.key_id
        self.private_key_pem = account.pem
        self.odds_key = odds_key
        self.paused = False
        self.quota = quota
        self._world, self._stream, self._armed = world, stream, armed
        self._catalog = catalog

    @property
    def planted(self) -> list[Planted]:
        """Every edge planted so far; one that still stands has the end that it will have."""
        return self._world.edges.planted

    @property
    def tickers(self) -> list[str]:
        """Every market."""
        return list(self._catalog.tickers())

    @property
    def markets(self) -> int:
        """How many markets are listed."""
        return len(self._catalog.markets())

    @property
    def connections(self) -> int:
        """How many WebSocket clients there are."""
        return self._stream.connections

    def chance(self, ticker: str) -> float:
        """The true probability of a market now."""
        return self._world.centre(ticker) / DOLLAR

    def books(self) -> Mapping[str, Levels]:
        """What stands in every book now."""
        shown = {ticker: self._catalog.shown(ticker) for ticker in self.tickers}
        return {ticker: _levels(each.book) for ticker, each in shown.items() if each is not None}

    def pause(self) -> None:
        """Let nothing happen until `resume`; clients are still answered."""
        self.paused = True

    def resume(self) -> None:
        """Go on where the clock is."""
        self.paused = False

    def strike(self, fault: Fault) -> None:
        """Let one thing go wrong: at once, or at the next message or request it can spoil."""
        if fault in STATES:
            self.begin(fault)
        elif fault in AT_ONCE:
            self._stream.strike(fault)
        else:
            self._armed.arm(fault)

    def begin(self, state: Fault) -> None:
        """Let a state hold until `end`: maintenance, few reads, a frozen sportsbook, no credits."""
        self._armed.holding.add(state)
        if state is Fault.MAINTENANCE:
            self._stream.strike(Fault.CUT)
        elif state is Fault.FROZEN_BOOK:
            self._world.sportsbooks.frozen.add(_FREEZING_BOOK)

    def end(self, state: Fault) -> None:
        """Let a state hold no longer."""
        self._armed.holding.discard(state)
        if state is Fault.FROZEN_BOOK:
            self._world.sportsbooks.frozen.discard(_FREEZING_BOOK)

    def start(self, faults: Faults) -> None:
        """Let the world live."""
        self._running = asyncio.create_task(self._run(faults))

    async def stop(self) -> None:
        """Let it stop; raises what broke it, if something did."""
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running

    async def wait(self) -> None:
        """Wait until it stops; raises what broke it."""
        await asyncio.shield(self._running)

    async def _run(self, faults: Faults) -> None:
        """Move the world on, and let go wrong what is due, until cancelled."""
        schedule = Schedule(faults, chance(self._world.seed, "faults"))
        for state in faults.kinds:
            if state in STATES:
                self.begin(state)
        clock = self._world.clock
        while True:
            await asyncio.sleep(_TICK)
            if not self.paused:
                self._world.advance()
            for fault in schedule.due((clock.now() - clock.began) / SECOND):
                self.strike(fault)


@asynccontextmanager
async def open_venue(
    options: SimOptions, *, now: Callable[[], int] = time_ns
) -> AsyncIterator[Venue]:
    """Open a venue and keep it running until the block ends.

    `OSError` when the port is taken, `ValueError` for options that cannot be, `RecordedError`
    for files that cannot be served, `UnusableKeyError` for a `key_pem` that is none.
    """
    recorded = Recorded(options.static) if options.static is not None else None
    clock, armed = Clock(now, options.speed), Armed()
    stream = Stream(clock, armed)
    world = World(
        _slate(options, clock),
        clock,
        stream,
        seed=options.seed,
        edges_per_minute=options.edges_per_minute,
        changes_per_second=options.changes_per_second,
    )
    account = Account(options.key_kind, options.key_pem)
    odds_key = f"{chance(options.seed, 'odds key').getrandbits(128):032x}"
    odds = OddsApi(world, armed, Quota(options.odds_credits), odds_key, recorded)
    catalog: Catalog = recorded or Living(world)
    limits = Limits(now, armed)
    routes = [
        *Rest(catalog, armed, now).routes(),
        *SportRest(catalog).routes(),
        *CandleRest(catalog).routes(),
        *AccountRest(account, limits, now).routes(),
    ]
    server = Server(catalog, clock.now, stream, routes, odds, account, limits, armed)
    runner = web.AppRunner(
        server.app(), access_log=None, shutdown_timeout=0.5, handler_cancellation=True
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, options.port).start()
        port = runner.addresses[0][1]
        venue = Venue(port, world, stream, armed, account, odds_key, odds.quota, catalog)
        venue.start(options.faults)
        try:
            yield venue
        finally:
            await venue.stop()
            stream.strike(Fault.CUT)
    finally:
        await runner.cleanup()


def _levels(book: Book) -> Levels:
    return Levels(
        dict(book.levels(BID)),
        {DOLLAR - price: count for price, count in book.levels(ASK)},
    )


def _slate(options: SimOptions, clock: Clock) -> Slate:
    if options.static is not None:
        return Slate((), ())
    return draw_slate(options.seed, clock.began, options.leagues, options.games_per_league)
