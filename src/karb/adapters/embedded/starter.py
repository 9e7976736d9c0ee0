"""Start a server once, whoever asks, and let it outlive them all.

The starter takes a file lock and the server inherits the descriptor, so the lock is held for
exactly as long as the server or a child of it lives. No pid file has to be believed, eight
starters at once make one server, and one that is killed half-way harms nothing: either its
server holds the lock and answers soon, or the lock is free. (Two Valkeys on one socket would
both live, and writes would go to either.)
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Any, NamedTuple

from karb.adapters.embedded import launch
from karb.adapters.embedded.place import Place
from karb.adapters.embedded.trouble import died, refused, silent

Alive = Callable[[], bool]
_NOBODY_YET = b" " * 20
"""Stands in the lock until the pid does: on a full disk this fails before anything runs."""
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class Command(NamedTuple):
    """How a server is run, and as who (see `launch`)."""

    argv: Sequence[str]
    folder: Path
    who: str = "self"


def ensure(
    place: Place, alive: Alive, command: Callable[[int], Command], *, limit: float = 60
) -> None:
    """Return once the server answers, having started it where nobody else had.

    `command` prepares what the server needs and is called under the lock, whose descriptor it
    gets, to hand on to every process that must not be overtaken. `limit` is in seconds. Raises
    `StoreDownError`, or `ConfigError` where the folder cannot be used.
    """
    end = time.monotonic() + limit
    try:
        while not alive():
            with _exclusive(place.lock) as lock:
                if lock is None:  # another starter is at it, or the last server is still dying
                    _wait(place, end, 0.05)
                else:  # nobody holds the lock, so no server lives
                    _start(place, lock, alive, command, end)
    except OSError as error:
        raise refused(place.data, error) from None


@contextmanager
def _exclusive(path: Path) -> Iterator[int | None]:
    """The descriptor of the lock, or None while somebody else holds it."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield lock
    finally:
        os.close(lock)


def _start(
    place: Place, lock: int, alive: Alive, command: Callable[[int], Command], end: float
) -> None:
    os.ftruncate(lock, 0)
    os.pwrite(lock, _NOBODY_YET, 0)
    process = _spawn(place, lock, command(lock))
    while not alive():
        if process.poll() is not None:
            raise died(place)
        _wait(place, end, 0.02)


def _wait(place: Place, end: float, seconds: float) -> None:
    if time.monotonic() > end:
        raise silent(place)
    time.sleep(seconds)


def launched(command: Command, lock: int) -> list[str]:
    """The command as a process of its own runs it, which holds the lock and stands in it."""
    script = str(Path(launch.__file__))
    return [sys.executable, "-I", "-S", script, str(lock), command.who, *command.argv]


def apart(command: Command, lock: int) -> dict[str, Any]:
    """How `subprocess` runs it: out of reach of Ctrl-C, without karb's environment's secrets."""
    return {
        "cwd": command.folder,
        "env": _ENVIRONMENT,
        "pass_fds": (lock,),
        "start_new_session": True,
        "stdin": subprocess.DEVNULL,
        "umask": 0o077,
    }


def _spawn(place: Place, lock: int, command: Command) -> subprocess.Popen[bytes]:
    if place.log.exists():
        place.log.replace(place.log.with_suffix(".log.1"))
    with place.log.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - karb's own words, and no shell
            launched(command, lock), stdout=log, stderr=log, **apart(command, lock)
        )
    # Somebody has to wait for it: a server that dies must not stay as a zombie of karb's.
    threading.Thread(target=process.wait, name=f"{place.name} reaper", daemon=True).start()
    return process
