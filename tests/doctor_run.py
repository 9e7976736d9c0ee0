"""What tests of `karb doctor` share: its rows, and a venue in a thread beside the test."""

import asyncio
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from karb.sim.venue import SimOptions, Venue, open_venue
from karb_process import document

QUIET = SimOptions(
    leagues=("NFL", "NBA"), games_per_league=1, changes_per_second=0.0, edges_per_minute=0.0
)


class Told(NamedTuple):
    """A row as it is printed."""

    state: str
    found: str
    do: str


def rows(done: "subprocess.CompletedProcess[str]") -> dict[str, Told]:
    """The rows of `karb doctor --json`, by check; whatever does not pass says what to type."""
    body = document(done)
    assert body["schema"] == "karb.doctor/1"
    told = {row["check"]: Told(row["state"], row["found"], row["do"]) for row in body["checks"]}
    assert len(told) == len(body["checks"])
    assert all(row.do for row in told.values() if row.state != "pass")
    return told


@contextmanager
def venue_beside(now: Callable[[], int]) -> Iterator[Venue]:
    """An open venue, in which nothing happens; `now` is its clock."""
    opened: list[Venue] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    closing = asyncio.Event()

    async def live() -> None:
        async with open_venue(QUIET, now=now) as venue:
            opened.append(venue)
            ready.set()
            await closing.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),))
    thread.start()
    try:
        assert ready.wait(20)
        yield opened[0]
    finally:
        loop.call_soon_threadsafe(closing.set)
        thread.join(20)
        loop.close()


def key_file(folder: Path, pem: bytes) -> Path:
    """A key as its owner keeps it."""
    path = folder / "key.pem"
    path.touch(0o600)
    path.write_bytes(pem)
    return path
