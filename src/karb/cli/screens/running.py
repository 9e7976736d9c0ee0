"""How a running karb is shown: drawn again and again on a terminal, NDJSON off one.

Drawing happens beside everything that decides, twice a second, on values that are read and
never waited for. Off a terminal every signal is a line within a tenth of a second, and the
status is one every ten seconds.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from karb.cli.options import duration_option
from karb.cli.output import OutputError, console, emit
from karb.cli.screens.detect_json import signal_body
from karb.cli.screens.live import drawn, status_body

if TYPE_CHECKING:
    from rich.console import RenderableType

    from karb.domain.edge.signal import Signal
    from karb.services.status import Status

DRAWN_EVERY, TOLD_EVERY, STATUS_EVERY = 0.5, 0.1, 10.0


class Running(Protocol):
    """What can be shown."""

    def status(self) -> "Status": ...  # noqa: D102 - see services.status
    def take_signals(self) -> "Sequence[Signal]": ...  # noqa: D102


Show = Callable[[Running], Any]
"""A coroutine function that shows until it is cancelled."""


def shown(*, as_json: bool) -> Show:
    """Drawn where there is a terminal and nobody asked for JSON; lines otherwise."""
    return on_terminal if terminal(as_json=as_json) else as_lines


def terminal(*, as_json: bool) -> bool:
    """Whether a screen can be drawn, and nobody asked for JSON."""
    return sys.stdout.isatty() and not as_json


def run(profile: str | None, every: str | None, *, notify: bool, as_json: bool) -> None:
    """`karb run`."""
    pause = duration_option("--every", every) if every else None
    from karb.wiring.run import Wanted
    from karb.wiring.run import run as run_all

    run_all(Wanted(profile, pause, notify), shown(as_json=as_json))


async def on_terminal(running: Running) -> None:
    """Draw the screen until cancelled; the last picture stays."""
    await draw(lambda width: drawn(running.status(), width))


async def draw(picture: "Callable[[int], RenderableType]") -> None:
    """Draw one picture after another; each is told how wide the terminal is.

    Raises `OutputError` once the terminal is gone: Rich would go on without a word, and what
    runs with nobody to see it should not.
    """
    from rich.live import Live

    screen = console()
    first = picture(screen.width)
    with Live(first, console=screen, auto_refresh=False, vertical_overflow="crop") as live:
        while True:
            await asyncio.sleep(DRAWN_EVERY)
            if not sys.stdout.isatty():
                raise OutputError(
                    "the terminal is gone",
                    means="nobody sees what karb finds, so it ends",
                    do="run it in tmux, or with --json into a file",
                )
            live.update(picture(screen.width), refresh=True)


async def as_lines(running: Running) -> None:
    """Print NDJSON until cancelled."""
    waited = STATUS_EVERY
    while True:
        for signal in running.take_signals():
            line("karb.signal/1", signal_body(signal))
        if waited >= STATUS_EVERY:
            waited = 0.0
            line("karb.status/1", status_body(running.status()))
        await asyncio.sleep(TOLD_EVERY)
        waited += TOLD_EVERY


def line(schema: str, body: dict[str, Any]) -> None:
    """One JSON document on one line, handed over at once."""
    import msgspec

    emit(msgspec.json.encode({"schema": schema, **body}).decode())
    sys.stdout.flush()
