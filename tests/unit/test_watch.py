"""`--watch`: reading again and again, on a terminal, off one, and as JSON."""

import sys
from collections.abc import Callable
from io import StringIO

import pytest

from karb.cli.output import document, emit, note
from karb.cli.watch import again
from karb.errors import ConfigError, ExitCode, KarbError, StoreDownError


class Terminal(StringIO):
    """Takes what is written to a terminal."""

    def isatty(self) -> bool:
        return True


class Rounds:
    """So many rounds, and then somebody presses Ctrl-C; `waited` are the pauses."""

    def __init__(self, count: int) -> None:
        self._left = count
        self.waited: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.waited.append(seconds)
        self._left -= 1
        if not self._left:
            raise KeyboardInterrupt


def watch(read: Callable[[], ExitCode | None], rounds: Rounds, *, as_json: bool = False) -> None:
    with pytest.raises(KeyboardInterrupt):
        again(read, 2.0, as_json=as_json, sleep=rounds)


def numbered(show: Callable[[int], None]) -> Callable[[], ExitCode | None]:
    """A reading that shows another number each time."""
    asked = 0

    def read() -> None:
        nonlocal asked
        asked += 1
        show(asked)

    return read


def test_it_reads_until_it_is_interrupted(capsys: pytest.CaptureFixture[str]) -> None:
    rounds = Rounds(3)
    watch(numbered(lambda count: emit(f"answer {count}")), rounds)
    assert rounds.waited == [2.0] * 3
    assert capsys.readouterr().out == "answer 1\n\nanswer 2\n\nanswer 3\n\n"


def test_json_is_one_document_on_a_line_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    watch(numbered(lambda count: document("karb.x/1", {"n": count})), Rounds(2), as_json=True)
    assert capsys.readouterr().out.splitlines() == [
        '{"schema":"karb.x/1","n":1}',
        '{"schema":"karb.x/1","n":2}',
    ]


def test_on_a_terminal_an_answer_takes_the_place_of_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is said on stderr belongs to the answer; the screen is cleared once for both."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "stderr", terminal)

    def show(count: int) -> None:
        note(f"talk {count}")
        emit(f"answer {count}")

    watch(numbered(show), Rounds(2))
    _, first, second = terminal.getvalue().split("\x1b[H\x1b[2J")
    assert "again every 2 s; Ctrl-C ends it\n\ntalk 1\nanswer 1\n" in first
    assert "again every 2 s; Ctrl-C ends it\n\ntalk 2\nanswer 2\n" in second


def test_the_screen_stays_while_the_next_answer_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)

    def read() -> None:
        assert "\x1b[2J" not in terminal.getvalue()
        emit("answer")

    watch(read, Rounds(1))


def test_what_may_come_back_is_told_and_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    def show(count: int) -> None:
        if count == 1:
            raise StoreDownError("Redis does not answer")
        emit("it is back")

    watch(numbered(show), Rounds(2))
    seen = capsys.readouterr()
    assert seen.err == "karb: Redis does not answer\n"
    assert "it is back" in seen.out


@pytest.mark.parametrize("error", [ConfigError("no key"), KarbError("no such thing")])
def test_what_would_be_no_other_the_next_time_ends_it(error: KarbError) -> None:
    def read() -> None:
        raise error

    with pytest.raises(type(error)):
        again(read, 2.0, as_json=False, sleep=Rounds(2))
