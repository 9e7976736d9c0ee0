"""Run as a script, it becomes a server: `launch.py LOCK WHO PROGRAM ARGUMENTS...`.

It writes its process number into the lock (a descriptor) before it becomes the program, so that
no moment exists in which a server runs that `stop` could not find, even if whoever started it
was killed. It also changes who the process is, which only a process without threads may do:

    self     stay who you are
    nobody   inside a user namespace of its own: PostgreSQL refuses to run as root. Outside,
             process and files stay root's, so no account is made and no folder is opened
    NUMBER   really become that user: where the kernel allows no namespaces

`launch.py --try` only tries a namespace: exit code 0 when there are some. It imports nothing of
karb, since it runs with Python's own modules alone.
"""

import ctypes
import os
import sys
from pathlib import Path

NOBODY = 65534
_CLONE_NEWUSER = 0x10000000


def launch(lock: int, who: str, argv: list[str]) -> None:
    """Note the process in the lock, become `who`, then `argv`; does not return."""
    os.pwrite(lock, b"%-20d" % os.getpid(), 0)
    if who == "nobody":
        enter_namespace()
    elif who != "self":
        os.setgroups([])
        os.setgid(int(who))
        os.setuid(int(who))
    try:
        os.execv(argv[0], argv)  # noqa: S606 - karb's own words, and no shell
    except OSError as error:
        sys.exit(f"cannot run {argv[0]} as user {os.geteuid()}: {error.strerror}")


def enter_namespace() -> None:
    """Be nobody in here and root out there."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER):
        sys.exit(f"no user namespace: {os.strerror(ctypes.get_errno())}")
    for name, text in (
        ("setgroups", "deny"),  # the kernel wants this before a group may be mapped
        ("uid_map", f"{NOBODY} 0 1"),
        ("gid_map", f"{NOBODY} 0 1"),
    ):
        Path("/proc/self", name).write_text(text, encoding="ascii")


if __name__ == "__main__":
    if sys.argv[1] == "--try":
        enter_namespace()
    else:
        launch(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
