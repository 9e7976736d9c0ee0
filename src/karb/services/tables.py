"""A shared table read once, for a process that does one thing and ends."""

import asyncio
from typing import Any

from karb.errors import StoreDownError
from karb.ports import Bus, News, Topic


async def whole_of(bus: Bus, topic: Topic, *, within: float) -> dict[str, Any]:
    """Everything in the table now; raises `StoreDownError` when it does not come in time.

    `within` is in seconds.
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
