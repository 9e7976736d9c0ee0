"""Showing what runs: nobody who reads slowly holds the loop, and whoever is gone ends it."""

import asyncio
import json
import os
import pty
import sys
import tempfile
import termios
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, TextIO, cast

import pytest

from karb.cli.output import OutputError, ReaderGoneError
from karb.cli.screens import running as screen
from karb.cli.screens.behind import KEPT
from karb.cli.screens.picture import Span
from karb.cli.screens.screen import Screen
from karb.cli.screens.straight import Straight
from karb.cli.screens.stream import as_lines as stream_lines
from karb.domain.edge.signal import Signal
from karb.domain.market.messages import Side, Trade
from karb.ports import Quoted
from karb.services.status import Feed, Status, Store
from situations import LISTING, NOW, quote
from statuses import FEED, PROBLEM, SIGNAL, STATUS

Show = Callable[[], Awaitable[None]]
ERASED = "\x1b[2K"
"""What a terminal is told to take a line away."""
LOOKS = 4
"""So many looks prove that the loop went on: a loop that is held has one or two."""


class Process:
    """Stands for what runs: as many signals at each look as it is told."""

    def __init__(self, signals: int = 1) -> None:
        self.signals, self.looks = signals, 0

    def status(self) -> Status:
        self.looks += 1
        return STATUS

    def problems(self) -> Sequence[str]:
        return [PROBLEM]

    def take_signals(self) -> list[Signal]:
        self.looks += 1
        return [SIGNAL] * self.signals


class Streaming:
    """Stands for `Streamed`: one market that moves all the time, and a trade at each look."""

    def feed(self) -> Feed:
        return FEED

    def stores(self) -> list[Store]:
        return list(STATUS.stores)

    def lost(self) -> dict[str, int]:
        return {}

    def counts(self) -> tuple[int, int]:
        return 7, 2

    def market(self, ticker: str) -> tuple[None, Quoted]:
        return None, Quoted(quote(ticker=ticker), live=True, last_price=None)

    def take_moved(self) -> list[str]:
        return [LISTING.ticker]

    def take_trades(self) -> list[Trade]:
        return [Trade(LISTING.ticker, "t1", 4_800, 100, Side.YES, NOW, NOW)]

    def problems(self) -> list[str]:
        return [PROBLEM]


@contextmanager
def stdout_on(handle: int) -> Iterator[TextIO]:
    """stdout on a descriptor, stderr in the file that comes."""
    with (
        os.fdopen(handle, "w") as out,
        tempfile.TemporaryFile("w+") as said,
        redirect_stdout(out),
        redirect_stderr(said),
    ):
        yield cast("TextIO", said)


def show(coroutine: Show, until: Callable[[], bool]) -> None:
    """Show until something holds, or until it ends by itself; then it is cancelled."""

    async def run() -> None:
        shown = asyncio.ensure_future(coroutine())
        while not until() and not shown.done():
            await asyncio.sleep(0.01)
        shown.cancel()
        with suppress(asyncio.CancelledError):
            await shown

    asyncio.run(asyncio.wait_for(run(), 20))


def printed(coroutine: Show) -> tuple[list[dict[str, Any]], str]:
    """The documents that come within a few looks, and what is said."""
    with tempfile.TemporaryFile("w+b") as file:
        with stdout_on(os.dup(file.fileno())) as said:
            show(coroutine, lambda: file.seek(0, os.SEEK_END) > 4_000)
            said.seek(0)
            told = said.read()
        file.seek(0)
        return [json.loads(line) for line in file], told


def test_lines_are_signals_and_the_status_and_troubles_are_said() -> None:
    documents, told = printed(lambda: screen.as_lines(Process()))
    assert {each["schema"] for each in documents} == {"karb.signal/1", "karb.status/1"}
    assert told.count("The Odds API did not answer") == 1


def test_a_stream_as_lines_tells_its_status_and_says_its_troubles() -> None:
    documents, told = printed(lambda: stream_lines(cast("Any", Streaming())))
    schemas = [each["schema"] for each in documents]
    assert set(schemas) == {"karb.trade/1", "karb.quote/1", "karb.status/1"}
    assert schemas.count("karb.status/1") == 1
    assert told.count("The Odds API did not answer") == 1


def test_a_pipe_that_nobody_reads_does_not_hold_the_loop_and_what_is_lost_is_said() -> None:
    reading, writing = os.pipe()
    process = Process(signals=KEPT)
    with stdout_on(writing) as said:
        show(lambda: screen.as_lines(process), lambda: process.looks >= LOOKS)
        said.seek(0)
        told = said.read()
    os.close(reading)
    assert "nobody reads stdout; the oldest lines are lost" in told
    assert "lines were lost, because nobody read them" in told


def test_a_reader_of_lines_that_has_gone_ends_what_runs() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with stdout_on(writing), pytest.raises(ReaderGoneError):
        show(lambda: screen.as_lines(Process()), lambda: False)


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    try:
        yield ours, theirs
    finally:
        with suppress(OSError):
            os.close(ours)


def test_a_terminal_that_is_paused_does_not_hold_the_loop() -> None:
    process = Process()
    with terminal() as (_, theirs), stdout_on(theirs):
        termios.tcflow(theirs, termios.TCOOFF)
        show(lambda: screen.on_terminal(process), lambda: process.looks >= LOOKS)
    assert process.looks >= LOOKS


def test_whoever_publishes_the_same_prices_as_another_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KARB_DATA_DIR", str(tmp_path))
    said: list[str] = []

    async def second(_running: object) -> None:
        said.append(capsys.readouterr().err)

    async def first(_running: object) -> None:
        said.append(capsys.readouterr().err)
        await screen.beside_none(second)(None)

    asyncio.run(cast("Any", screen.beside_none(first)(None)))
    alone, not_alone = said
    assert alone == ""
    assert "another karb run or karb stream publishes prices into these stores" in not_alone


def test_the_cursor_waits_on_a_line_of_its_own_below_the_picture() -> None:
    """There a terminal echoes `^C`; a full line it would break, and the title would stay twice."""
    full = (Span("x" * 80),)
    with terminal() as (ours, theirs), stdout_on(theirs):
        drawing = Screen(Straight(sys.stdout))
        with drawing:
            for _ in range(2):
                drawing.draw(lambda _width, height: [full] * min(height, 3))
        told = os.read(ours, 65_536).decode()
    assert f"{full[0].text}\r\n \r{ERASED}" in told


def test_a_terminal_that_is_gone_ends_what_runs() -> None:
    process = Process()
    with terminal() as (ours, theirs), stdout_on(theirs):

        def gone() -> bool:
            if process.looks == 2:
                os.close(ours)
                process.looks += 1
            return False

        with pytest.raises(OutputError):
            show(lambda: screen.on_terminal(process), gone)


def test_the_last_picture_stays_on_the_terminal() -> None:
    process, seen = Process(), bytearray()
    with terminal() as (ours, theirs), stdout_on(theirs):
        os.set_blocking(ours, False)

        def enough() -> bool:
            with suppress(BlockingIOError):
                seen.extend(os.read(ours, 65_536))
            return process.looks >= 2 and b"priced" in seen

        show(lambda: screen.on_terminal(process), enough)
        with suppress(BlockingIOError):
            seen.extend(os.read(ours, 65_536))
    assert seen.endswith(b"\x1b[?25h")
    assert b"NO ORDERS" in seen
