"""The parts of a running process under supervision, Redis among them."""

import asyncio
from collections.abc import Mapping
from random import Random

from karb.services.status import Recent
from karb.services.supervise import Part, supervise
from karb.wiring.clock import boot_time
from karb.wiring.opened import OpenRedis


async def run_parts(parts: Mapping[str, Part], served: OpenRedis, recent: Recent) -> None:
    """Run all parts until one of them is fatal; what was survived is told to `recent`."""

    async def redis() -> None:
        await asyncio.shield(served.serving)

    await supervise(
        {"redis": redis, **parts},
        failed=recent.problem,
        clock=boot_time,
        random=Random(),  # noqa: S311 - it spreads restarts, it guards nothing
    )
