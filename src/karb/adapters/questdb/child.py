"""The process that writes history, as the one that decides holds it.

It is told no secret by its command line or environment, is out of reach of the terminal's
Ctrl-C, and ends when the line to it is closed, whatever closes it.
"""

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

from karb.adapters.questdb.line import Line

PROGRAM = "karb.adapters.questdb"
_HANDED_ON = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
"""What a Python may need to run at all."""
_ENDS_WITHIN = 2.0
"""Seconds; a child without a line needs no more, unless its server hangs."""


class Child:
    """A running one. Leaving the `with` ends it: killed it would do no harm either."""

    def __init__(self, root: Path, *, days: int) -> None:
        """Raises `OSError` when the system has no process for it."""
        with ExitStack() as stack:
            self._said = said = stack.enter_context(TemporaryFile())
            ours, theirs = socket.socketpair()
            self.line = stack.enter_context(Line(ours))
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - karb's own words, and no shell
                    [sys.executable, "-P", "-m", PROGRAM, str(root.absolute()), str(days)],
                    stdin=theirs.fileno(),
                    stdout=said.fileno(),
                    stderr=said.fileno(),
                    env=_environment(),
                    start_new_session=True,
                    umask=0o077,
                )
            self._open = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()
        self._ended()
        self._open.close()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def why(self) -> str:
        """Why its line is closed, in its own last words where it had any."""
        self.line.close()
        code = self._ended()
        self._said.seek(0)
        words = self._said.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(words) if line), _ending(code))

    def _ended(self) -> int:
        """Its exit code, once it has ended by itself or was made to."""
        try:
            return self._process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.returncode


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _environment() -> dict[str, str]:
    """Enough to find the same modules."""
    kept = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1"}
