"""A shared table read once: by a process that does one thing, and by one that begins."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from karb.errors import StoreDownError
from karb.ports import Bus, News, Topic


async def whole_of(bus: Bus, topic: Topic, *, within: float | None) -> dict[str, Any]:
    """Everything in the table now; raises `StoreDownError` when it does not come in time.

    `within` is in seconds; None waits for a server that is away, of which the bus tells.
    """
    came: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def take(news: News) -> None:
        if news.whole and not came.done():
            came.set_result(dict(news.entries))

    follower = asyncio.create_task(bus.follow([topic], take, lambda _: None))
    try:
        done, _ = await asyncio.wait(
            (came, follower), timeout=within, return_when=asyncio.FIRST_COMPLETED
        )
        if follower in done:
            follower.result()
        if not came.done():
            raise StoreDownError(
                f"the shared table of {topic.value} did not come within {within:g} s",
                means="nothing was done",
                do="see `karb services status`",
            )
        return came.result()
    finally:
        follower.cancel()
        await asyncio.gather(follower, return_exceptions=True)


Remember = Callable[[Mapping[str, Any]], None]


async def run_remembering(bus: Bus, tables: Mapping[Topic, Remember]) -> None:
    """Hand over each table once, as earlier processes left it, and rest then, forever.

    What decides does not wait for it: the server may be away for long.
    """
    for topic, remember in tables.items():
        remember(await whole_of(bus, topic, within=None))
    await asyncio.Event().wait()
