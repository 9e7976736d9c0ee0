"""A process that records history, for tests that end it: `python -m recorder SPOOL ROWS`.

Its standard input has the address of a QuestDB, then a line for every go-ahead. It says the
number of the process that writes once that is connected, records after a go-ahead, and says so
when everything is in files. Interrupted, it closes and says how many rows are written.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

from karb.wiring.stores import QuestDBAt
from recording import tick, waits_until, writer

TESTS = Path(__file__).parent


class Recorder:
    """A running one; `writing` is the process that writes for it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process, self._in, self._out = process, process.stdin, process.stdout
        self.writing = int(self._out.readline())

    def record(self) -> None:
        """Have it record; its rows are in files."""
        say(self._in, "record")
        assert self._out.readline() == "recorded\n"

    def written(self) -> int:
        """How many rows are written, once it has closed after an interruption."""
        return int(self._out.readline())


@contextmanager
def recorder(at: QuestDBAt, spool: Path, rows: int) -> Iterator[Recorder]:
    """One in a session, and so a process group, of its own; gone afterwards."""
    folders = os.pathsep.join([str(TESTS), *sys.path])
    process = subprocess.Popen(
        [sys.executable, "-m", "recorder", str(spool), str(rows)],
        env={**os.environ, "PYTHONPATH": folders},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdin is not None
        say(process.stdin, json.dumps(asdict(at)))
        try:
            yield Recorder(process)
        finally:
            process.kill()


def say(to: IO[str], line: str) -> None:
    print(line, file=to, flush=True)


def main(spool: str, rows: str) -> None:
    """Record, and wait for what the test has in mind."""
    at = QuestDBAt(**json.loads(sys.stdin.readline()))
    history = writer(lambda: at, Path(spool))
    history.start()
    waits_until(lambda: history.stats().connected)
    say(sys.stdout, str(history.pid))
    try:
        sys.stdin.readline()
        for number in range(int(rows)):
            history.add_quote(tick(number), None)
        waits_until(lambda: history.stats().waiting == 0)
        say(sys.stdout, "recorded")
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        history.close(20)
        say(sys.stdout, str(sum(history.stats().written.values())))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main(*sys.argv[1:])
