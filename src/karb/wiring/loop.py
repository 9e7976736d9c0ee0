"""The event loop of a command that runs: uvloop where it is installed, and a clean end.

Ctrl-C is an interruption (130). A request to stop (SIGTERM), or a terminal that is closed
(SIGHUP), is an end like any other: what runs is cancelled, cleans up, and the exit code says
that nothing went wrong. The first one counts and the rest are passed over until the process
is gone: a closing terminal and an impatient person send several, and a clean-up that was cut
leaves servers behind. Ctrl-\\ ends it at once, whatever it does.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

Main = Callable[[], Coroutine[Any, Any, None]]

_REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _nothing() -> None:
    """Nothing is left to clean up."""


def run_until_stopped(
    main: Main,
    *,
    asked: Callable[[], object] = _nothing,
    afterwards: Callable[[], object] = _nothing,
) -> None:
    """Run until it ends, fails, or somebody asks to stop; then `afterwards`, in every case.

    For the last thing that a process does: once somebody asked, it takes no further request.
    `asked` is called at once then, in the middle of whatever the process does.
    """
    ending = _Ending(asked)
    with ending.heard():
        try:
            with asyncio.Runner(loop_factory=_fast_loop()) as runner:
                runner.run(ending.stoppable(main))
        except asyncio.CancelledError:
            if ending.asked is None:
                raise
        finally:
            afterwards()
    if ending.asked is signal.SIGINT:
        raise KeyboardInterrupt


class _Ending:
    """The first request to end, which cancels what runs; `asked` is None before it.

    Not the loop's own signal handlers: those go with the loop, before the clean-up is over.
    """

    def __init__(self, on_asked: Callable[[], object]) -> None:
        self.asked: signal.Signals | None = None
        self._on_asked = on_asked
        self._cancel: Callable[[], object] = _nothing

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen until the block ends, and to nobody any more where there was a request."""
        before = {request: signal.signal(request, self._take) for request in _REQUESTS}
        try:
            yield
        finally:
            for request, handler in before.items():
                signal.signal(request, handler if self.asked is None else signal.SIG_IGN)

    async def stoppable(self, main: Main) -> None:
        """Run it, unless the request came first."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs has one

        def cancel() -> None:
            task.cancel()
            loop.call_soon_threadsafe(_nothing)  # a loop that waits for a socket has to be woken

        self._cancel = cancel
        try:
            if self.asked is None:
                await main()
        finally:
            self._cancel = _nothing

    def _take(self, number: int, _frame: object) -> None:
        if self.asked is None:
            self.asked = signal.Signals(number)
            self._cancel()
            self._on_asked()


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop
