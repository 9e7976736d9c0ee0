"""Supervision: retryable parts start again, a fatal one ends everything."""

import asyncio
from random import Random

import pytest

from karb.errors import AuthRefusedError, KarbError, UnreachableError
from karb.services import supervise as module
from karb.services.supervise import QUIET, supervise


class Part:
    """A part that fails with these errors, one a start, and then runs."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.starts = 0
        self.stopped = False

    async def __call__(self) -> None:
        self.starts += 1
        if self.errors:
            raise self.errors.pop(0)
        try:
            await asyncio.sleep(3_600)
        finally:
            self.stopped = True


def run(parts: dict[str, Part], seconds: float = 5.0) -> list[tuple[str, KarbError]]:
    """Supervise until something is raised, or the time is up."""
    failed: list[tuple[str, KarbError]] = []
    job = supervise(
        parts, failed=lambda *news: failed.append(news), clock=lambda: 0, random=Random(1)
    )
    asyncio.run(asyncio.wait_for(job, seconds))
    return failed


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST", 0.001)


def test_a_retryable_part_starts_again_and_a_fatal_one_ends_all() -> None:
    weak = Part(UnreachableError("a"), UnreachableError("b"))
    other = Part()
    late = Part(*[UnreachableError("c")] * 8, AuthRefusedError("no"))
    with pytest.raises(AuthRefusedError, match="no"):
        run({"weak": weak, "other": other, "late": late})
    assert (weak.starts, other.starts) == (3, 1)
    assert weak.stopped
    assert other.stopped


def test_an_error_that_nobody_foresaw_is_not_survived() -> None:
    other = Part()
    with pytest.raises(ZeroDivisionError):
        run({"odd": Part(ZeroDivisionError()), "other": other})
    assert other.stopped


def test_being_stopped_stops_every_part() -> None:
    parts = {"a": Part(), "b": Part()}
    with pytest.raises(TimeoutError):
        run(parts, 0.05)
    assert all(part.stopped for part in parts.values())


def test_every_survived_error_is_told_with_its_part() -> None:
    told: list[tuple[str, KarbError]] = []

    async def watched() -> None:
        await supervise(
            {"weak": Part(UnreachableError("a"), AuthRefusedError("b"))},
            failed=lambda *news: told.append(news),
            clock=lambda: 0,
            random=Random(1),
        )

    with pytest.raises(AuthRefusedError):
        asyncio.run(watched())
    assert [(part, error.what) for part, error in told] == [("weak", "a")]


class Waits(Random):
    """Chance that waits no time, and notes how long it might have."""

    def __init__(self) -> None:
        super().__init__(1)
        self.most: list[float] = []

    def uniform(self, a: float, b: float) -> float:
        self.most.append(b)
        return a


@pytest.mark.parametrize(
    ("lived", "most"), [(0, [0.002, 0.004, 0.008]), (QUIET + 1, [0.002, 0.002, 0.002])]
)
def test_a_part_that_ran_for_long_starts_again_as_if_it_had_never_failed(
    lived: int, most: list[float]
) -> None:
    time, waits = [0], Waits()
    errors = [*[UnreachableError("a")] * 3, AuthRefusedError("no")]

    async def part() -> None:
        time[0] += lived
        raise errors.pop(0)

    with pytest.raises(AuthRefusedError):
        asyncio.run(
            supervise({"weak": part}, failed=lambda *_: None, clock=lambda: time[0], random=waits)
        )
    assert waits.most == most


def test_a_part_that_ends_by_itself_is_a_mistake() -> None:
    async def nothing() -> None:
        return

    with pytest.raises(AssertionError, match="short"):
        asyncio.run(supervise({"short": nothing}, failed=print, clock=lambda: 0, random=Random(1)))
