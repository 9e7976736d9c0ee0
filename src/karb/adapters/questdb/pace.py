"""How much a thread of the writer does at a time: others need the interpreter as well.

A thread in Python keeps the interpreter for up to five milliseconds when nothing makes it
wait, and what decides in the other thread waits. So rows are made, read and sent a slice at a
time, with a short sleep behind each.
"""

import time

SLICE = 100
"""Rows in one go: about a quarter of a millisecond."""
_BREATH = 50e-6
"""Seconds; asleep, because a thread that only offers the interpreter takes it back at once."""


def breathe() -> None:
    """Let other threads have the interpreter."""
    time.sleep(_BREATH)
