"""What happens to stdout: a reader that has seen enough, a full disk, a narrow terminal."""

import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from karb.config.profiles import profile_names
from karb.errors import ExitCode
from karb_process import clean_environment, karb

COMMANDS = (["profiles"], ["profiles", "--json"], ["--help"], ["devig", "--help"])
SHOWN = (["profiles"], ["doctor"], ["config", "show"])


def with_stdout(handle: int, *arguments: str, folder: Path, **extra: str) -> tuple[int, str]:
    """Run karb with stdout on a file descriptor; answers exit code and stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "karb", *arguments],
        cwd=folder,
        env=clean_environment(**extra),
        stdout=handle,
        stderr=subprocess.PIPE,
        text=True,
        timeout=25,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_reader_that_has_gone_is_no_error(
    tmp_path: Path, command: list[str], encoding: str
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = with_stdout(writer, *command, folder=tmp_path, PYTHONIOENCODING=encoding)
    os.close(writer)
    assert ended == (ExitCode.OK, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_full_disk_is_one_line(tmp_path: Path, command: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        code, told = with_stdout(full.fileno(), *command, folder=tmp_path)
    assert code == ExitCode.FAILURE
    assert "cannot write to standard output: no space left on device" in told
    assert len(told.splitlines()) == 1
    assert "should not happen" not in told


def on_a_terminal(*arguments: str, folder: Path, width: int) -> list[str]:
    """The lines that karb writes to a terminal of that width, without colour."""
    main, end = pty.openpty()
    termios.tcsetwinsize(end, (50, width))
    environment = clean_environment(NO_COLOR="1", TERM="xterm", HOME=str(folder))
    del environment["COLUMNS"]
    process = subprocess.Popen(
        [sys.executable, "-m", "karb", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=end,
        stderr=subprocess.PIPE,
    )
    os.close(end)
    seen = bytearray()
    try:
        while piece := os.read(main, 65536):
            seen += piece
    except OSError:
        pass  # Linux says EIO at the end of a terminal whose other side was closed.
    _, told = process.communicate(timeout=25)
    os.close(main)
    assert process.returncode == 0, told
    return without_style(seen.decode()).replace("\r\n", "\n").splitlines()


def without_style(text: str) -> str:
    """The text without bold and dim, which NO_COLOR leaves."""
    import re

    return re.sub(r"\x1b\[[\d;]*m", "", text)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("command", SHOWN, ids=" ".join)
def test_no_word_is_broken_on_a_narrow_terminal(
    tmp_path: Path, command: list[str], width: int
) -> None:
    """Every word of the plain answer stands whole on the terminal: names, paths, URLs."""
    words = karb(*command, folder=tmp_path, HOME=str(tmp_path)).stdout.split()
    plain = {word for word in words if not set(word) <= {"-"}} - {"not", "a", "terminal:", "plain"}
    seen = set(" ".join(on_a_terminal(*command, folder=tmp_path, width=width)).split())
    assert plain - seen - {"output,"} == set()


def test_the_profiles_fit_80_columns_and_keep_their_names(tmp_path: Path) -> None:
    lines = on_a_terminal("profiles", folder=tmp_path, width=80)
    assert max(map(len, lines)) <= 80
    heading = next(line for line in lines if "CONSERVATIVE" in line).split()
    assert [name.rstrip("*") for name in heading] == list(profile_names())
    assert any(line.startswith("in play ") and "flatten" in line for line in lines)


def test_only_the_last_column_wraps_where_that_is_enough(tmp_path: Path) -> None:
    lines = on_a_terminal("doctor", folder=tmp_path, width=120)
    assert max(map(len, lines)) <= 120
    row = next(i for i, line in enumerate(lines) if line.startswith("kalshi key"))
    assert "WARN" in lines[row]
    assert lines[row + 1].startswith(" " * 20)


def test_a_closed_stdout_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -m karb profiles >&-"],
        cwd=tmp_path,
        env=clean_environment(),
        stderr=subprocess.PIPE,
        text=True,
        timeout=25,
        check=False,
    )
    assert done.returncode == ExitCode.FAILURE
    assert done.stderr.startswith("karb: cannot write to standard output: it is closed")
    assert len(done.stderr.splitlines()) == 1


def test_text_from_outside_cannot_drive_the_terminal_through_stderr(tmp_path: Path) -> None:
    market = tmp_path / "markets.json"
    market.write_text('{"ticker": "KXNFLGAME-\\u001b]0;owned\\u0007-X", "yes_bid": 900}')
    done = karb("detect", "--once", "--kalshi", str(market), "--odds", str(market), folder=tmp_path)
    assert done.returncode != 0
    assert "\x1b" not in done.stderr
    assert "\x07" not in done.stderr
