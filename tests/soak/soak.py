"""Long proofs: `python tests/soak/soak.py fuzz --seed 1`.

Each target that ends appends one line to `docs/evidence/soak.jsonl`: which commit, seed, how
many cases in how many seconds, and what failed. A call takes at most an hour; a run that was
cut short has the lines of the targets it finished, and `--target` runs the others.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
EVIDENCE = TESTS.parent / "docs" / "evidence" / "soak.jsonl"
LONGEST = 3_600
SHOWN = 20


def main(argv: list[str]) -> int:
    """Run what the command line names; 1 when anything failed."""
    # As a script this folder leads the path, and its own file would hide the package `soak`.
    sys.path[0] = str(TESTS)
    from soak.fuzz import TARGETS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=["fuzz"])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=600, help="for each target")
    parser.add_argument("--target", action="append", choices=list(TARGETS))
    parser.add_argument("--evidence", type=Path, default=EVIDENCE, help="the file to append to")
    options = parser.parse_args(argv)
    names = options.target or list(TARGETS)
    if options.seconds * len(names) > LONGEST:
        parser.error(f"{len(names)} targets of {options.seconds:g} s are more than an hour")
    records = [_fuzz(name, options.seed, options.seconds, options.evidence) for name in names]
    return int(any(record["failures"] for record in records))


def _fuzz(name: str, seed: int, seconds: float, evidence: Path) -> dict[str, Any]:
    """Damage messages for `seconds` and write down what came of it."""
    from soak.damage import mutated
    from soak.fuzz import TARGETS, outcome

    target, random = TARGETS[name], Random(f"{seed}:{name}")
    failures: list[dict[str, str]] = []
    cases, started = 0, time.monotonic()
    while (taken := time.monotonic() - started) < seconds and len(failures) < SHOWN:
        for _ in range(200):
            raw = mutated(random, target.seeds)
            wrong = outcome(target, raw)
            if wrong is not None:
                failures.append({"error": wrong, "input": repr(raw[:2_000])})
        cases += 200
    record = {
        "commit": _commit(),
        "target": name,
        "seed": seed,
        "cases": cases,
        "seconds": round(taken, 1),
        "failures": failures,
    }
    evidence.parent.mkdir(parents=True, exist_ok=True)
    with evidence.open("a") as lines:
        lines.write(json.dumps(record) + "\n")
    print(f"{name}: {cases:,} cases in {taken:.0f} s, {len(failures)} failures")
    return record


def _commit() -> str:
    """The commit, with a plus sign when the source differs from it."""
    head = _git("rev-parse", "HEAD") or "none"
    return head + ("+" if _git("status", "--porcelain", "--", "src") else "")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=TESTS, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
