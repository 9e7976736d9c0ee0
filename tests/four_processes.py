"""karb as a user runs it, four processes or `karb run`, and what its detectors told of."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from karb.domain.units import Nanos
from karb.sim.venue import SimOptions, Venue
from planted_edges import Seen, Verdict, Window, judged
from running_karb import (
    PATIENCE,
    TO_START,
    Process,
    settings_for,
    stores,
    venue_in_thread,
    wait_for,
)

PROFILE = "AGGRESSIVE"
GRACE = 1.0
"""Seconds in which the signal of the last edge that is owed may still come."""


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
