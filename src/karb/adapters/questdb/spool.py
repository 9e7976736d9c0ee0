"""Rows on disk while QuestDB is away: a folder for each process that writes.

    SPOOL/0a1b2c3d/lock           held by its process for as long as that lives
    SPOOL/0a1b2c3d/00000001.seg   records, the oldest first

The kernel holds the lock, so the folder of a process that was killed can be taken over by any
other; its rows carry their numbers with them and are the same rows whoever delivers them. A
file is forgotten as a whole, once everything in it was acknowledged. What a process writes is
in the kernel's hands at once and survives its end; `sync` brings it to the disk as well.

The limit is for all processes together. What does not fit is refused, and what lies here
already is never given up for it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from karb.adapters.questdb.batches import MAGIC, Batch, Records, encode

_OWN_FOLDER, _OWN_FILE = 0o700, 0o600
_SUFFIX = ".seg"
_SEGMENT = 2**20
"""Bytes: a file is closed beyond this, or beyond a sixteenth of the limit if that is less."""


class SpoolFull(Exception):  # noqa: N818 - it is no error of anybody's
    """There is no room for a record; its text says which room."""


class Spool:
    """The folder of one process; `size` is its bytes. For one thread at a time."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder, self._limit = folder, limit
        self._segment = min(_SEGMENT, max(1, limit // 16))
        self._lock: int | None = None
        self._writing: int | None = None
        self._number = 0
        self._sizes: dict[Path, int] = {}
        self.size = 0
        self._others = 0
        self._dirty = False

    @classmethod
    def abandoned(cls, root: Path) -> Iterator["Spool"]:
        """Take over the folders of processes that are gone."""
        for folder in _folders(root):
            lock = _locked(folder / "lock")
            if lock is not None:
                spool = cls(folder, 0)
                spool._lock = lock
                spool._sizes = _segments(folder)
                spool.size = sum(spool._sizes.values())
                yield spool

    @property
    def empty(self) -> bool:
        """Whether nothing waits here."""
        return not self._sizes

    def append(self, batch: Batch) -> None:
        """Write a batch behind the others. Raises `SpoolFull`, with nothing of it written."""
        record = encode(batch)
        try:
            handle = self._current(len(record))
            path, before = next(reversed(self._sizes.items()))
            _write_whole(handle, record, before)
        except OSError as error:
            raise SpoolFull(f"{self._folder.parent}: {error.strerror or error}") from None
        self._sizes[path] = before + len(record)
        self.size += len(record)
        self._dirty = True

    def oldest(self) -> tuple[Path, Records]:
        """The oldest file and what is in it; nothing is written to it any more."""
        path = next(iter(self._sizes))
        if len(self._sizes) == 1:
            self._end_segment()
        try:
            return path, Records(path.read_bytes())
        except OSError:  # somebody has removed it, and what was in it is lost
            return path, Records(bytes(self._sizes[path]))

    def forget(self, path: Path) -> None:
        """Delete a file whose rows have all been delivered."""
        self.size -= self._sizes.pop(path)
        path.unlink(missing_ok=True)

    def sync(self) -> None:
        """Bring what was written to the disk."""
        if self._writing is not None and self._dirty:
            os.fsync(self._writing)
            self._dirty = False

    def close(self) -> None:
        """Let go of the folder; an empty one goes away."""
        self._end_segment()
        if self._lock is None:
            return
        if self.empty:
            shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._lock)
        self._lock = None

    def _current(self, more: int) -> int:
        """The file to write to, with room for so many bytes more."""
        if self._lock is None:
            self._lock = _made(self._folder)
        full = self._writing is not None and next(reversed(self._sizes.values())) >= self._segment
        if full:
            self._end_segment()
        if self._writing is None:
            self._others = _size_of_others(self._folder)
        if self.size + self._others + more + len(MAGIC) > self._limit:
            raise SpoolFull(f"{self._folder.parent} holds its {self._limit / 2**20:g} MB")
        return self._begun() if self._writing is None else self._writing

    def _begun(self) -> int:
        """A new file, with nothing but its head in it."""
        self._number += 1
        path = self._folder / f"{self._number:08d}{_SUFFIX}"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWN_FILE)
        try:
            _write_whole(handle, MAGIC, 0)
        except OSError:
            os.close(handle)
            path.unlink(missing_ok=True)
            raise
        self._sizes[path] = len(MAGIC)
        self.size += len(MAGIC)
        self._writing = handle
        return handle

    def _end_segment(self) -> None:
        if self._writing is None:
            return
        with suppress(OSError):  # the rows are in the kernel's hands, and will be sent from there
            self.sync()
        os.close(self._writing)
        self._writing = None


def _write_whole(handle: int, data: bytes, end: int) -> None:
    """Write all of it at `end`; a piece of it that was written is overwritten by the next."""
    at = 0
    while at < len(data):
        at += os.pwrite(handle, data[at:], end + at)


def _made(folder: Path) -> int:
    """Make a folder that is locked from its first moment; the descriptor of its lock."""
    folder.parent.mkdir(_OWN_FOLDER, parents=True, exist_ok=True)
    new = folder.with_name(f".{folder.name}")
    new.mkdir(_OWN_FOLDER, exist_ok=True)
    lock = os.open(new / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWN_FILE)
    try:
        flock(lock, LOCK_EX | LOCK_NB)
        new.rename(folder)
    except OSError:
        os.close(lock)
        raise
    return lock


def _locked(path: Path) -> int | None:
    """The descriptor of a lock that nobody held; None where somebody does, or did his work."""
    try:
        lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        flock(lock, LOCK_EX | LOCK_NB)
        if os.path.samestat(os.fstat(lock), path.stat()):
            return lock
    except OSError:
        pass
    os.close(lock)
    return None


def _folders(root: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        return sorted(path for path in root.iterdir() if not path.name.startswith("."))
    return []


def _segments(folder: Path) -> dict[Path, int]:
    """The files of a folder with their sizes, the oldest first."""
    return {path: path.stat().st_size for path in sorted(folder.glob(f"*{_SUFFIX}"))}


def _size_of_others(own: Path) -> int:
    """Bytes of every other process, whether or not it still lives."""
    total = 0
    for folder in _folders(own.parent):
        with suppress(FileNotFoundError):  # its process has just delivered it
            total += sum(_segments(folder).values()) if folder != own else 0
    return total
