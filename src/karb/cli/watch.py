"""`--watch [SECONDS]`: a command that reads, again and again until it is interrupted.

On a terminal each answer takes the place of the one before; off one they follow each other, as
JSON one document on a line. A store that is away is told of and asked again: whoever watches
wants to see it come back.
"""

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from itertools import pairwise
from typing import Annotated, Any, NoReturn, TextIO, cast

import typer
from typer.core import TyperCommand

from karb.cli.output import emit, tell
from karb.errors import ExitCode, KarbError, UsageError

_USUAL = "2"
_SHORTEST, _LONGEST = 0.1, 86_400.0
_NUMBER = re.compile(r"-?[\d.]+")
_CLEARED = "\x1b[H\x1b[2J"


class Watched(TyperCommand):
    """A command whose `--watch` may stand without its number, which Typer cannot say."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the usual number where there is none."""
        return super().parse_args(ctx, list(_numbered(args)))


def _numbered(words: list[str]) -> Iterator[str]:
    for word, after in pairwise([*words, ""]):
        bare = word == "--watch" and not _NUMBER.fullmatch(after)
        yield f"{word}={_USUAL}" if bare else word


def _pause(seconds: float | None) -> float | None:
    if seconds is not None and not _SHORTEST <= seconds <= _LONGEST:
        allowed = f"{_SHORTEST:g} to {_LONGEST:g} seconds"
        raise UsageError(f"--watch {seconds:g} is out of range", do=allowed)
    return seconds


Watch = Annotated[
    float | None,
    typer.Option(
        "--watch",
        metavar="[SECONDS]",
        help=f"Ask again, every {_USUAL} seconds or as often as you say, until Ctrl-C.",
        callback=_pause,
    ),
]


def watched(read: Callable[[], ExitCode | None], pause: float | None, *, as_json: bool) -> ExitCode:
    """Read once and answer how that ended; with a pause in seconds read until interrupted."""
    if pause is not None:
        again(read, pause, as_json=as_json)
    return read() or ExitCode.OK


def again(
    read: Callable[[], ExitCode | None],
    pause: float,
    *,
    as_json: bool,
    sleep: Callable[[float], None] = time.sleep,
) -> NoReturn:
    """Read, show and wait, without end; raises what would be no other the next time."""
    page = _on_one_line if as_json else _cleared if sys.stdout.isatty() else _as_it_is
    while True:
        with page(pause):
            try:
                read()
            except KarbError as error:
                if not error.retryable:
                    raise
                tell(error, as_json=as_json)
        sys.stdout.flush()
        sleep(pause)


@contextmanager
def _as_it_is(_pause: float) -> Iterator[None]:
    """One answer after the other, a blank line between them."""
    yield
    emit("")


@contextmanager
def _on_one_line(_pause: float) -> Iterator[None]:
    """A document as one line; nothing where there was none."""
    import msgspec

    with redirect_stdout(StringIO()) as answer:
        yield
    if document := answer.getvalue():
        emit(msgspec.json.format(document, indent=-1))


@contextmanager
def _cleared(pause: float) -> Iterator[None]:
    """An answer on an empty screen."""
    clock = datetime.now(UTC).strftime("%H:%M:%SZ")
    page = _Page(sys.stdout, f"{_CLEARED}{clock}, again every {pause:g} s; Ctrl-C ends it\n\n")
    errors = _On(page, sys.stderr) if sys.stderr.isatty() else sys.stderr
    with (
        redirect_stdout(cast("TextIO", _On(page, sys.stdout))),
        redirect_stderr(cast("TextIO", errors)),
    ):
        yield


class _Page:
    """A screen that is cleared for the first words of an answer, not while it is asked for."""

    def __init__(self, terminal: TextIO, head: str) -> None:
        self._terminal, self._head = terminal, head

    def begin(self) -> None:
        """Clear it and write the head, once."""
        head, self._head = self._head, ""
        if head:
            self._terminal.write(head)
            self._terminal.flush()


class _On:
    """A stream of the terminal whose first words begin the page."""

    def __init__(self, page: _Page, stream: TextIO) -> None:
        self._page, self._stream = page, stream

    def __getattr__(self, name: str) -> Any:
        """Everything but writing is the stream's own."""
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write on the page."""
        self._page.begin()
        return self._stream.write(text)
