"""What `karb doctor` looks at on this machine: Python, terminal, time zones, files and folders."""

import platform
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import karb
from karb.errors import ConfigError
from karb.tasks.doctor import DoubtError

_OTHERS = 0o077
_LEAST_FREE = 2**30
"""Bytes: PostgreSQL and QuestDB set aside some hundred megabytes before the first row."""


def python() -> str:
    """Which Python on which system."""
    return f"{platform.python_version()} on {platform.system()}"


def version() -> str:
    """Which karb, and where it lies."""
    return f"{karb.__version__}, in {Path(karb.__file__).resolve().parent}"


def terminal() -> str:
    """Whether names with accents can be printed."""
    encoding = (sys.stdout.encoding or "none").lower()
    kind = "a terminal" if sys.stdout.isatty() else "not a terminal: plain output"
    if encoding.replace("-", "") != "utf8":
        raise DoubtError(
            f"{kind}, encoding {encoding}",
            means="names with accents cannot be printed",
            do="export PYTHONUTF8=1",
        )
    return f"{kind}, encoding {encoding}"


def time_zones() -> str:
    """Game dates are those of New York; a slim container may not know that zone."""
    try:
        ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        raise ConfigError(
            "the time zone America/New_York is unknown",
            means="no game can be given its date",
            do="pip install tzdata",
        ) from None
    return "America/New_York is known"


def private_file(path: Path) -> None:
    """Doubt a file with secrets that others may read."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _OTHERS:
        raise DoubtError(
            f"{path} holds secrets and has mode {mode:04o}",
            means="other users of this machine may read them",
            do=f"chmod 600 {path}",
        )


def data_folder(folder: Path, least: int = _LEAST_FREE) -> str:
    """A folder that is there and private, or that can be made, with so many bytes of room.

    `folder` is absolute.
    """
    try:
        there = next(place for place in (folder, *folder.parents) if place.exists())
        _try_to_write(there)
        mode = stat.S_IMODE(there.stat().st_mode)
        free = shutil.disk_usage(there).free
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"{folder} is not a folder that you may write to, and cannot become one: {reason}",
            means="karb could keep nothing",
            do="set KARB_DATA_DIR to a folder of yours",
        ) from None
    if free < least:
        raise DoubtError(
            f"{folder}: {free >> 20:,} MB are free on its disk",
            means="the stores stop taking anything once it is full; history is lost first",
            do="make room there, or set KARB_DATA_DIR to another disk",
        )
    room = f"{free >> 30:,} GB free"
    if there != folder:
        return f"{folder}, made when it is first needed, {room}"
    if mode & _OTHERS:
        raise DoubtError(
            f"{folder} has mode {mode:04o}",
            means="other users of this machine may look inside",
            do=f"chmod 700 {folder}",
        )
    return f"{folder}, yours alone, {room}"


def _try_to_write(folder: Path) -> None:
    """Make a folder inside and remove it: permissions alone say little to root and on /proc."""
    Path(tempfile.mkdtemp(prefix=".karb-", dir=folder)).rmdir()
