"""The bench's side of a connection: the exchange's process, and what is least to read from it.

The floor of everything on the wire is a loop that receives a text by the library that karb
uses, and does one thing with it. What karb adds to that is in `graph`.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from karb.adapters.kalshi.transport import Library, dial
from perf.traffic import SENT_AT, traffic

TESTS = Path(__file__).parents[1]


class Order(NamedTuple):
    """How often to send all texts, and how many a second; 0: as fast as they are read."""

    times: int
    rate: int = 0

    @classmethod
    def lasting(cls, seconds: float, rate: int) -> "Order":
        """Whole rounds of the texts, as near to so long as they come."""
        return cls(max(1, round(seconds * rate / PER_ROUND)), rate)

    @property
    def texts(self) -> int:
        """How many texts it brings."""
        return self.times * PER_ROUND


PER_ROUND = len(traffic().texts)


class Sent(NamedTuple):
    """How an order was carried out: how late the last texts went out, how long all took; ns."""

    late: int
    took: int


class Venue:
    """The exchange's process, and the way to give it orders."""

    def __init__(self, orders: IO[str], answers: IO[str]) -> None:
        self._orders, self._answers = orders, answers
        self.url = f"ws://127.0.0.1:{json.loads(answers.readline())['port']}/"

    def send(self, order: Order) -> None:
        """Have texts sent to the client that is connected."""
        self._orders.write(json.dumps(order._asdict()) + "\n")
        self._orders.flush()

    def sent(self) -> Sent:
        """Wait until that is done; which it is at once, when all texts have come."""
        return Sent(**json.loads(self._answers.readline()))


@contextmanager
def venue(core: int | None) -> Iterator[Venue]:
    """A running one, gone afterwards."""
    command = [sys.executable, "-m", "perf.venue"]
    command += [] if core is None else ["--core", str(core)]
    there = {**os.environ, "PYTHONPATH": str(TESTS)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=there
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Venue(process.stdin, process.stdout)
        finally:
            process.kill()


async def read(at: Venue, through: Library, order: Order, take: Callable[[bytes], object]) -> float:
    """Receive the texts of an order, and give each to `take`; CPU nanoseconds a text."""
    socket = await dial(at.url, {}, through)
    recv, count = socket.recv, order.texts
    at.send(order)
    began = time.thread_time_ns()
    for _ in range(count):
        take(await recv(False))
    cost = (time.thread_time_ns() - began) / count
    at.sent()
    await socket.close()
    return cost


def stamping(ages: list[int]) -> Callable[[bytes], object]:
    """Nothing is done with a text but to note how many nanoseconds ago it was sent."""
    clock, add = time.monotonic_ns, ages.append

    def take(text: bytes) -> None:
        add(clock() - int(text[SENT_AT]))

    return take
