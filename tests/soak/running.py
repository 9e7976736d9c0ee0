"""`karb run` for long at a fast venue: does anything grow?

Its memory, descriptors, threads and connections are read from /proc every ten seconds. After a
warm-up (first lists, first odds, buffers at their working size) they have to be flat: what a
line through the samples says of an hour stays within a small part of the level itself.
"""

import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from four_processes import Watched, karb_run
from karb.sim.venue import SimOptions
from planted_edges import told_of
from soak.record import Outcome

EVERY = 10.0
WARM_UP = 0.25
"""The share of the time that is not judged."""
GROWTH = 0.05
"""How much of its level a figure may grow from the first to the last of the judged time."""
SPARE = {"memory_mb": 4.0, "descriptors": 2, "threads": 1, "connections": 2}
"""Growth that says nothing, whatever the level: a connection in the middle of being replaced."""


class Sample(NamedTuple):
    """What a process has at a moment; `at` in seconds since the first."""

    at: float
    memory_mb: float
    descriptors: int
    threads: int
    connections: int


def sample(pid: int, at: float) -> Sample:
    """Read it from /proc."""
    status = Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    targets = _targets(pid)
    return Sample(
        at=at,
        memory_mb=int(fields["VmRSS"].split()[0]) / 1_024,
        descriptors=len(targets),
        threads=int(fields["Threads"]),
        connections=sum(target.startswith("socket:") for target in targets),
    )


def _targets(pid: int) -> list[str]:
    """What every descriptor leads to; one that is closed meanwhile is left out."""
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(str(entry.readlink()))
    return found


def running(seed: int, minutes: float, speed: float, folder: Path) -> Outcome:
    """Run for so many minutes and judge."""
    with karb_run(SimOptions(seed=seed, speed=speed), folder) as run:
        samples = _sampled(run, 60 * minutes)
        failures = [] if run.process.alive else [f"it ended by itself: {run.process.said()}"]
        verdict = run.verdict()
        status = run.process.documents("karb.status/1")[-1]
    failures += growing(samples)
    failures += [f"told of {told_of(stray, run.venue.planted)}" for stray in verdict.strays]
    figures = {name: _figures(samples, name) for name in SPARE}
    for name, each in figures.items():
        print(f"{name:12} " + ", ".join(f"{what} {value:g}" for what, value in each.items()))
    return Outcome(
        {
            "minutes": minutes,
            "speed": speed,
            **figures,
            "messages": status["feed"]["messages"],
            "signals": status["signals"],
            "lost": status["lost"],
            "owed": len(verdict.owed),
            "found": len(verdict.owed & verdict.found.keys()),
        },
        failures,
    )


def growing(samples: Sequence[Sample]) -> list[str]:
    """Which figures grew more over the judged time than they may, in words."""
    judged = _judged(samples)
    span = judged[-1].at - judged[0].at
    wrong = []
    for name, spare in SPARE.items():
        values = [getattr(each, name) for each in judged]
        growth = _slope(judged, name) * span
        if growth > max(spare, GROWTH * statistics.median(values)):
            wrong.append(f"{name} grew by {growth:.1f} in {span:.0f} s, to {values[-1]:g}")
    return wrong


def _sampled(run: Watched, seconds: float) -> list[Sample]:
    """A sample every ten seconds for so long, or until the process ends."""
    began, samples = time.monotonic(), [sample(run.process.pid, 0.0)]
    while run.process.alive and (at := time.monotonic() - began) < seconds:
        time.sleep(min(EVERY, seconds - at))
        if run.process.alive:
            samples.append(sample(run.process.pid, time.monotonic() - began))
    return samples


def _judged(samples: Sequence[Sample]) -> Sequence[Sample]:
    return samples[int(len(samples) * WARM_UP) :]


def _slope(samples: Sequence[Sample], name: str) -> float:
    """Growth a second, of a line through the samples."""
    if len(samples) < 2:
        return 0.0
    times = [each.at for each in samples]
    return statistics.linear_regression(times, [getattr(each, name) for each in samples]).slope


def _figures(samples: Sequence[Sample], name: str) -> dict[str, Any]:
    judged = _judged(samples)
    values = [getattr(each, name) for each in judged]
    return {
        "start": round(getattr(samples[0], name), 1),
        "least": round(min(values), 1),
        "most": round(max(values), 1),
        "end": round(values[-1], 1),
        "per_hour": round(3_600 * _slope(judged, name), 2),
    }
