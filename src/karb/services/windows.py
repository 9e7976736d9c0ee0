"""The detector's clockwork: what is due when no price comes.

States that wait for the end of their window are judged within a few milliseconds of it, and
once a second the two markets of every game are held against each other.
"""

import asyncio
from collections.abc import Awaitable, Callable

from karb.domain.edge.detector import EdgeDetector
from karb.domain.units import SECOND, Nanos
from karb.services.detection import Detection

TURN = 0.01
"""Seconds from one look at the clock to the next."""


async def run_windows(
    detector: EdgeDetector,
    detection: Detection,
    *,
    clock: Callable[[], Nanos],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Serve one detector, forever. `clock` is one that nobody sets."""
    checked = clock()
    while True:
        await sleep(TURN)
        if detector.due is not None:
            detector.on_time()
        at = clock()
        if at - checked >= SECOND:
            checked = at
            detection.check_siblings()
