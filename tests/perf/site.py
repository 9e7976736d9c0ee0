"""Where the bench measures what goes over wires: an exchange and stores, each running."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, NamedTuple, TypeVar

from karb.adapters.kalshi.transport import Library, library
from perf.backing import Backing, backing
from perf.cores import cores, first_in_line, pinned
from perf.wire import Venue, venue

T = TypeVar("T")


class Site(NamedTuple):
    """What runs, on which core, and the core that is left for what is measured."""

    backing: Backing
    venue: Venue
    serving: int | None
    measured: int | None

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run on the core that is measured, and on the loop that `karb run` takes."""
        with (
            pinned(self.measured),
            first_in_line(),
            asyncio.Runner(loop_factory=_loop()) as runner,
        ):
            return runner.run(work())


@contextmanager
def site() -> Iterator[Site]:
    """All of it, gone afterwards; `KarbError` or `ImportError` where there is no Valkey."""
    serving, measured = cores() or (None, None)
    with backing(serving) as stores, venue(serving) as exchange:
        yield Site(stores, exchange, serving, measured)


def libraries() -> list[Library]:
    """Those that karb can read a WebSocket with here, the one that it takes first."""
    names = [name for name in ("picows", "websockets") if find_spec(name)]
    return [library(name) for name in names]


def loop_name() -> str:
    """The event loop that is measured."""
    return "uvloop" if find_spec("uvloop") else "asyncio"


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop
