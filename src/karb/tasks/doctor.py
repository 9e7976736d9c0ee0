"""Is this machine ready? One row a check: pass, warn or fail, and what to type.

The checks are handed in, so this module knows neither settings nor files nor the venue. A
check answers with what it found, raises `DoubtError` for what works but should be looked at,
or a `KarbError` for what does not work. Any other error is a bug and is not hidden.

What has to be waited for is asked at the same time, in threads that nobody waits for longer
than agreed: neither a name that is not resolved nor a server that says nothing can keep a
person waiting, or the process from ending.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from multiprocessing import TimeoutError as LateError
from multiprocessing.pool import AsyncResult, ThreadPool
from time import monotonic

import msgspec

from karb.errors import ExitCode, KarbError

Check = Callable[[], str]


class State(StrEnum):
    """How a check went. A warning does not change the exit code."""

    FINE = "pass"
    WARN = "warn"
    FAIL = "fail"


class DoubtError(KarbError):
    """Something works, and still deserves a look."""


class Row(msgspec.Struct, frozen=True):
    """One check: what was found, and what to do about it."""

    check: str
    state: State
    found: str
    do: str = ""


Survey = Callable[[], list[Row]]
"""Checks that belong together, such as those over one connection."""


def examine(checks: Iterable[tuple[str, Check]]) -> list[Row]:
    """Run every check; one that fails does not keep the others from running."""
    return [_row(name, check) for name, check in checks]


def examine_together(surveys: Mapping[str, Survey], *, within: float) -> list[Row]:
    """The rows of all surveys, run at the same time, in their order.

    One that takes longer than `within` seconds is left behind, and is one failed row.
    """
    if not surveys:
        return []
    end = monotonic() + within
    with ThreadPool(len(surveys)) as pool:
        begun = [(name, pool.apply_async(survey)) for name, survey in surveys.items()]
        return [row for name, answer in begun for row in _in_time(name, answer, end, within)]


def row_of(name: str, error: KarbError) -> Row:
    """The row of a check that raised."""
    state = State.WARN if isinstance(error, DoubtError) else State.FAIL
    return Row(name, state, f"{error.what}; {error.means}" if error.means else error.what, error.do)


def not_checked(needed: str) -> DoubtError:
    """Why a check says nothing: what it needs is not there."""
    return DoubtError(f"not checked: it needs {needed}", do="see to that first")


def worst(rows: Iterable[Row]) -> State:
    """The worst state of any row."""
    states = {row.state for row in rows}
    return next((s for s in (State.FAIL, State.WARN) if s in states), State.FINE)


def verdict(rows: Iterable[Row], failed: ExitCode = ExitCode.FINDINGS) -> ExitCode:
    """`failed` when any check failed; warnings are told and change nothing."""
    return failed if worst(rows) is State.FAIL else ExitCode.OK


def _row(name: str, check: Check) -> Row:
    try:
        return Row(name, State.FINE, check())
    except KarbError as error:
        return row_of(name, error)


def _in_time(name: str, answer: "AsyncResult[list[Row]]", end: float, within: float) -> list[Row]:
    try:
        return answer.get(max(0.0, end - monotonic()))
    except LateError:
        return [
            Row(
                name,
                State.FAIL,
                f"no answer within {within:g} s",
                "look at the network (a name that is not found, a firewall), then run it again",
            )
        ]
