"""Looking at an offline venue whose clock stands until the test moves it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from karb.sim.venue import SimOptions, Venue, open_venue
from sim_client import get
from sim_judge import Hands

QUIET = SimOptions(changes_per_second=0.0, edges_per_minute=0.0, key_kind="ed25519")
SMALL = SimOptions(
    changes_per_second=0.0,
    edges_per_minute=0.0,
    key_kind="ed25519",
    leagues=("NFL", "NBA"),
    games_per_league=2,
)
Look = Callable[[Venue, Hands], Awaitable[None]]


def at_venue(look: Look, options: SimOptions = QUIET) -> None:
    """Open a venue and look."""

    async def run() -> None:
        hands = Hands()
        async with open_venue(options, now=hands) as venue:
            await look(venue, hands)

    asyncio.run(run())


async def body(venue: Venue, path: str) -> Any:
    """The body of a GET that anybody may make; it must be answered."""
    answer = await get(venue.rest_url + path)
    assert answer.status == 200, answer.body
    return answer.body
