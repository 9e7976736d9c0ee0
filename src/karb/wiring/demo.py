"""`karb demo`: the offline venue, stores of its own and `karb run` against them, in one process.

Nothing of the user's is touched: not his settings but those that say where things are, not
his stores, no key, no network. It has a folder of its own and stops the servers that it
started. The protocols are the real ones, so what it shows is what karb does.
"""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from karb.adapters.embedded.folders import private
from karb.adapters.local.lock import single_flight
from karb.config.settings import Settings
from karb.domain.units import SECOND, Nanos
from karb.errors import KarbError
from karb.sim.venue import SimOptions, Venue, open_venue
from karb.wiring.loop import run_until_stopped
from karb.wiring.run import Show, Wanted, run_with
from karb.wiring.services import stop_in
from karb.wiring.settings import Chosen, current, profile_of
from karb.wiring.stores import data_folder

ODDS_EVERY: Nanos = 10 * SECOND
EDGES_PER_MINUTE = 10.0
"""More than a real exchange has in a week: the first one should not be waited for."""


class DemoWanted(NamedTuple):
    """What the command line asks for."""

    profile: str | None
    seed: int
    speed: float


def demo(wanted: DemoWanted, show: Show) -> None:
    """Run the demo until somebody asks to stop, and stop its servers."""
    loaded = current(wanted.profile)
    given = Chosen(loaded.settings, profile_of(loaded).profile)
    folder = private(private(data_folder(given.settings)) / "demo")
    with ExitStack() as stack:
        if not stack.enter_context(single_flight(folder, "demo")):
            raise KarbError(
                "a demo is running already",
                means="nothing was started; the other one goes on",
                do="look at its terminal, or give this one another KARB_DATA_DIR",
            )
        own = Settings.of({"karb_data_dir": str(folder)})
        stack.callback(stop_in, own)
        run_until_stopped(lambda: _demo(given, wanted, folder, show))


async def _demo(given: Chosen, wanted: DemoWanted, folder: Path, show: Show) -> None:
    options = SimOptions(seed=wanted.seed, speed=wanted.speed, edges_per_minute=EDGES_PER_MINUTE)
    async with open_venue(options) as venue:
        settings = _settings(given.settings, venue, folder)
        await run_with(Chosen(settings, given.profile), Wanted(every=ODDS_EVERY), show)


def _settings(theirs: Settings, venue: Venue, folder: Path) -> Settings:
    """Settings for the venue; of the user's only what a machine needs."""
    key = folder / "key.pem"
    key.unlink(missing_ok=True)
    handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(venue.private_key_pem)
    values = {
        "kalshi_base_url": venue.rest_url,
        "karb_kalshi_ws_url": venue.ws_url,
        "kalshi_key_id": venue.key_id,
        "kalshi_private_key_path": str(key),
        "karb_odds_api_url": venue.odds_url,
        "odds_api_key": venue.odds_key,
        "karb_data_dir": str(folder),
    }
    if theirs.karb_questdb_jar:
        values["karb_questdb_jar"] = theirs.karb_questdb_jar
    return Settings.of(values)
