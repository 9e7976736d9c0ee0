"""Two properties of the path that are counted, not timed.

Between a text and a decision nothing waits: no coroutine runs and nothing outside the
process is asked. And a tick that is dropped leaves nothing for the garbage collector.
"""

import gc
import inspect
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

WAITING = inspect.CO_COROUTINE | inspect.CO_ITERABLE_COROUTINE | inspect.CO_ASYNC_GENERATOR
OUTSIDE = {"_asyncio", "_io", "_posixsubprocess", "_socket", "_ssl", "posix", "select", "time"}


def waits(call: Callable[[Any], object], texts: Sequence[Any]) -> list[str]:
    """The coroutines that run and the built-in functions of the system that are called."""
    found: list[str] = []

    def watch(frame: FrameType, event: str, arg: Any) -> None:
        if event == "call" and frame.f_code.co_flags & WAITING:
            found.append(frame.f_code.co_qualname)
        elif event == "c_call" and _module(arg) in OUTSIDE:
            found.append(f"{_module(arg)}.{arg.__name__}")

    before = sys.getprofile()
    # Hypothesis times every garbage collection; those clock calls are not the path's.
    gc.disable()
    sys.setprofile(watch)
    try:
        for text in texts:
            call(text)
    finally:
        sys.setprofile(before)
        gc.enable()
    return found


def _module(function: Any) -> str:
    """The module of a built-in function, or of the object whose method it is."""
    return function.__module__ or type(function.__self__).__module__


def collections(call: Callable[[Any], object], texts: Sequence[Any], times: int) -> int:
    """How often the garbage collector runs while every text is given `times` times."""
    runs = 0

    def count(phase: str, _info: dict[str, int]) -> None:
        nonlocal runs
        runs += phase == "start"

    gc.collect()
    gc.callbacks.append(count)
    try:
        for _ in range(times):
            for text in texts:
                call(text)
    finally:
        gc.callbacks.remove(count)
    return runs
