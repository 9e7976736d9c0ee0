"""What a long proof leaves behind: a line of JSON with its commit, seed, counts and failures."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

EVIDENCE = Path(__file__).resolve().parents[2] / "docs" / "evidence" / "soak.jsonl"


class Outcome(NamedTuple):
    """What was counted, and what went wrong, in words or with the input that did it."""

    counts: dict[str, Any]
    failures: Sequence[Any]


def append(evidence: Path, name: str, seed: int, seconds: float, outcome: Outcome) -> None:
    """Write a proof down."""
    record = {
        "commit": _commit(),
        "target": name,
        "seed": seed,
        **outcome.counts,
        "seconds": round(seconds, 1),
        "failures": outcome.failures,
    }
    evidence.parent.mkdir(parents=True, exist_ok=True)
    with evidence.open("a") as lines:
        lines.write(json.dumps(record) + "\n")


def _commit() -> str:
    """The commit, with a plus sign when the source differs from it."""
    head = _git("rev-parse", "HEAD") or "none"
    return head + ("+" if _git("status", "--porcelain", "--", "src") else "")


def _git(*words: str) -> str:
    here = Path(__file__).parent
    done = subprocess.run(["git", *words], cwd=here, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
