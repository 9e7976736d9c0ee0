"""QuestDB away under load, for a minute instead of the suite's few seconds.

How late the event loop was is written down beside a floor, the same loop and load without a
writer: on a machine with other work no figure of it is a failure by itself.
"""

from pathlib import Path
from typing import NamedTuple

from servers import jar
from soak.history import Beats, Outage, Server, calm, outage
from soak.record import Outcome

RATE, FLOOR_SECONDS = 2_000, 10.0


class Way(NamedTuple):
    """How it goes away, and how much of history may wait on disk meanwhile."""

    kill: bool
    spool_mb: float


OUTAGES = {
    "hangs": Way(kill=False, spool_mb=256),
    "dies": Way(kill=True, spool_mb=256),
    "longer-than-fits": Way(kill=False, spool_mb=1),
}


def lost_nothing(way: Way, seconds: float, folder: Path) -> Outcome:
    """Take the server away, and count what is there in the end."""
    server = Server(folder / "data", jar())
    try:
        result = outage(
            server,
            folder / "spool",
            kill=way.kill,
            rate=RATE,
            seconds=seconds,
            spool_mb=way.spool_mb,
        )
    finally:
        server.stop()
    dropped = sum(result.stats.dropped.values())
    counts = {
        "recorded": result.recorded,
        "dropped": dropped,
        **result.stored._asdict(),
        "loop_ms": _rounded(result.beats),
        "floor_ms": _rounded(calm(RATE, min(seconds, FLOOR_SECONDS))),
    }
    return Outcome(counts, _wrong(way, result, dropped))


def _wrong(way: Way, result: Outage, dropped: int) -> list[str]:
    kept, stored, wrong = result.recorded - dropped, result.stored, list[str]()
    if stored.rows != kept:
        wrong.append(f"{kept} rows should be there, {stored.rows} are")
    if stored.different != stored.rows:
        wrong.append(f"{stored.rows - stored.different} rows are there twice")
    if dropped and way.spool_mb > 1:
        wrong.append(f"{dropped} rows were dropped though there was room")
    if not dropped and stored.pairs != result.recorded // 2:
        wrong.append(f"{result.recorded // 2 - stored.pairs} pairs of one millisecond are not")
    return wrong


def _rounded(beats: Beats) -> dict[str, float]:
    return {name: round(value, 3) for name, value in beats._asdict().items()}
