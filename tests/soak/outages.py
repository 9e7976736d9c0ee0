"""QuestDB away under load, for a minute instead of the suite's few seconds."""

from pathlib import Path
from typing import NamedTuple

from servers import jar
from soak.history import Outage, Server, outage
from soak.record import Outcome

RATE = 2_000


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
        "loop_ms": result.beats._asdict(),
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
    if result.beats.ours_over_1ms:
        wrong.append(f"the loop was late by {result.beats.ours_worst:.1f} ms")
    return wrong
