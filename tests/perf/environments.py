"""An environment of its own for each peer, because peers pin what karb does not want.

Made once below a folder and used again; a peer that cannot be installed here is a reason
to print, not a failure.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PATIENCE = 600


class Peer(NamedTuple):
    """A release of a package, and the oldest Python it takes."""

    name: str
    requirement: str
    oldest: tuple[int, int]


PEERS = (
    Peer("pykalshi", "pykalshi==2.0.0", (3, 11)),
    Peer("kalshi-sdk", "kalshi-sdk==22.4.0", (3, 12)),
)


class UnavailableError(Exception):
    """Why a peer cannot be measured here."""


def python_for(peer: Peer, folder: Path) -> Path:
    """The Python of an environment that has the peer and this karb; `UnavailableError`."""
    place = folder / peer.name
    python = place / "bin" / "python"
    done = place / "complete"
    if not done.exists():
        shutil.rmtree(place, ignore_errors=True)
        _run(_new_enough(peer), "-m", "venv", str(place))
        _run(str(python), "-m", "pip", "install", "-q", peer.requirement, "-e", str(ROOT))
        done.touch()
    return python


def _new_enough(peer: Peer) -> str:
    """The oldest Python here that the peer takes: the one that its makers know best."""
    found = sorted((version, program) for program in _programs() if (version := _version(program)))
    for version, program in found:
        if version >= peer.oldest:
            return program
    raise UnavailableError(f"needs Python {'.'.join(map(str, peer.oldest))} or newer")


def _programs() -> Iterator[str]:
    """This Python, those on the path, and pyenv's, which its shims may hide."""
    yield sys.executable
    names = [f"python3.{minor}" for minor in range(11, 16)]
    yield from filter(None, (shutil.which(name) for name in names))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for name in names:
        yield from map(str, pyenv.glob(f"versions/*/bin/{name}"))


def _version(program: str) -> tuple[int, int] | None:
    """The version a program says it is; None for one that does not run."""
    script = "import sys, venv; print(*sys.version_info[:2])"
    done = subprocess.run([program, "-c", script], check=False, capture_output=True, text=True)
    if done.returncode:
        return None
    major, minor = done.stdout.split()
    return int(major), int(minor)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"{command[-3]} took more than {PATIENCE} s") from error
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()
        # pip names the cause in its first such line and ends with advice.
        cause = next((line for line in lines if line.lstrip().startswith("ERROR")), lines[-1])
        raise UnavailableError(f"could not be installed: {cause.strip()}")
