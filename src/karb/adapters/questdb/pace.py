"""How much a thread of the writer does at a time: others need the interpreter as well.

A thread in Python keeps the interpreter for as long as the switch interval, five milliseconds
by default, unless it has to wait for something, and what decides in another thread waits that
long. So entries are brought to files a slice at a time with a short sleep behind each, and
what cannot be cut into slices (a server being started) is interrupted sooner.
"""

import sys
import time

SLICE = 100
"""Entries in one go: some thirty microseconds of the interpreter."""
_BREATH = 50e-6
"""Seconds; asleep, because a thread that only offers the interpreter takes it back at once."""
_SWITCH = 500e-6
"""Seconds."""


def breathe() -> None:
    """Let other threads have the interpreter."""
    time.sleep(_BREATH)


def share_the_interpreter() -> None:
    """Have this process's threads give way to each other within half a millisecond."""
    sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH))
