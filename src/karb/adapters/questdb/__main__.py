"""The process that writes history: `python -m karb.adapters.questdb SPOOL DAYS`.

It is started by the one that decides (`child`) and talks with it over its standard input.
What decides has the processor first, so before anything is imported this steps back. Requests
to end are for that process as well: this one ends behind it, when the line is closed.
"""

import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

_NICER = 10


def main(root: str, days: str) -> None:
    """Serve whoever has started this process."""
    for request in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(request, signal.SIG_IGN)
    _step_back()
    from karb.adapters.questdb.delivering import Deliverer
    from karb.adapters.questdb.line import Line, LineClosed

    with Line(socket.socket(fileno=0)) as line, suppress(LineClosed):
        Deliverer(line, Path(root), days=int(days)).run()


def _step_back() -> None:
    """Come after the process that decides, also where that comes before everybody else."""
    os.nice(_NICER)
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


if __name__ == "__main__":
    main(*sys.argv[1:])
