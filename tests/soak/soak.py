"""Long proofs: `python tests/soak/soak.py NAME --seed 1`.

fuzz: damaged messages against every decoder, one proof for each.
history: QuestDB away for a minute under load, hanging, killed, and for longer than fits.
processes: four processes with something killed every half minute, beside `karb run`.
stream: a million messages with a fault a second, every book compared with the venue's.
running: `karb run` for long, its memory, descriptors, threads and connections watched.

Each proof that ends appends one line to `docs/evidence/soak.jsonl`: which commit, seed, what
was counted in how many seconds, and what failed. A call takes at most an hour; a run that was
cut short has the lines of the proofs it finished, and `fuzz --target` runs the others.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from soak.record import Outcome

TESTS = Path(__file__).resolve().parents[1]
LONGEST = 3_600
SHOWN = 20
SLOWEST = 1_000
"""Messages a second that a slow machine streams."""


class Proof(NamedTuple):
    """One line of evidence: about how many seconds it takes, and how it is made in a folder."""

    name: str
    seconds: float
    prove: Callable[[Path], "Outcome"]


def main(argv: list[str]) -> int:
    """Run what the command line names; 1 when anything failed."""
    # As a script this folder leads the path, and its own file would hide the package `soak`.
    sys.path[0] = str(TESTS)
    from soak.record import append

    parser = _parser()
    options = parser.parse_args(argv)
    proofs: Sequence[Proof] = options.proofs(options)
    if (seconds := sum(proof.seconds for proof in proofs)) > LONGEST:
        parser.error(f"{seconds:g} s are more than an hour")
    failed = False
    for proof in proofs:
        began = time.monotonic()
        with TemporaryDirectory(prefix="karb-soak-") as folder:
            outcome = proof.prove(Path(folder))
        append(options.evidence, proof.name, options.seed, time.monotonic() - began, outcome)
        print(f"{proof.name}: {outcome.counts}, {len(outcome.failures)} failures")
        for failure in outcome.failures[:SHOWN]:
            print(f"  {failure}")
        failed = failed or bool(outcome.failures)
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    from soak.fuzz import TARGETS
    from soak.record import EVIDENCE

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = parser.add_subparsers(dest="name", required=True)
    fuzz = names.add_parser("fuzz")
    fuzz.add_argument("--seconds", type=float, default=600, help="for each target")
    fuzz.add_argument("--target", action="append", choices=list(TARGETS))
    fuzz.set_defaults(proofs=_fuzzing)
    history = names.add_parser("history")
    history.add_argument("--seconds", type=float, default=60, help="for which QuestDB is away")
    history.set_defaults(proofs=_outages)
    processes = names.add_parser("processes")
    processes.add_argument("--minutes", type=float, default=15)
    processes.set_defaults(proofs=_killing)
    stream = names.add_parser("stream")
    stream.add_argument("--texts", type=int, default=1_000_000)
    stream.set_defaults(proofs=_streaming)
    running = names.add_parser("running")
    running.add_argument("--minutes", type=float, default=30)
    running.add_argument("--speed", type=float, default=10)
    running.set_defaults(proofs=_running)
    for each in names.choices.values():
        each.add_argument("--seed", type=int, required=True)
        each.add_argument("--evidence", type=Path, default=EVIDENCE, help="the file to append to")
    return parser


def _fuzzing(options: argparse.Namespace) -> list[Proof]:
    from soak.fuzz import TARGETS

    def proof(name: str) -> Proof:
        return Proof(
            name, options.seconds, lambda _folder: _fuzz(name, options.seed, options.seconds)
        )

    return [proof(name) for name in options.target or TARGETS]


def _outages(options: argparse.Namespace) -> list[Proof]:
    from soak.outages import OUTAGES, lost_nothing

    def proof(name: str) -> Proof:
        return Proof(
            f"history-{name}",
            options.seconds + 60,
            lambda folder: lost_nothing(OUTAGES[name], options.seconds, folder),
        )

    return [proof(name) for name in OUTAGES]


def _killing(options: argparse.Namespace) -> list[Proof]:
    from soak.processes import processes

    minutes = options.minutes
    return [
        Proof(
            "processes",
            60 * (minutes + 2),
            lambda folder: processes(options.seed, minutes, folder),
        )
    ]


def _streaming(options: argparse.Namespace) -> list[Proof]:
    from soak.streaming import streaming

    seconds = options.texts / SLOWEST
    return [Proof("stream", seconds, lambda _folder: streaming(options.seed, options.texts))]


def _running(options: argparse.Namespace) -> list[Proof]:
    from soak.running import running

    minutes, speed = options.minutes, options.speed
    return [
        Proof(
            "running",
            60 * (minutes + 1),
            lambda folder: running(options.seed, minutes, speed, folder),
        )
    ]


def _fuzz(name: str, seed: int, seconds: float) -> "Outcome":
    """Damage messages for `seconds`."""
    from soak.damage import mutated
    from soak.fuzz import TARGETS, outcome
    from soak.record import Outcome

    target, random = TARGETS[name], Random(f"{seed}:{name}")
    failures: list[dict[str, str]] = []
    cases, end = 0, time.monotonic() + seconds
    while time.monotonic() < end and len(failures) < SHOWN:
        for _ in range(200):
            raw = mutated(random, target.seeds)
            wrong = outcome(target, raw)
            if wrong is not None:
                failures.append({"error": wrong, "input": repr(raw[:2_000])})
        cases += 200
    return Outcome({"cases": cases}, failures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
