"""A line to Redis and a writer on it, without a server: broken ends, and a process that slept."""

import asyncio
from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Any, cast

import pytest

from karb.adapters.redis.address import address_of
from karb.adapters.redis.line import Line
from karb.adapters.redis.writer import Source, Writer
from karb.domain.units import SECOND


class Ending:
    """A transport that ends; uvloop's raises when it is written to."""

    def is_closing(self) -> bool:
        return True

    def write(self, _data: bytes) -> None:
        raise RuntimeError("the handler is closed")


def test_what_is_sent_over_a_connection_that_ends_is_lost_and_breaks_nothing() -> None:
    async def send() -> None:
        line = Line()
        line.connection_made(cast("asyncio.Transport", Ending()))
        line.send(b"PING\r\n")

    asyncio.run(send())


class Beats:
    """Counts signs of life."""

    def __init__(self) -> None:
        self.count = 0

    def beat(self) -> None:
        self.count += 1

    def renew(self) -> None:
        """Nothing expires here."""


@pytest.mark.parametrize(("step", "beats"), [(SECOND // 100, True), (2 * SECOND, False)])
def test_a_process_that_slept_gives_no_sign_of_life_for_what_it_knew(
    step: int, beats: bool
) -> None:
    clock: Iterator[int] = count(0, step)

    async def alive() -> int:
        source: Any = Beats()
        writer = Writer(
            address_of("unix:///nowhere"),
            random=Random(1),
            clock=clock.__next__,
            told=_unheard,
            beat=0.005,
        )
        writer.add(cast("Source", source))
        writer._looked = 0
        beating = asyncio.create_task(writer._keep_alive())
        await asyncio.sleep(0.1)
        beating.cancel()
        return int(source.count)

    assert (asyncio.run(alive()) > 0) is beats


def _unheard(error: Exception) -> None:
    raise AssertionError(error)
