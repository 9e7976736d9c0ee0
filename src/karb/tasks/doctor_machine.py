"""What `karb doctor` looks at on this machine: Python, terminal, time zones, files and folders."""

import platform
import stat
import sys
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import karb
from karb.errors import ConfigError
from karb.tasks.doctor import DoubtError

_OTHERS = 0o077


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


def data_folder(folder: Path) -> str:
    """A folder that is there and private, or that can be made; `folder` is absolute."""
    try:
        if not folder.exists():
            _try_to_write(next(parent for parent in folder.parents if parent.exists()))
            return f"{folder}, made when it is first needed"
        _try_to_write(folder)
        mode = stat.S_IMODE(folder.stat().st_mode)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"{folder} is not a folder that you may write to, and cannot become one: {reason}",
            means="karb could keep nothing",
            do="set KARB_DATA_DIR to a folder of yours",
        ) from None
    if mode & _OTHERS:
        raise DoubtError(
            f"{folder} has mode {mode:04o}",
            means="other users of this machine may look inside",
            do=f"chmod 700 {folder}",
        )
    return f"{folder}, yours alone"


def _try_to_write(folder: Path) -> None:
    """Make a folder inside and remove it: permissions alone say little to root and on /proc."""
    Path(tempfile.mkdtemp(prefix=".karb-", dir=folder)).rmdir()
