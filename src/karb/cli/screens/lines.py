"""NDJSON on stdout and sentences on stderr, both written beside the loop.

Each by a thread of its own: while nobody reads the lines, that can still be said.
"""

import sys
from collections.abc import Callable, Hashable
from functools import partial
from types import TracebackType
from typing import Any, Self

from karb.cli.output import clean
from karb.cli.screens.behind import Behind
from karb.cli.screens.straight import Straight

PATIENCE = 1.0
"""Seconds that what waits may take when karb ends."""

Body = Callable[[], dict[str, Any]]
"""Makes the members of a document, in the thread that writes it."""


class Lines:
    """One JSON document a line; `note` says something to a person.

    What nobody reads in time is lost, counted by `lost`, and said.
    """

    def __init__(self) -> None:
        self._out, self._said = Straight(sys.stdout), Straight(sys.stderr)
        self._lines, self._notes = Behind(), Behind()
        self._told = False

    @property
    def lost(self) -> int:
        """Lines that were not read in time."""
        return self._lines.lost

    def keep(self, schema: str, body: Body) -> None:
        """Print a document; each one counts."""
        self._lines.keep(partial(self._write, schema, body))

    def newest(self, name: Hashable, schema: str, body: Body) -> None:
        """Print a document, unless a newer one of this name comes before somebody reads it."""
        self._lines.newest(name, partial(self._write, schema, body))

    def note(self, text: str) -> None:
        """Say something on stderr, a line, cleaned."""
        self._notes.keep(partial(self._said.write, clean(text) + "\n"))

    def check(self) -> None:
        """Raise what became of stdout; say it when lines begin to be lost."""
        self._lines.check()
        if self.lost and not self._told:
            self._told = True
            self.note("karb: nobody reads stdout; the oldest lines are lost, and counted")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        lost = await self._lines.close(PATIENCE) + self.lost
        if lost:
            self.note(f"karb: {lost:,} lines were lost, because nobody read them")
        await self._notes.close(PATIENCE)

    def _write(self, schema: str, body: Body) -> None:
        import msgspec

        self._out.send(msgspec.json.encode({"schema": schema, **body()}) + b"\n")
