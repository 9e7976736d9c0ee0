"""One server of karb's own: its folder, lock, log and sockets, and who holds the lock.

A data folder has

    run/NAME.lock   held while the server lives, with its pid inside
    run/NAME.log    what it has said since its start; `.log.1` is the run before
    run/            the sockets
    FOLDER/         what it keeps
"""

import os
from contextlib import suppress
from fcntl import LOCK_NB, LOCK_SH, flock
from pathlib import Path
from signal import Signals
from typing import NamedTuple

import psutil

from karb.adapters.embedded.folders import private
from karb.adapters.embedded.trouble import unreadable


class Place(NamedTuple):
    """A server in a data folder. `ending` is the signal that ends it cleanly."""

    data: Path
    name: str
    folder: str
    ending: Signals

    @property
    def run(self) -> Path:
        """The folder of locks, logs and sockets, whether or not it is there."""
        return self.data / "run"

    @property
    def home(self) -> Path:
        """The folder of what the server keeps, whether or not it is there."""
        return self.data / self.folder

    @property
    def lock(self) -> Path:
        """The file whose lock the server holds."""
        return self.run / f"{self.name}.lock"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.run / f"{self.name}.log"

    def prepared(self) -> "Place":
        """Itself, once data folder and run folder are there and private."""
        private(self.data)
        private(self.run)
        return self

    def held(self) -> bool:
        """Whether a server lives, is being started, or has a child that is still ending.

        Raises `ConfigError` where the folder cannot be looked into: another user's, mostly.
        """
        try:
            lock = os.open(self.lock, os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise unreadable(self.data, error) from None
        try:
            # Shared: two who only look do not take each other for a server.
            flock(lock, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def pid(self) -> int | None:
        """The server's process, or None where there is none to be sure of.

        The number alone may be another process's by now, so that must have the lock open.
        """
        with suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
            pid = int(self.lock.read_bytes())
            lock = self.lock.resolve()
            if any(Path(file.path) == lock for file in psutil.Process(pid).open_files()):
                return pid
        return None
