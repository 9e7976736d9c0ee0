"""Make PostgreSQL's files, once, and completely or not at all.

initdb works aside and the result is moved into place, because a killed initdb leaves files
that look like a cluster. The real user nobody (see `identity`) cannot enter root's folders, so
his cluster lies below /var/lib and the data folder holds a link to it.
"""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from karb.adapters.embedded.identity import Identity
from karb.adapters.embedded.starter import Command, apart, launched
from karb.adapters.embedded.trouble import NO_SPACE, full, reason_in
from karb.errors import KarbError, StoreDownError

USER = "karb"
_OUTSIDE = Path("/var/lib/karb")
# Sorting by code point is the same on every machine and after every update of its libraries.
_OPTIONS = (
    f"-U {USER} -E UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8 "
    "-A peer --auth-host=reject --wal-segsize=4"
)


def make_cluster(cluster: Path, programs: Path, who: Identity, lock: int) -> None:
    """Make the cluster for this identity; `lock` is the starter's."""
    if who.outside is None:
        made = cluster.with_suffix(".new")
        shutil.rmtree(made, ignore_errors=True)
        _initdb(made, programs, who, lock)
        made.rename(cluster)
    else:
        made = _outside(who.outside) / "pg"
        _initdb(made, programs, who, lock)
        cluster.symlink_to(made)


def _outside(user: int) -> Path:
    """A folder of this user's own with one for the socket in it."""
    with suppress(FileExistsError):
        _OUTSIDE.mkdir(parents=True)
        _OUTSIDE.chmod(0o755)  # new and karb's; whatever the umask, the user must get through it
    home = Path(tempfile.mkdtemp(prefix="pg-", dir=_OUTSIDE))
    (home / "run").mkdir(0o700)
    for folder in (home, home / "run"):
        os.chown(folder, user, user)
    return home


def _initdb(made: Path, programs: Path, who: Identity, lock: int) -> None:
    argv = (str(programs / "initdb"), "-D", made.name, *_OPTIONS.split())
    command = Command(argv, made.parent, who.become)
    done = subprocess.run(  # noqa: S603 - karb's own words, and no shell
        launched(command, lock), check=False, capture_output=True, text=True, **apart(command, lock)
    )
    if done.returncode:
        raise _not_made(made, done.stderr)
    (made / "pg_hba.conf").write_text(f"local all {USER} peer map=karb\n", encoding="utf-8")
    (made / "pg_ident.conf").write_text(f'karb "{who.client}" {USER}\n', encoding="utf-8")


def _not_made(made: Path, said: str) -> KarbError:
    if NO_SPACE in said:
        return full(made.parent)
    return StoreDownError(
        f"PostgreSQL could not make its files in {made.parent}: {reason_in(said)}",
        means="it is not running; nothing was lost, as there was nothing yet",
        do="see to that, or set DATABASE_URL",
    )
