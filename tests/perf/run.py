"""How fast karb is, beside a floor and its peers, in one run.

    python tests/perf/bench.py [--rounds N] [--quick] [--only M1,M4] [--json] [--work FOLDER]

Every figure is a ratio of contenders that took turns in one run, or a count. Nothing fails
on a figure: the table says what was met, and a missed goal is for a person to judge. What
goes over wires is measured against an exchange, a Valkey and a QuestDB of the bench's own.
With them comes the latency table of the specification (`--only latency`).
"""

import argparse
import json
import logging
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from perf import environments, exact, floor, latency_table, ours
from perf.cores import first_in_line
from perf.goals import GOALS, Row, ratio, table
from perf.harness import Contender, Timing, contest
from perf.messages import deltas, ticks
from perf.wired import LATENCY, Wired, wired

TESTS = Path(__file__).parents[1]
COUNT = 6_000
MARKETS = (100, 100_000)
WIDE_COUNT = 40_000


def _ignore(_signal: object) -> None:
    """Where signals go: the bench ends at the decision."""


def detection(rounds: int) -> Iterator[Row]:
    """M1 and M4."""
    stream = ticks(COUNT)
    timings = contest(
        {
            "floor": Contender(floor.decode, stream.texts),
            "karb": Contender(ours.tick_path(stream, _ignore), stream.texts),
            "obvious": Contender(ours.obvious_path(stream, _ignore), stream.texts),
        },
        rounds,
    )
    yield ratio("M1", timings, "karb", "floor")
    yield ratio("M4", timings, "obvious", "karb")


def scale(rounds: int) -> Iterator[Row]:
    """M12: the same number of ticks over few and over many markets, hit at random."""
    contenders = {}
    for among in MARKETS:
        stream = ticks(WIDE_COUNT, among=among)
        contenders[f"floor {among}"] = Contender(floor.decode, stream.texts)
        path = ours.tick_path(stream, _ignore)
        contenders[f"karb {among}"] = Contender(path, stream.texts)
    timings = contest(contenders, max(3, rounds // 2))
    few, many = (timings[f"karb {among}"] for among in MARKETS)
    yield Row("M12", many.over(few), timings[f"floor {MARKETS[1]}"], few, many, "other: 100")


def waiting(_rounds: int) -> Iterator[Row]:
    """M14."""
    stream = ticks(COUNT)
    found = exact.waits(ours.tick_path(stream, _ignore), stream.texts)
    # The clock of the bench asks nobody; the real one is read twice for a tick that passes.
    yield Row("M14", len(found), note=", ".join(sorted(set(found))))


def garbage(_rounds: int) -> Iterator[Row]:
    """M15."""
    stream = ticks(COUNT, share=0)
    path = ours.tick_path(stream, _ignore)
    yield Row("M15", exact.collections(path, stream.texts, 60_000 // COUNT))


def books(rounds: int) -> Iterator[Row]:
    """The first half of M17."""
    changes = deltas(COUNT)
    timings = contest(
        {
            "floor": Contender(floor.decode, changes.texts),
            "karb": ours.delta_path(changes, ours.best),
        },
        rounds,
    )
    yield ratio("M17a", timings, "karb", "floor")


OWN: dict[str, Callable[[int], Iterator[Row]]] = {
    "M1 M4": detection,
    "M12": scale,
    "M14": waiting,
    "M15": garbage,
    "M17a": books,
}
BESIDE = {("pykalshi", "ticker"): "M2", ("kalshi-sdk", "ticker"): "M3"}
BESIDE |= {("kalshi-sdk", "delta"): "M17b"}


def peers(wanted: set[str], rounds: int, folder: Path) -> Iterator[Row]:
    """M2, M3 and the other half of M17, each beside its peer in the peer's environment."""
    for peer in environments.PEERS:
        goals = {kind: goal for (name, kind), goal in BESIDE.items() if name == peer.name}
        if not wanted.intersection(goals.values()):
            continue
        try:
            python = environments.python_for(peer, folder)
        except environments.UnavailableError as reason:
            yield from (Row(goal, note=f"{peer.name} {reason}") for goal in goals.values())
            continue
        for found in _beside(peer.name, python, rounds):
            timings = {name: Timing(**each) for name, each in found["timings"].items()}
            note = f"{peer.requirement}, Python {found['python']}"
            yield ratio(goals[found["kind"]], timings, peer.name, "karb", note)


def _beside(peer: str, python: Path, rounds: int) -> Iterator[dict[str, Any]]:
    """What `peers` finds in the environment of one."""
    command = [str(python), "-m", "perf.peers", peer, "--rounds", str(rounds)]
    there = {**os.environ, "PYTHONPATH": str(TESTS)}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=there)
    yield from map(json.loads, done.stdout.splitlines())


def run(wanted: set[str], rounds: int, folder: Path) -> Iterator[Row]:
    """Everything that is wanted and needs no wire, as it is found."""
    for names, measure in OWN.items():
        if wanted.intersection(names.split()):
            yield from (row for row in measure(rounds) if row.goal in wanted)
    yield from (row for row in peers(wanted, rounds, folder) if row.goal in wanted)


def main() -> None:
    """Measure, print the table, and write a JSON line for each row beside the environments."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="rounds of turns (15)")
    parser.add_argument("--quick", action="store_true", help="3 rounds: a look, not a figure")
    everything = ",".join((*GOALS, LATENCY))
    parser.add_argument("--only", default=everything, help=f"goals, such as M1,M4; {LATENCY}")
    parser.add_argument("--json", action="store_true", help="print JSON lines and no table")
    parser.add_argument("--work", type=Path, default=TESTS.parent / ".nox" / "bench" / "peers")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    asked = tuple(given.only.lower().split(","))
    wanted = {goal for goal in GOALS if {goal.lower(), goal.lower().rstrip("ab")} & {*asked}}
    given.work.mkdir(parents=True, exist_ok=True)
    rounds = 3 if given.quick else given.rounds
    rows = [_told(row) for row in run(wanted, rounds, given.work)]
    over = wired(wanted | {LATENCY} & {*asked}, rounds, _told)
    found = Wired(rows + over.rows, over.table)
    lines = [json.dumps(_document(row)) for row in found.rows]
    lines += [json.dumps(line._asdict()) for line in found.table]
    (given.work / "bench.jsonl").write_text("".join(f"{line}\n" for line in lines))
    print("\n".join(lines) if given.json else _report(found))


def _told(row: Row) -> Row:
    """The row, whose verdict somebody who waits has seen."""
    print(f"{row.goal}: {row.verdict}", file=sys.stderr)
    return row


def _document(row: Row) -> dict[str, Any]:
    goal = GOALS[row.goal]
    timings = {
        name: timing._asdict()
        for name, timing in (("floor", row.floor), ("other", row.other), ("karb", row.karb))
        if timing is not None
    }
    found = {"value": row.value, "verdict": row.verdict, "note": row.note}
    return {**goal._asdict(), **found, "us_per_message": timings}


def _report(found: Wired) -> str:
    order = list(GOALS)
    rows = sorted(found.rows, key=lambda row: order.index(row.goal))
    with first_in_line() as first:
        turns = "before its neighbours" if first else "among its neighbours"
    head = f"karb, Python {platform.python_version()}; microseconds; on wires {turns}"
    report = f"{head}\n{table(rows)}"
    return f"{report}\n\n{latency_table.shown(found.table)}" if found.table else report


if __name__ == "__main__":
    main()
