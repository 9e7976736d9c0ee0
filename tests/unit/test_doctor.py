"""Rows of the doctor: what a check raised becomes a state, and nobody is waited for too long."""

import threading
import time
from pathlib import Path

import pytest

from karb.errors import ConfigError, ExitCode
from karb.tasks.doctor import DoubtError, Row, State, examine, examine_together, verdict
from karb.tasks.doctor_machine import data_folder


def test_one_failing_check_does_not_stop_the_next() -> None:
    def doubt() -> str:
        raise DoubtError("odd", do="look")

    def fail() -> str:
        raise ConfigError("broken", means="nothing works", do="mend it")

    rows = examine([("a", fail), ("b", doubt), ("c", lambda: "fine")])
    assert [row.state for row in rows] == [State.FAIL, State.WARN, State.FINE]
    assert rows[0].found == "broken; nothing works"
    assert verdict(rows) is ExitCode.FINDINGS
    assert verdict(rows[1:]) is ExitCode.OK
    assert verdict(rows, ExitCode.CONFIG) is ExitCode.CONFIG


def test_surveys_run_at_the_same_time_and_their_rows_keep_the_order() -> None:
    """Each waits for the other two, which they could not do one after the other."""
    meeting = threading.Barrier(3)

    def met(name: str, after: float) -> list[Row]:
        meeting.wait(5)
        time.sleep(after)
        return [Row(name, State.FINE, "met"), Row(f"{name}, too", State.FINE, "met")]

    rows = examine_together(
        {
            "a": lambda: met("a", 0.1),
            "b": lambda: met("b", 0.05),
            "c": lambda: met("c", 0.0),
        },
        within=10,
    )
    assert [row.check for row in rows] == ["a", "a, too", "b", "b, too", "c", "c, too"]


def test_a_survey_that_does_not_end_is_left_behind_as_a_failed_row() -> None:
    never = threading.Event()

    def waiting() -> list[Row]:
        never.wait(60)
        return []

    rows = examine_together(
        {"deaf": waiting, "quick": lambda: [Row("quick", State.FINE, "here")]}, within=0.2
    )
    never.set()
    assert [(row.check, row.state) for row in rows] == [
        ("deaf", State.FAIL),
        ("quick", State.FINE),
    ]
    assert rows[0].do


def test_an_error_that_is_not_karbs_is_not_hidden() -> None:
    def broken() -> list[Row]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        examine_together({"broken": broken}, within=5)


def test_no_survey_is_no_row() -> None:
    assert examine_together({}, within=1) == []


def test_a_disk_that_is_nearly_full_is_a_doubt(tmp_path: Path) -> None:
    with pytest.raises(DoubtError, match="MB are free on its disk"):
        data_folder(tmp_path / "karb", least=2**62)
    assert "GB free" in data_folder(tmp_path / "karb", least=0)
