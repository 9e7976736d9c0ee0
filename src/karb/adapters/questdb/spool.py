"""Where history waits for QuestDB, for a moment or for days: a folder for each process.

    SPOOL/0a1b2c3d/lock           held by its process for as long as that lives
    SPOOL/0a1b2c3d/00000001.seg   records, the oldest first

Everything goes this way, as what is in a file is in the kernel's hands and outlives the
process that wrote it. A file that is delivered soon is gone before the kernel brings it to a
disk. The kernel holds the lock as well, so the folder of a process that was killed can be
taken over by any other; its rows carry their numbers with them and are the same rows whoever
delivers them. Its end is not the machine's: one that loses power loses the last half minute.

The limit is for all processes together. What does not fit is refused, and what lies here
already is never given up for it.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import NamedTuple

from karb.adapters.questdb.records import MAGIC

_OWN_FOLDER, _OWN_FILE = 0o700, 0o600
_SUFFIX = ".seg"
_SEGMENT = 2**20
"""Bytes: a file is closed beyond this, or beyond a sixteenth of the limit if that is less."""


class SpoolFull(Exception):  # noqa: N818 - it is no error of anybody's
    """There is no room for a record; its text says which room."""


class Piece(NamedTuple):
    """Bytes of a file that are to be delivered: whole records, where nothing has gone wrong."""

    path: Path
    begin: int
    end: int


class _Writing(NamedTuple):
    handle: int
    path: Path


class Spool:
    """The folder of one process. For one thread at a time.

    `size` is in bytes, `waiting` are those of them that are not delivered yet.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self._limit = folder, limit
        self._segment = min(_SEGMENT, max(1, limit // 16))
        self._lock: int | None = None
        self._writing: _Writing | None = None
        self._number = 0
        self._sizes: dict[Path, int] = {}
        self._kept: set[Path] = set()
        self._done = 0
        self._others = 0
        self.size = self.waiting = 0

    @classmethod
    def abandoned(cls, root: Path) -> Iterator["Spool"]:
        """Take over the folders of processes that are gone."""
        for folder in _folders(root):
            lock = _locked(folder / "lock")
            if lock is not None:
                spool = cls(folder, 0)
                spool._lock = lock
                spool._sizes = _segments(folder)
                spool.size = spool.waiting = sum(spool._sizes.values())
                yield spool

    @property
    def empty(self) -> bool:
        """Whether no file is here, nor was one kept."""
        return not self._sizes and not self._kept

    def append(self, record: bytes) -> None:
        """Write a record behind the others. Raises `SpoolFull`, with nothing of it written."""
        try:
            handle, path = self._current(len(record))
            _write_whole(handle, record, self._sizes[path])
        except OSError as error:
            self._end_segment()  # its own file may be what fills the disk: delivered, it goes
            raise SpoolFull(f"{self.folder.parent}: {error.strerror or error}") from None
        self._grow(path, len(record))

    def oldest(self) -> Piece | None:
        """What was not delivered of the oldest file; None when everything was."""
        self._forget()
        for path, end in self._sizes.items():
            return Piece(path, self._done, end) if self._done < end else None
        return None

    def settle(self, piece: Piece, *, keep: bool) -> None:
        """A piece, which is the oldest, is done with; `keep` its file for somebody else."""
        self._done = piece.end
        self.waiting -= piece.end - piece.begin
        if keep:
            self._kept.add(piece.path)
        self._forget()

    def close(self) -> None:
        """Let go of the folder; an empty one goes away."""
        self._end_segment()
        if self._lock is None:
            return
        if self.empty:
            with suppress(OSError):
                (self.folder / "lock").unlink()
                self.folder.rmdir()
        os.close(self._lock)
        self._lock = None

    def _forget(self) -> None:
        """Delete files that are delivered as a whole and will not grow."""
        while self._sizes:
            path, size = next(iter(self._sizes.items()))
            if self._done < size or (self._writing is not None and self._writing.path == path):
                return
            self.size -= self._sizes.pop(path)
            self._done = 0
            if path not in self._kept:
                with suppress(OSError):  # one that stays is delivered again, to no harm
                    path.unlink()

    def _grow(self, path: Path, by: int) -> None:
        self._sizes[path] = self._sizes.get(path, 0) + by
        self.size += by
        self.waiting += by

    def _current(self, more: int) -> _Writing:
        """The file to write to, with room for so many bytes more."""
        if self._lock is None:
            self._lock = _made(self.folder)
        if self._writing is not None and self._sizes[self._writing.path] >= self._segment:
            self._end_segment()
        if self._writing is None:
            self._others = _size_of_others(self.folder)
        if self.size + self._others + more + len(MAGIC) > self._limit:
            raise SpoolFull(f"{self.folder.parent} holds its {self._limit / 2**20:g} MB")
        return self._writing or self._begun()

    def _begun(self) -> _Writing:
        """A new file, with nothing but its head in it."""
        self._number += 1
        path = self.folder / f"{self._number:08d}{_SUFFIX}"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWN_FILE)
        try:
            _write_whole(handle, MAGIC, 0)
        except OSError:
            os.close(handle)
            path.unlink(missing_ok=True)
            raise
        self._grow(path, len(MAGIC))
        self._writing = _Writing(handle, path)
        return self._writing

    def _end_segment(self) -> None:
        if self._writing is not None:
            os.close(self._writing.handle)
            self._writing = None
            self._forget()


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
    with suppress(OSError):  # it is not there yet, or is no folder
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
