"""Is this machine ready? One row a check: pass, warn or fail, and what to type.

The checks are handed in, so this module knows neither settings nor files. A check answers
with what it found, raises `DoubtError` for what works but should be looked at, or a `KarbError`
for what does not work. Any other error is a bug and is not hidden.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum

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


def examine(checks: Iterable[tuple[str, Check]]) -> list[Row]:
    """Run every check; one that fails does not keep the others from running."""
    return [_row(name, check) for name, check in checks]


def _row(name: str, check: Check) -> Row:
    try:
        return Row(name, State.FINE, check())
    except DoubtError as doubt:
        return Row(name, State.WARN, _told(doubt), doubt.do)
    except KarbError as error:
        return Row(name, State.FAIL, _told(error), error.do)


def _told(error: KarbError) -> str:
    return f"{error.what}; {error.means}" if error.means else error.what


def worst(rows: Iterable[Row]) -> State:
    """The worst state of any row."""
    states = {row.state for row in rows}
    return next((s for s in (State.FAIL, State.WARN) if s in states), State.FINE)


def verdict(rows: Iterable[Row], failed: ExitCode = ExitCode.FINDINGS) -> ExitCode:
    """`failed` when any check failed; warnings are told and change nothing."""
    return failed if worst(rows) is State.FAIL else ExitCode.OK
