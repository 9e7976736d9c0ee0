"""One at a time on this machine: a lock that cannot outlive its holder.

The kernel holds it, not the file: a process that is killed lets go of it, and a file left
behind locks nothing. Two passes over the odds at once would pay for the same prices twice.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from karb.errors import ConfigError

_OWN_FOLDER, _OWN_FILE = 0o700, 0o600


@contextmanager
def single_flight(data: Path, name: str) -> Iterator[bool]:
    """Take the lock `name` of this data folder and hold it inside; False when it is taken.

    Does not wait. Raises `ConfigError` where the folder cannot be used.
    """
    handle = _open(data, data / "run" / f"{name}.lock")
    try:
        yield _taken(handle)
    finally:
        os.close(handle)


def _open(data: Path, path: Path) -> int:
    try:
        for folder in (data, path.parent):
            folder.mkdir(mode=_OWN_FOLDER, parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWN_FILE)
    except OSError as error:
        raise ConfigError(
            f"cannot lock {path}: {error.strerror}",
            means="nothing was asked: without it two passes could spend the same credits",
            do="set KARB_DATA_DIR to a folder of yours",
        ) from None


def _taken(handle: int) -> bool:
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True
