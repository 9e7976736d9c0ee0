"""How `karb doctor` asks the venue and the odds source: briefly, in a thread of its own."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from karb.errors import KarbError, UnreachableError
from karb.tasks.doctor import Row, State, Survey, not_checked, row_of

T = TypeVar("T")

SECONDS = 3.0
"""How long one answer may take; less than the doctor waits for all of a source's."""


class _Loop(asyncio.SelectorEventLoop):
    """Finds names in its own thread.

    asyncio's way is a pool of threads that Python waits for at its end, a minute long where
    the name server does not answer. This loop's own thread is one that nobody waits for.
    """

    async def getaddrinfo(self, *args: Any, **kwargs: Any) -> Any:
        """As `socket.getaddrinfo`."""
        return socket.getaddrinfo(*args, **kwargs)


def survey(ask: Callable[[], Coroutine[Any, Any, list[Row]]]) -> Survey:
    """The rows that a coroutine finds."""

    def run() -> list[Row]:
        with asyncio.Runner(loop_factory=_Loop) as runner:
            return runner.run(ask())

    return run


async def answered(source: str, question: Awaitable[T]) -> T:
    """The answer, or `UnreachableError` when it takes too long."""
    try:
        async with asyncio.timeout(SECONDS):
            return await question
    except TimeoutError:
        raise UnreachableError(
            f"{source} did not answer within {SECONDS:g} s",
            means="whether it would let karb in is not known",
            do="try again; if it stays so, look at the network",
        ) from None


async def row(name: str, found: Awaitable[str]) -> Row:
    """The row of a check that asks."""
    try:
        return Row(name, State.FINE, await found)
    except KarbError as error:
        return row_of(name, error)


def unchecked(name: str, needed: Row) -> Row:
    """The row of a check that says nothing without what another one looked for."""
    return row_of(name, not_checked(f"the {needed.check}"))
