"""Who PostgreSQL runs as, and who it takes its clients for.

It refuses to be root. Root's server is `nobody` inside a user namespace of its own, where the
kernel allows one: outside, process and files stay root's. A container may forbid that; there
the server really becomes the user nobody, with its files in a folder outside of root's.
"""

import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from karb.adapters.embedded import launch
from karb.errors import ConfigError


class Identity(NamedTuple):
    """`become` is who a process has to become (see `launch`).

    `client` is the name by which the server knows a process of this user. `outside` is the
    number of a user who cannot enter root's folders, and needs one elsewhere.
    """

    client: str
    become: str = "self"
    outside: int | None = None


def identity(cluster: Path) -> Identity:
    """Who runs the server whose files are, or will be, in `cluster`; raises `ConfigError`.

    A cluster that is a link was made by the real nobody, and stays his.
    """
    if os.geteuid() != 0:
        return Identity(_name(os.geteuid()))
    if not cluster.is_symlink():
        if _namespaces():
            return Identity(_name(launch.NOBODY), "nobody")
        if cluster.exists():
            raise _no_longer(cluster)
    return Identity(_name(0), str(launch.NOBODY), outside=launch.NOBODY)


def _namespaces() -> bool:
    """Whether the kernel gives root's processes user namespaces; asked by trying."""
    argv = (sys.executable, "-I", "-S", str(Path(launch.__file__)), "--try")
    tried = subprocess.run(argv, check=False, capture_output=True, env={})  # noqa: S603
    return tried.returncode == 0


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        raise ConfigError(
            f"user {user} has no name on this machine, and PostgreSQL wants one",
            means="PostgreSQL was not started",
            do="add a line for it to /etc/passwd, or set DATABASE_URL",
        ) from None


def _no_longer(cluster: Path) -> ConfigError:
    return ConfigError(
        f"{cluster} belongs to root, and this machine no longer allows user namespaces",
        means="PostgreSQL was not started: it refuses to run as root; its files are safe",
        do="allow them (sysctl user.max_user_namespaces), run karb as an ordinary user, "
        "or set DATABASE_URL",
    )
