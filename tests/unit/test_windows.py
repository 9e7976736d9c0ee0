"""The detector's clockwork: windows that end, and games held against each other."""

import asyncio
from collections.abc import Callable
from typing import Any

from karb.domain.units import MILLISECOND, SECOND, Nanos
from karb.services.windows import run_windows


class Served:
    """A detector and its detection, written down."""

    def __init__(self) -> None:
        self.time: Nanos = 0
        self.due: Nanos | None = None
        self.judged: list[Nanos] = []
        self.checked: list[Nanos] = []

    def on_time(self) -> None:
        self.judged.append(self.time)
        self.due = None

    def check_siblings(self) -> None:
        self.checked.append(self.time)


class EndedError(Exception):
    """The test has seen enough."""


def serve(served: Served, turns: int, turn: Nanos, then: Callable[[], None]) -> None:
    """Serve for so many turns, each so long; `then` happens during each."""
    left = turns

    async def sleep(_seconds: float) -> None:
        nonlocal left
        if not left:
            raise EndedError
        left -= 1
        served.time += turn
        then()

    around: Any = served
    try:
        asyncio.run(run_windows(around, around, clock=lambda: served.time, sleep=sleep))
    except EndedError:
        return


def test_games_are_checked_once_a_second() -> None:
    served = Served()
    serve(served, 350, 10 * MILLISECOND, lambda: None)
    assert served.checked == [SECOND, 2 * SECOND, 3 * SECOND]


def test_a_window_is_looked_after_at_every_turn_while_a_state_waits_and_only_then() -> None:
    served = Served()

    def wait() -> None:
        if served.time == 30 * MILLISECOND:
            served.due = 120 * MILLISECOND

    serve(served, 5, 10 * MILLISECOND, wait)
    assert served.judged == [30 * MILLISECOND]
