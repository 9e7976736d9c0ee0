"""Writing beside the loop: whoever reads slowly, or not at all, holds nobody up."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from karb.cli.output import OutputError, ReaderGoneError
from karb.cli.screens.behind import Behind
from karb.cli.screens.straight import Straight

T = TypeVar("T")
PATIENCE = 10.0


class Reader:
    """Takes what is written; nothing while it is asleep."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.stuck = threading.Event()
        self.awake = threading.Event()

    def take(self, text: str) -> None:
        self.stuck.set()
        assert self.awake.wait(PATIENCE)
        self.seen.append(text)


def with_stuck_reader(
    then: Callable[[Behind, Reader], Awaitable[T]], *, most: int = 10
) -> tuple[Reader, T]:
    """A thread that is stuck in its first job, and what comes of `then`."""

    async def run() -> tuple[Reader, T]:
        reader, behind = Reader(), Behind(most=most)
        behind.keep(partial(reader.take, "first"))
        await asyncio.to_thread(reader.stuck.wait, PATIENCE)
        try:
            return reader, await then(behind, reader)
        finally:
            reader.awake.set()
            await behind.close(PATIENCE)

    return asyncio.run(run())


def test_jobs_are_done_in_their_order_once_somebody_reads() -> None:
    async def then(behind: Behind, reader: Reader) -> None:
        for text in "abc":
            behind.keep(partial(reader.take, text))

    assert with_stuck_reader(then)[0].seen == ["first", "a", "b", "c"]


def test_of_one_name_only_the_newest_waits() -> None:
    async def then(behind: Behind, reader: Reader) -> None:
        for text in "abc":
            behind.newest("status", partial(reader.take, text))

    assert with_stuck_reader(then)[0].seen == ["first", "c"]


def test_beyond_the_bound_the_oldest_are_lost_and_counted() -> None:
    async def then(behind: Behind, reader: Reader) -> int:
        for number in range(15):
            behind.keep(partial(reader.take, str(number)))
        return behind.lost

    reader, lost = with_stuck_reader(then, most=10)
    assert lost == 5
    assert reader.seen == ["first", *map(str, range(5, 15))]


def test_the_end_does_not_wait_for_a_reader_longer_than_it_may_and_says_what_is_left() -> None:
    async def then(behind: Behind, reader: Reader) -> int:
        behind.keep(partial(reader.take, "a"))
        behind.newest("status", partial(reader.take, "b"))
        return await behind.close(0.05)

    assert with_stuck_reader(then)[1] == 2


def test_what_waits_is_done_before_the_end() -> None:
    async def run() -> tuple[int, list[int]]:
        behind, done = Behind(), list[int]()
        for number in range(100):
            behind.keep(partial(done.append, number))
        return await behind.close(PATIENCE), done

    assert asyncio.run(run()) == (0, list(range(100)))


def test_what_ends_the_thread_is_raised_where_it_is_given_work() -> None:
    def gone() -> None:
        raise ReaderGoneError

    async def run() -> None:
        behind = Behind()
        behind.keep(gone)
        assert await behind.close(PATIENCE) == 0
        behind.check()

    with pytest.raises(ReaderGoneError):
        asyncio.run(run())


@contextmanager
def pipe() -> Iterator[tuple[int, Straight]]:
    """A pipe's reading end, and a stream into it."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        yield reading, Straight(stream)
    os.close(reading)


def test_a_pipe_that_does_not_block_is_waited_for() -> None:
    """A parent that made its end of the pipe non-blocking loses nothing of a long text."""
    text, seen = "x" * 1_000_000, bytearray()

    def read(handle: int) -> None:
        while len(seen) < len(text):
            seen.extend(os.read(handle, 65_536))

    with pipe() as (reading, straight):
        os.set_blocking(straight.fileno(), False)
        reader = threading.Thread(target=read, args=(reading,))
        reader.start()
        straight.write(text)
        reader.join(PATIENCE)
    assert len(seen) == len(text)


def test_a_reader_that_has_gone_and_a_full_disk_are_told_as_by_stdout() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream, pytest.raises(ReaderGoneError):
        Straight(stream).write("anything")
    with Path("/dev/full").open("w") as stream, pytest.raises(OutputError, match="no space left"):
        Straight(stream).write("anything")


STUCK = """
import asyncio, sys
from functools import partial
from karb.cli.screens.behind import Behind
from karb.cli.screens.straight import Straight

async def main():
    behind, out = Behind(), Straight(sys.stdout)
    behind.keep(partial(out.write, "x" * 1_000_000))
    await asyncio.sleep(0.1)
    await behind.close(0.1)

asyncio.run(main())
"""


def test_a_process_ends_although_its_thread_is_stuck_in_a_pipe_that_nobody_reads() -> None:
    reading, writing = os.pipe()
    done = subprocess.run(
        [sys.executable, "-c", STUCK],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    os.close(reading)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
