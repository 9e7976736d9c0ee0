"""The event loop of a command that runs: uvloop where it is installed, and a clean end.

Ctrl-C is an interruption (130). A request to stop (SIGTERM), or a terminal that is closed
(SIGHUP), is an end like any other: what runs is cancelled, cleans up, and the exit code says
that nothing went wrong.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from importlib.util import find_spec
from typing import Any

_REQUESTS = (signal.SIGTERM, signal.SIGHUP)


def run_until_stopped(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run until it ends, fails, or somebody asks to stop."""
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(_stoppable(main))


async def _stoppable(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(main())
    asked = False

    def stop() -> None:
        nonlocal asked
        asked = True
        task.cancel()

    for request in _REQUESTS:
        loop.add_signal_handler(request, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not asked:
            raise
    finally:
        for request in _REQUESTS:
            loop.remove_signal_handler(request)
        task.cancel()


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop
