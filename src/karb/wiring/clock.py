"""The clock that spans are measured by; the time of day may be set in between."""

import time

from karb.domain.units import Nanos

_BOOT_TIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boot_time() -> Nanos:
    """A clock that nobody sets and that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime_ns(_BOOT_TIME)
