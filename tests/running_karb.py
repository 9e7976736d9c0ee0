"""karb as processes over stores of their own folder, and an offline venue in a thread.

The venue lives in the test, so that the test knows which edges were planted. Every start of a
process writes to files of its own: a line that a kill cut off is the last one there.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from karb.domain.units import MILLISECOND, SECOND
from karb.sim.venue import SimOptions, Venue, open_venue
from karb_process import clean_environment
from planted_edges import Seen
from servers import jar, own_servers

PATIENCE = 20.0
"""Seconds in which something must have happened that a test waits for."""
TO_START = 60.0
"""The same for three servers and four processes at once, on a machine with other work."""


@contextmanager
def venue_in_thread(options: SimOptions) -> Iterator[Venue]:
    """An open venue whose loop runs beside the test."""
    ready: list[Venue] = []
    opened, loop = threading.Event(), asyncio.new_event_loop()
    closing = asyncio.Event()

    async def live() -> None:
        async with open_venue(options) as venue:
            ready.append(venue)
            opened.set()
            await closing.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()))
    thread.start()
    try:
        assert opened.wait(PATIENCE), "the venue does not open"
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(closing.set)
        thread.join(PATIENCE)
        loop.close()


def settings_for(venue: Venue, folder: Path) -> dict[str, str]:
    """karb's settings for a venue, with a key file and stores in `folder`."""
    key = folder / "key.pem"
    key.touch(mode=0o600)
    key.write_bytes(venue.private_key_pem)
    return {
        "KALSHI_BASE_URL": venue.rest_url,
        "KARB_KALSHI_WS_URL": venue.ws_url,
        "KALSHI_KEY_ID": venue.key_id,
        "KALSHI_PRIVATE_KEY_PATH": str(key),
        "KARB_ODDS_API_URL": venue.odds_url,
        "ODDS_API_KEY": venue.odds_key,
        **data_settings(folder / "data"),
    }


def data_settings(data: Path) -> dict[str, str]:
    """karb's settings for stores of its own in a folder."""
    return {"KARB_DATA_DIR": str(data), "KARB_QUESTDB_JAR": str(jar())}


@contextmanager
def stores(data: Path) -> Iterator[None]:
    """All three stores, running before the venue's time begins, and gone afterwards."""
    data.mkdir()
    with own_servers(data):
        starting = Process(("services", "start"), data.parent, data_settings(data))
        assert starting.ended(TO_START) == 0, starting.said()
        yield


def wait_for(
    ready: Callable[[], object], what: str, *, within: float = PATIENCE, turn: float = 0.02
) -> None:
    """Wait until something holds."""
    end = time.monotonic() + within
    while not ready():
        assert time.monotonic() < end, f"not within {within:g} s: {what}"
        time.sleep(turn)


class Process:
    """One karb, running; `out` and `err` are what it said."""

    def __init__(self, arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str]):
        stem = f"{arguments[0]}.{time.monotonic_ns()}"
        self.out, self.err = folder / f"{stem}.out", folder / f"{stem}.err"
        self.began = time.time_ns()
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "karb", *arguments],
                cwd=folder,
                env=clean_environment(**environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Gone, as by a power cut."""
        self._process.kill()
        self._process.wait()

    def ended(self, patience: float = PATIENCE) -> int:
        """Its exit code, once it has ended by itself."""
        return self._process.wait(patience)

    def stop(self) -> int:
        """Asked to end; its exit code."""
        self._process.terminate()
        return self.ended()

    def said(self) -> str:
        """What it told people."""
        return self.err.read_text()

    def documents(self, schema: str) -> list[dict[str, Any]]:
        """What it printed under a schema; a line that is not whole yet is left out."""
        lines = self.out.read_text().split("\n")[:-1]
        told = [json.loads(line) for line in lines]
        return [each for each in told if each["schema"] == schema]

    def signals(self) -> list[Seen]:
        """The signals that it told."""
        return [_seen(body) for body in self.documents("karb.signal/1")]


def _seen(body: Mapping[str, Any]) -> Seen:
    at = datetime.fromisoformat(body["at"])
    whole = int(at.timestamp()) * SECOND + at.microsecond // 1_000 * MILLISECOND
    return Seen(body["ticker"], body["action"].removeprefix("BUY_").lower(), whole)
