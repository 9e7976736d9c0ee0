"""Who runs where, and before whom: what is measured is not to wait for its neighbours.

What serves (the exchange of the bench, the stores) runs on the first core, what is measured
on the last. Where the system lets it, which is for root on Linux, both take turns before
everything else on the machine, for the seconds that a measurement lasts; neither is ever busy
for long. Where it does not, figures of wall time are those of a machine with neighbours.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def cores() -> tuple[int, int] | None:
    """The core of those who serve and that of who is measured; None without two to choose."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[-1]) if len(allowed) > 1 else None


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Run this thread, and what it starts meanwhile, on one core; None: on any."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def first_in_line() -> Iterator[bool]:
    """The same with turns before everybody else's; whether the system lets us."""
    allowed = False
    if hasattr(os, "sched_setscheduler"):
        with suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
            allowed = True
    try:
        yield allowed
    finally:
        if allowed:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
