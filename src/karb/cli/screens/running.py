"""How a running karb is shown: drawn again and again on a terminal, NDJSON off one.

The loop that decides only looks at values and leaves them to a thread (`behind`). A terminal
is drawn on twice a second. Off one every signal is a line within a tenth of a second, the
status is one every ten seconds, and what begins to be wrong is a sentence on stderr.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from karb.cli.options import distance_option
from karb.cli.output import note
from karb.cli.screens.behind import Behind
from karb.cli.screens.detect_json import signal_body
from karb.cli.screens.lines import Lines
from karb.cli.screens.live import drawn
from karb.cli.screens.live_json import status_body
from karb.cli.screens.screen import Picture, Screen
from karb.cli.screens.straight import Straight
from karb.cli.screens.troubles import Troubles

if TYPE_CHECKING:
    from karb.domain.edge.signal import Signal
    from karb.services.status import Status

T = TypeVar("T")
DRAWN_EVERY, TOLD_EVERY = 0.5, 0.1
"""Seconds from one picture to the next, and from one look at what is new."""
TROUBLES, STATUS = 10, 100
"""Looks at what is new from one look at what is wrong to the next, and from status to status."""
PATIENCE = 1.0
"""Seconds that the last picture may take when karb ends."""

NOT_ALONE = (
    "karb: another karb run or karb stream publishes prices into these stores already; history "
    "has every tick twice, and a `karb detect` holds prices for stale when either ends; one of "
    "them is enough"
)


class Running(Protocol):
    """What can be shown."""

    def status(self) -> "Status": ...  # noqa: D102 - see services.status
    def problems(self) -> Sequence[str]: ...  # noqa: D102
    def take_signals(self) -> "Sequence[Signal]": ...  # noqa: D102


Show = Callable[[Running], Any]
"""A coroutine function that shows until it is cancelled."""


def shown(*, as_json: bool) -> Show:
    """Drawn where there is a terminal and nobody asked for JSON; lines otherwise."""
    return on_terminal if terminal(as_json=as_json) else as_lines


def terminal(*, as_json: bool) -> bool:
    """Whether a screen can be drawn, and nobody asked for JSON."""
    return sys.stdout.isatty() and not as_json


def beside_none(show: Callable[[T], Awaitable[None]]) -> Callable[[T], Awaitable[None]]:
    """Show, and say it first where another process publishes the same prices."""

    async def showing(running: T) -> None:
        from karb.wiring.alone import alone_as

        with alone_as("prices") as alone:
            if not alone:
                note(NOT_ALONE)
            await show(running)

    return showing


def run(profile: str | None, every: str | None, *, notify: bool, as_json: bool) -> None:
    """`karb run`."""
    pause = None if every is None else distance_option("--every", every)
    from karb.wiring.run import Wanted
    from karb.wiring.run import run as run_all

    run_all(Wanted(profile, pause, notify), beside_none(shown(as_json=as_json)))


async def on_terminal(running: Running) -> None:
    """Draw the screen until cancelled; the last picture stays."""
    await draw(lambda: partial(drawn, running.status()))


async def draw(look: Callable[[], Picture]) -> None:
    """Draw what each look finds until cancelled; raises `OutputError` once nobody sees it."""
    screen = Screen(Straight(sys.stdout))
    behind = Behind(within=screen)
    try:
        while True:
            behind.newest("picture", partial(screen.draw, look()))
            await asyncio.sleep(DRAWN_EVERY)
    finally:
        await behind.close(PATIENCE)


async def as_lines(running: Running) -> None:
    """Print NDJSON until cancelled."""
    async with Lines() as lines:
        troubles = Troubles(lines.note)
        async for due in turns():
            for signal in running.take_signals():
                lines.keep("karb.signal/1", partial(signal_body, signal))
            if due.troubles:
                troubles.look(running.problems())
            if due.status:
                status = running.status()
                lines.newest("status", "karb.status/1", partial(status_body, status, lines.lost))
            lines.check()


class Due(NamedTuple):
    """What has its turn besides what is new."""

    troubles: bool
    status: bool


async def turns() -> AsyncIterator[Due]:
    """Ten times a second, for ever."""
    turn = 0
    while True:
        yield Due(turn % TROUBLES == 0, turn % STATUS == 0)
        await asyncio.sleep(TOLD_EVERY)
        turn += 1
