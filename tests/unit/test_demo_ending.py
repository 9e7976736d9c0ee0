"""How a demo ends: it says so at once, never into a picture, and what there was."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from karb.cli.screens.demo import NEXT, STOPPING, Ending
from karb.cli.screens.running import Running
from karb.domain.edge.signal import Signal
from karb.services.status import Status, Store
from statuses import PROBLEM, STATUS


class Process:
    """Stands for what runs, with so many rows in QuestDB."""

    def __init__(self, rows: int) -> None:
        self._stores = [Store("redis", True, ""), Store("questdb", True, "", rows)]

    def status(self) -> Status:
        return msgspec.structs.replace(STATUS, stores=self._stores)

    def problems(self) -> Sequence[str]:
        return [PROBLEM]

    def take_signals(self) -> list[Signal]:
        return []


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KARB_DATA_DIR", "/some where")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.argv", [".venv/bin/karb", "demo"])


def said(capfd: pytest.CaptureFixture[str]) -> list[str]:
    return capfd.readouterr().err.splitlines()


def test_a_request_before_anything_is_shown_is_answered_once(
    capfd: pytest.CaptureFixture[str],
) -> None:
    ending = Ending(_nothing)
    ending.asked()
    ending.asked()
    ending.summarize()
    assert said(capfd) == [STOPPING]


def test_a_request_while_a_picture_is_drawn_is_answered_below_it(
    capfd: pytest.CaptureFixture[str],
) -> None:
    seen: list[list[str]] = []

    async def show(_running: Running) -> None:
        ending.asked()
        await asyncio.sleep(0.1)
        seen.append(said(capfd))

    ending = Ending(show)
    asyncio.run(ending.show(Process(rows=0)))
    ending.summarize()
    assert seen == [[]]
    assert said(capfd)[0] == STOPPING


def test_at_the_end_it_says_what_there_was_and_how_to_look_at_it(
    capfd: pytest.CaptureFixture[str],
) -> None:
    ending = Ending(_nothing)
    asyncio.run(ending.show(Process(rows=56_789)))
    ending.summarize()
    assert said(capfd)[1:] == [
        "karb demo: ran 1m23s, 1,234 signals, 56,789 rows of history kept",
        "look at them: KARB_DATA_DIR='/some where/demo' .venv/bin/karb history signals",
        NEXT,
    ]


def test_without_a_row_there_is_nothing_to_look_at(capfd: pytest.CaptureFixture[str]) -> None:
    ending = Ending(_nothing)
    asyncio.run(ending.show(Process(rows=0)))
    ending.summarize()
    assert "no row of history has reached QuestDB" in said(capfd)[1]


def test_the_next_step_is_a_section_of_the_readme() -> None:
    readme = Path(__file__).parents[2] / "README.md"
    _, section, _ = NEXT.split('"')
    assert f"\n## {section}\n" in readme.read_text(encoding="utf-8")


async def _nothing(_running: Running) -> None:
    """Show nothing."""
