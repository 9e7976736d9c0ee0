"""What goes wrong with a server of one's own, said so that a person can act on it."""

import errno
import os
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from karb.errors import ConfigError, KarbError, StoreDownError

if TYPE_CHECKING:
    from karb.adapters.embedded.place import Place

NO_SPACE = os.strerror(errno.ENOSPC)
"""How every program here says that the disk is full."""
_AN_EMPTY_STORE = 32 * 2**20
"""Bytes. A server that ends at its start with less than this free has found no room."""


def refused(path: Path, error: OSError) -> KarbError:
    """What the operating system's no means: a full disk may pass, a wrong folder does not."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return full(path)
    return unusable(path, _reason(error))


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def full(path: Path) -> StoreDownError:
    """There is no room for a store."""
    return StoreDownError(
        f"the disk under {path} is full",
        means="the store is not running; what it holds is safe",
        do="make room there; what runs starts it then, else type the same again",
    )


def unusable(path: Path, reason: str) -> ConfigError:
    """A folder that karb may not keep its stores in."""
    return ConfigError(
        f"karb cannot keep its stores in {path}: {reason}",
        means="no store was started, nothing there was changed",
        do="set KARB_DATA_DIR to a folder of yours",
    )


def unreadable(path: Path, error: OSError) -> ConfigError:
    """A folder that karb may not look into, so that it cannot tell what runs there."""
    return ConfigError(
        f"karb cannot read the folder {path}: {_reason(error)}",
        means="whether stores run there is not known; nothing was started or stopped",
        do="set KARB_DATA_DIR to a folder of yours",
    )


def died(place: "Place") -> StoreDownError:
    """A server that ended while it was being started."""
    said = place.log.read_text(encoding="utf-8", errors="replace")
    if NO_SPACE in said or shutil.disk_usage(place.data).free < _AN_EMPTY_STORE:
        return full(place.data)
    return StoreDownError(
        f"{place.name} ended while it was starting: {reason_in(said)}",
        means="the store is not running; what it holds is safe",
        do=f"read {place.log}",
    )


def silent(place: "Place") -> StoreDownError:
    """A server that runs, or seems to, and does not answer."""
    return StoreDownError(
        f"{place.name} does not answer, although it was started",
        means="it hangs, or the machine is very busy; what it holds is safe",
        do=f"KARB_DATA_DIR={shlex.quote(str(place.data))} karb services stop, then try again; "
        f"{place.log} may say why",
    )


def reason_in(said: str) -> str:
    """What a server called fatal, else its last words; no line of a stack of calls."""
    lines = [line.strip() for line in said.splitlines()]
    told = [line for line in lines if line and not line.startswith(("at ", "... "))]
    fatal = [line for line in told if "FATAL" in line or "Exception" in line or "rror:" in line]
    return (fatal or told or ["it said nothing"])[-1]
