"""Four processes with something killed every half minute, beside `karb run` on the same seed.

Whatever is killed, each planted edge that stood a second outside the dark spans has a signal
in both, and neither tells of anything else. Both venues open together; only the four suffer.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from four_processes import System, Watched, four_processes, karb_run
from karb.adapters.embedded.place import Place
from karb.adapters.embedded.postgres import postgres_place
from karb.adapters.embedded.questdb import questdb_place
from karb.adapters.embedded.valkey import valkey_place
from karb.domain.units import MILLISECOND, SECOND
from karb.sim.venue import SimOptions
from planted_edges import Verdict, told_of
from running_karb import wait_for
from soak.record import Outcome

EDGES_PER_MINUTE = 30.0
PASS_EVERY = 15.0
"""Seconds from one `karb ingest-odds` to the next."""
SOONEST, LATEST = 20.0, 40.0
"""Seconds from one kill to the next."""
LONGEST_PASS = 1.5
"""A pass over the odds is killed within so many seconds of its start."""


class Killer:
    """Kills one thing after the other, in an order that follows from the seed."""

    def __init__(self, system: System, random: Random) -> None:
        self._system, self._random = system, random
        self._ways: dict[str, Callable[[], None]] = {
            "stream": lambda: system.kill_and_restart("stream"),
            "detect": lambda: system.kill_and_restart("detect"),
            "map-events": self._links,
            "ingest-odds": self._odds,
            "redis": self._redis,
            "postgres": lambda: self._server(postgres_place(system.data)),
            "questdb": lambda: self._server(questdb_place(system.data)),
        }
        self._turn: list[str] = []
        self.kills: Counter[str] = Counter()

    def kill(self) -> None:
        """Kill the next one and have it back."""
        if not self._turn:
            self._turn = self._random.sample(list(self._ways), len(self._ways))
        name = self._turn.pop()
        self.kills[name] += 1
        self._ways[name]()

    def _links(self) -> None:
        self._system.running["map-events"].kill()
        self._system.start("map-events")

    def _odds(self) -> None:
        process = self._system.started("ingest-odds", "--json")
        time.sleep(self._random.uniform(0, LONGEST_PASS))
        process.kill()

    def _redis(self) -> None:
        """Nobody hears anybody until the next command that needs it has started it again."""
        killed = time.time_ns()
        self._server(valkey_place(self._system.data))
        self._system.ingest()
        self._system.dark_since(killed)

    def _server(self, place: Place) -> None:
        pid = place.pid()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: place.pid() != pid, f"{place.name} is gone")


def processes(seed: int, minutes: float, folder: Path) -> Outcome:
    """Kill for so many minutes, and hold both against their plans and each other."""
    options = SimOptions(seed=seed, edges_per_minute=EDGES_PER_MINUTE)
    (folder / "run").mkdir()
    (folder / "four").mkdir()
    with (
        karb_run(options, folder / "run") as run,
        four_processes(options, folder / "four") as system,
    ):
        random = Random(seed)
        killer = Killer(system, random)
        try:
            failures = _suffer(system, killer, random, time.monotonic() + 60 * minutes)
        except AssertionError as error:
            failures = [f"after {sum(killer.kills.values())} kills: {error}"]
        alone, apart = run.verdict(), system.verdict()
        failures += _wrong("karb run", run, alone) + _wrong("four processes", system, apart)
        failures += _different(run, alone, system, apart)
        return Outcome(_counts(system, killer, alone, apart), failures)


def _suffer(system: System, killer: Killer, random: Random, end: float) -> list[str]:
    """Kill until the end; what died by itself."""
    next_pass, next_kill = 0.0, time.monotonic() + random.uniform(SOONEST, LATEST)
    while (now := time.monotonic()) < end:
        if now >= next_pass:
            system.ingest()
            next_pass = now + PASS_EVERY
        if now >= next_kill and now < end - SOONEST:
            killer.kill()
            next_kill = now + random.uniform(SOONEST, LATEST)
        if died := system.ended():
            return [f"{name} ended by itself: {said[-500:]}" for name, said in died.items()]
        time.sleep(0.1)
    return []


def _wrong(name: str, watched: Watched, verdict: Verdict) -> list[str]:
    """What was owed and not told, and what was told without an edge."""
    plan = watched.venue.planted
    missed = [f"{name} missed {plan[place]}" for place in verdict.missed]
    return missed + [f"{name} told of {told_of(stray, plan)}" for stray in verdict.strays]


def _different(one: Watched, alone: Verdict, other: Watched, apart: Verdict) -> list[str]:
    """Edges that both were owed and one of them told; and plans that are not the same."""
    both = alone.owed & apart.owed
    wrong = [
        f"the plans differ at {place}: {here}, {there}"
        for place, (here, there) in enumerate(
            zip(one.venue.planted, other.venue.planted, strict=False)
        )
        if (here.ticker, here.side) != (there.ticker, there.side)
    ]
    only = both & (alone.found.keys() ^ apart.found.keys())
    return wrong + [f"only one of them told of {one.venue.planted[place]}" for place in only]


def _counts(system: System, killer: Killer, alone: Verdict, apart: Verdict) -> dict[str, Any]:
    dark = [(span.ends - span.begins) / SECOND for span in system.dark]
    return {
        "kills": dict(killer.kills),
        "planted": len(system.venue.planted),
        "owed": len(apart.owed),
        "found": len(apart.owed & apart.found.keys()),
        "owed_both": len(apart.owed & alone.owed),
        "owed_run": len(alone.owed),
        "found_run": len(alone.owed & alone.found.keys()),
        "dark_seconds": [round(each, 1) for each in dark],
        "ms_to_signal": _spread(apart),
        "ms_to_signal_run": _spread(alone),
    }


def _spread(verdict: Verdict) -> dict[str, int]:
    """Milliseconds from planting to signal, over the edges that began in the light."""
    delays = sorted(verdict.found[place] for place in verdict.whole & verdict.found.keys())
    if not delays:
        return {}
    named = {"p50": delays[len(delays) // 2], "p95": delays[len(delays) * 95 // 100]}
    return {name: round(each / MILLISECOND) for name, each in {**named, "max": delays[-1]}.items()}
