"""`karb demo`: the offline venue, stores of its own and `karb run` against them, in one process.

Nothing of the user's is touched: of his settings it reads those that say where things are, not
his keys, not his stores, no network. It has a folder of its own and stops the servers that it
started. The protocols are the real ones, so what it shows is what karb does.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple

from karb.adapters.embedded.folders import private
from karb.adapters.local.lock import single_flight
from karb.config.load import PLACES, load_places
from karb.config.profiles import open_profile
from karb.config.settings import Settings
from karb.domain.edge.profile import Profile
from karb.domain.units import SECOND, Nanos
from karb.errors import KarbError
from karb.sim.venue import SimOptions, Venue, open_venue
from karb.wiring.loop import run_until_stopped
from karb.wiring.run import Show, Wanted, run_with
from karb.wiring.services import stop_in
from karb.wiring.settings import Chosen
from karb.wiring.stores import data_folder

ODDS_EVERY: Nanos = 10 * SECOND
EDGES_PER_MINUTE = 10.0
"""More than a real exchange has in a week: the first one should not be waited for."""


class DemoWanted(NamedTuple):
    """What the command line asks for. `profile` None: the default one, whatever is set."""

    profile: str | None
    seed: int
    speed: float


def demo_folder() -> Path:
    """Where a demo keeps what it records, whether or not it is there."""
    return data_folder(load_places()) / "demo"


def demo(wanted: DemoWanted, show: Show, asked: Callable[[], object]) -> None:
    """Run the demo until somebody asks to stop, and stop its servers.

    `asked` is called when somebody does.
    """
    places = load_places()
    profile = open_profile(wanted.profile or places.trading_profile).profile
    private(data_folder(places))
    folder = private(demo_folder())
    own = places.model_copy(update={"karb_data_dir": str(folder)})
    with single_flight(folder, "demo") as alone:
        if not alone:
            raise KarbError(
                "a demo is running already",
                means="nothing was started; the other one goes on",
                do="look at its terminal, or give this one another KARB_DATA_DIR",
            )
        run_until_stopped(
            lambda: _demo(wanted, profile, own, show),
            asked=asked,
            afterwards=lambda: stop_in(own),
        )


async def _demo(wanted: DemoWanted, profile: Profile, own: Settings, show: Show) -> None:
    options = SimOptions(seed=wanted.seed, speed=wanted.speed, edges_per_minute=EDGES_PER_MINUTE)
    async with open_venue(options) as venue:
        given = Chosen(_settings(venue, own), profile)
        # Of an exchange that broke nobody would see more than that nothing happens.
        await _until_one_ends(venue.wait(), run_with(given, Wanted(every=ODDS_EVERY), show))


async def _until_one_ends(*works: Coroutine[Any, Any, None]) -> None:
    """Run all until one ends, however it does; the others are cancelled."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _settings(venue: Venue, own: Settings) -> Settings:
    """Settings for the venue, in the demo's own places."""
    key = Path(own.karb_data_dir) / "key.pem"
    key.unlink(missing_ok=True)
    handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(venue.private_key_pem)
    at_venue = {
        "kalshi_base_url": venue.rest_url,
        "karb_kalshi_ws_url": venue.ws_url,
        "kalshi_key_id": venue.key_id,
        "kalshi_private_key_path": str(key),
        "karb_odds_api_url": venue.odds_url,
        "odds_api_key": venue.odds_key,
    }
    return Settings.of({**own.model_dump(include=set(PLACES)), **at_venue})
