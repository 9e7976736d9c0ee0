"""Folders that only their owner enters, and socket paths that are short enough.

The servers inside ask no local user for a password, so what karb makes has mode 0700. A folder
that is there already is taken as it is or refused; no mode is ever changed, as it might be /tmp.
"""

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

from karb.adapters.embedded.trouble import refused, unusable

_SOCKET_FOLDER_BYTES = 80
"""A socket's path may have 107 bytes, 103 on macOS; its name needs the rest."""
_SHORT = Path("/tmp")  # noqa: S108 - a link in it is checked for its owner and its target
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def private(path: Path) -> Path:
    """The folder, made where it is missing; `ConfigError` where you alone cannot write there."""
    try:
        path.mkdir(0o700, parents=True, exist_ok=True)
        found = path.lstat()
        writable = os.access(path, os.W_OK | os.X_OK)
    except OSError as error:
        raise refused(path, error) from None
    for wrong, reason in (
        (not stat.S_ISDIR(found.st_mode), "it is not a folder"),
        (found.st_uid != os.geteuid(), "it belongs to another user"),
        (found.st_mode & _OTHERS_WRITE, "other users may write there"),
        (not writable, "you may not write there"),
    ):
        if wrong:
            raise unusable(path, reason)
    return path


def short(folder: Path) -> Path:
    """A path to this folder that a socket's address has room for: itself, or a link in /tmp.

    libpq takes a comma in a path for the end of a host, so such a path gets a link as well.
    """
    whole = folder.resolve()
    encoded = os.fsencode(whole)
    if len(encoded) <= _SOCKET_FOLDER_BYTES and b"," not in encoded:
        return whole
    link = _SHORT / f"karb-{os.geteuid()}-{hashlib.sha256(encoded).hexdigest()[:12]}"
    try:
        with suppress(FileExistsError):
            link.symlink_to(whole)
        if (link.lstat().st_uid, link.readlink()) != (os.geteuid(), whole):
            raise unusable(link, "another user has put something there")
    except OSError as error:
        raise refused(link, error) from None
    return link
