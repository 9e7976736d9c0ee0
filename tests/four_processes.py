"""karb as a user runs it: processes over stores of their own folder, against an offline venue.

The venue lives in a thread of the test, so that the test knows which edges were planted.
Every start of a process writes to files of its own: a line that a kill cut off is their last.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from karb.domain.units import MILLISECOND, SECOND, Nanos
from karb.sim.venue import SimOptions, Venue, open_venue
from karb_process import clean_environment
from planted_edges import Seen, Verdict, Window, judged
from servers import jar, own_servers

PATIENCE = 20.0
"""Seconds in which something must have happened that a test waits for."""
TO_START = 60.0
"""The same for three servers and four processes at once, on a machine with other work."""
PROFILE = "AGGRESSIVE"
GRACE = 1.0
"""Seconds in which the signal of the last edge that is owed may still come."""


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


class Watched:
    """The detectors of a venue, one after the other, and everything that they told."""

    def __init__(self, venue: Venue, folder: Path, speed: float) -> None:
        self.venue, self.folder, self.data = venue, folder, folder / "data"
        self.environment = settings_for(venue, folder)
        self.lit_since: Nanos = 0
        self.dark: list[Window] = []
        self._speed = speed
        self._detectors: list[Process] = []

    @property
    def process(self) -> Process:
        """The detector that runs."""
        return self._detectors[-1]

    def begin(self, *arguments: str) -> Process:
        """Start a detector."""
        process = self.started(*arguments)
        self._detectors.append(process)
        return process

    def started(self, *arguments: str) -> Process:
        """Start a command against this venue and these stores."""
        return Process(arguments, self.folder, self.environment)

    def sees(self, since: Nanos, *, within: float = PATIENCE) -> Nanos:
        """Wait for a signal that was decided after `since`; when that was."""
        wait_for(lambda: self._newest() > since, "a signal is told", within=within)
        return self._newest()

    def owed(self) -> frozenset[int]:
        """The places in the plan of the edges that were owed until now."""
        return self._judged([], time.time_ns()).owed

    def verdict(self) -> Verdict:
        """What was owed until now, found, and told without an edge."""
        until = time.time_ns()
        time.sleep(GRACE)
        told = [signal for process in self._detectors for signal in process.signals()]
        return self._judged(told, until)

    def _judged(self, told: Iterable[Seen], until: Nanos) -> Verdict:
        lit = Window(self.lit_since, until)
        planted = list(self.venue.planted)
        return judged(planted, told, lit=lit, dark=self.dark, speed=self._speed)

    def _newest(self) -> Nanos:
        return max((signal.at for signal in self.process.signals()), default=0)


class System(Watched):
    """The four processes over one data folder.

    `karb detect` is back when it tells of an edge again; until then the span is dark.
    """

    COMMANDS: ClassVar = {
        "stream": ("stream", "--json"),
        "detect": ("detect", "--profile", PROFILE, "--json"),
        "map-events": ("map-events", "link", "--every", "2s", "--json"),
    }
    """What runs for as long as it is let; `karb ingest-odds` is started again and again."""

    def __init__(self, venue: Venue, folder: Path, speed: float) -> None:
        super().__init__(venue, folder, speed)
        self.running: dict[str, Process] = {}

    def begin_all(self) -> None:
        """Start all four, and wait for the first signal."""
        for name in self.COMMANDS:
            self.start(name)
        wait_for(self.streams, "karb stream tells of prices", within=TO_START)
        self.ingest()
        self.lit_since = self.sees(0, within=TO_START)

    def start(self, name: str) -> None:
        """Start one of the commands that go on."""
        begin = self.begin if name == "detect" else self.started
        self.running[name] = begin(*self.COMMANDS[name])

    def ingest(self) -> None:
        """A pass over the odds, as cron would start it."""
        process = self.started("ingest-odds", "--json")
        assert process.ended(TO_START) == 0, process.said()

    def kill_and_restart(self, name: str) -> None:
        """Kill a process, start it again, and wait until edges are told of as before."""
        killed = time.time_ns()
        self.running[name].kill()
        self.start(name)
        if name == "stream":
            wait_for(self.streams, "karb stream tells of prices again")
        self.dark_since(killed)

    def dark_since(self, began: Nanos) -> None:
        """Wait for the next signal; until it came nothing was owed."""
        self.dark.append(Window(began, self.sees(time.time_ns())))

    def streams(self) -> bool:
        """Whether the running `karb stream` has told of a live price."""
        return any(each["live"] for each in self.running["stream"].documents("karb.quote/1"))

    def links(self) -> bool:
        """Whether the running `karb map-events` has made a pass."""
        return bool(self.running["map-events"].documents("karb.map-events-pass/1"))

    def ended(self) -> dict[str, str]:
        """The processes that should run and do not, with what they said last."""
        return {name: each.said() for name, each in self.running.items() if not each.alive}

    def stop(self) -> None:
        """Ask all of them to end."""
        for process in self.running.values():
            if process.alive:
                process.stop()


@contextmanager
def four_processes(options: SimOptions, folder: Path) -> Iterator[System]:
    """The four, running against a venue of their own; nothing is left of them afterwards."""
    with stores(folder / "data"), venue_in_thread(options) as venue:
        system = System(venue, folder, options.speed)
        try:
            system.begin_all()
            yield system
        finally:
            system.stop()


@contextmanager
def karb_run(options: SimOptions, folder: Path) -> Iterator[Watched]:
    """`karb run` against a venue of its own, once it has told of an edge."""
    with stores(folder / "data"), venue_in_thread(options) as venue:
        watched = Watched(venue, folder, options.speed)
        process = watched.begin("run", "--profile", PROFILE, "--every", "10s", "--json")
        try:
            watched.lit_since = watched.sees(0, within=TO_START)
            yield watched
        finally:
            process.stop()
