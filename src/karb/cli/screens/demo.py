"""`karb demo`: what is about to be seen, the screen of `karb run`, and what there was.

The end takes some seconds, in which servers stop; a person who waits is told so at once. What
is said then goes behind the screen (`Behind`): it comes from within a signal, and a terminal
that is paused must hold nobody.
"""

import asyncio
import shlex
import shutil
import sys
from contextlib import suppress
from functools import partial

from karb.cli.output import ReaderGoneError, clean, note
from karb.cli.screens.behind import Behind
from karb.cli.screens.running import PATIENCE, Running, Show, shown
from karb.cli.screens.straight import Straight
from karb.domain.edge.refusal import duration
from karb.errors import KarbError

ABOUT = (
    "karb demo: an invented exchange and an invented odds source on this machine. "
    "Nothing is traded; Ctrl-C ends it."
)
STOPPING = "karb demo: stopping its servers ..."
NEXT = 'real prices: README.md, "From the demo to real prices"'


def run(profile: str | None, *, seed: int, speed: float, as_json: bool) -> None:
    """Run the demo, and show it."""
    note(ABOUT)
    from karb.wiring.demo import DemoWanted, demo

    ending = Ending(shown(as_json=as_json))
    try:
        demo(DemoWanted(profile, seed, speed), ending.show, ending.asked)
    finally:
        ending.summarize()


class Ending:
    """What a demo says when it ends, on stderr: that it does, and what there was."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._notes, self._said = Behind(), Straight(sys.stderr)
        self._running: Running | None = None
        self._drawing = self._stopping = False

    async def show(self, running: Running) -> None:
        """Show what runs until cancelled."""
        self._running, self._drawing = running, True
        try:
            await self._show(running)
        finally:
            self._drawing = False
            self.asked()

    def asked(self) -> None:
        """Say that the demo stops: once, and never into a picture, which is left first."""
        if not self._drawing and not self._stopping:
            self._stopping = True
            self._say(STOPPING)

    def summarize(self) -> None:
        """Say what there was, if anything, and what to type next."""
        if self._running is not None:
            for line in summary(self._running):
                self._say(line)
        asyncio.run(self._notes.close(PATIENCE))

    def _say(self, text: str) -> None:
        with suppress(KarbError, ReaderGoneError):  # nobody is there to be told
            self._notes.keep(partial(self._said.write, clean(text) + "\n"))


def summary(running: Running) -> list[str]:
    """How long it ran, what was found, and the command line that looks at what is kept."""
    from karb.wiring.demo import demo_folder

    status, folder = running.status(), shlex.quote(str(demo_folder()))
    rows = sum(store.rows or 0 for store in status.stores)
    ran = f"karb demo: ran {duration(status.at - status.since)}, {status.sent:,} signals"
    if not rows:
        return [f"{ran}; no row of history has reached QuestDB", NEXT]
    look = f"look at them: KARB_DATA_DIR={folder} {_program()} history signals"
    return [f"{ran}, {rows:,} rows of history kept", look, NEXT]


def _program() -> str:
    """karb as it can be typed here: a virtual environment need not be on the PATH."""
    return "karb" if shutil.which("karb") else shlex.quote(sys.argv[0])
