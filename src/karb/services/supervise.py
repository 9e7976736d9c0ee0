"""Keeps the parts of a process running, and decides which error ends it.

Each part is a coroutine that should never end. One that fails with something retryable is
started again, later each time; one that fails with anything else, or with what nobody
foresaw, ends the whole process, which is told by the first error. Nothing is left
half-running: when one part is fatal, or the process is asked to stop, the others are
cancelled and waited for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from random import Random

from karb.domain.units import SECOND, Nanos
from karb.errors import KarbError

Part = Callable[[], Awaitable[None]]

FIRST, LONGEST = 0.5, 30.0
"""Seconds before the first restart, and at most."""
QUIET: Nanos = 60 * SECOND
"""A part that ran this long starts again as if it had never failed."""


async def supervise(
    parts: Mapping[str, Part],
    *,
    failed: Callable[[str, KarbError], None],
    clock: Callable[[], Nanos],
    random: Random,
) -> None:
    """Run all parts until one of them is fatal; raises what was.

    `failed` hears of every retryable error with the name of its part; `clock` is one that
    nobody sets.
    """
    tasks = [
        asyncio.create_task(_kept(name, part, failed, clock, random), name=name)
        for name, part in parts.items()
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _kept(
    name: str,
    part: Part,
    failed: Callable[[str, KarbError], None],
    clock: Callable[[], Nanos],
    random: Random,
) -> None:
    failures = 0
    while True:
        began = clock()
        try:
            await part()
        except KarbError as error:
            if not error.retryable:
                raise
            failures = 1 if clock() - began > QUIET else failures + 1
            failed(name, error)
        else:
            raise AssertionError(f"the part {name} of karb ended by itself")
        await asyncio.sleep(random.uniform(0, min(LONGEST, FIRST * 2**failures)))
