"""What every command of karb has in common: help, JSON, errors, exit codes, plain output."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from karb.cli.lazy import names
from karb.errors import ExitCode
from karb_process import clean_environment, document, karb

COMMANDS = list(names())
READY = (["profiles"], ["profiles", "SCALP"], ["config", "show"], ["config", "check"], ["doctor"])
"""Commands that answer without any input."""


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself(tmp_path: Path, name: str, flag: str) -> None:
    done = karb(name, flag, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: karb {name}")


def test_help_lists_every_command_with_its_summary(tmp_path: Path) -> None:
    text = karb("--help", folder=tmp_path).stdout
    lines = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}
    for name in COMMANDS:
        assert len(lines[name]) >= 3, name


def test_help_prints_the_exit_codes(tmp_path: Path) -> None:
    text = karb("--help", folder=tmp_path).stdout
    for code in ExitCode:
        assert f"{code.value:>3}  {code.meaning}" in text


@pytest.mark.parametrize("command", READY, ids=" ".join)
def test_json_may_stand_before_or_after_and_is_one_document(
    tmp_path: Path, command: list[str]
) -> None:
    after, before = (
        karb(*command, "--json", folder=tmp_path),
        karb("--json", *command, folder=tmp_path),
    )
    assert after.returncode == before.returncode == 0
    assert document(after) == document(before)
    name, version = document(after)["schema"].split("/")
    assert name.startswith(f"karb.{command[0]}")
    assert version.isdigit()


@pytest.mark.parametrize("command", READY, ids=" ".join)
def test_off_a_terminal_there_is_no_colour_and_no_broken_row(
    tmp_path: Path, command: list[str]
) -> None:
    done = karb(*command, folder=tmp_path, FORCE_COLOR="1", COLUMNS="20")
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stdout == karb(*command, folder=tmp_path, COLUMNS="200").stdout


def test_an_unknown_command_gets_the_nearest_and_exit_2(tmp_path: Path) -> None:
    done = karb("profile", folder=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "Did you mean profiles?" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["profile"], ExitCode.USAGE),
        (["profiles", "--jsn"], ExitCode.USAGE),
        (["profiles", "one", "two"], ExitCode.USAGE),
        (["profiles", "nobody"], ExitCode.CONFIG),
        (["profiles", "./none.toml"], ExitCode.CONFIG),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value.name,
)
def test_an_error_is_one_json_object_on_stderr_when_json_was_asked_for(
    tmp_path: Path, arguments: list[str], code: ExitCode
) -> None:
    done = karb("--json", *arguments, folder=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    told = json.loads(done.stderr)
    assert told["schema"] == "karb.error/1"
    assert told["exit_code"] == code
    assert told["what"]
    assert told["do"]
    plain = karb(*arguments, folder=tmp_path)
    assert (plain.returncode, plain.stdout) == (code, "")
    assert told["what"] in " ".join(plain.stderr.split())


def test_an_error_has_no_traceback_unless_asked_for(tmp_path: Path) -> None:
    assert "Traceback" not in karb("profiles", "nobody", folder=tmp_path).stderr
    assert "Traceback" in karb("profiles", "nobody", "--debug", folder=tmp_path).stderr


def test_an_error_that_nobody_foresaw_is_one_line_and_exit_1(tmp_path: Path) -> None:
    program = (
        "import sys\nimport karb.cli.screens.profiles as screen\n"
        "def broken(*a, **k):\n    raise RuntimeError('boom')\n"
        "screen.show_profiles = broken\n"
        "from karb.cli.main import main\nsys.argv = ['karb', *sys.argv[1:]]\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "profiles"],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ExitCode.FAILURE
    assert done.stderr.startswith("karb: an error that should not happen: RuntimeError: boom;")
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_command_shows_the_help(tmp_path: Path) -> None:
    done = karb(folder=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "Usage: karb" in done.stdout + done.stderr


def test_completion_can_be_shown_and_knows_commands_and_profiles(tmp_path: Path) -> None:
    def complete(words: str) -> list[str]:
        asked = {"_KARB_COMPLETE": "complete_bash", "COMP_WORDS": words}
        count = str(len(words.split(" ")) - 1)
        return karb(folder=tmp_path, COMP_CWORD=count, **asked).stdout.split()

    assert "--show-completion" in karb("--help", folder=tmp_path).stdout
    script = karb(folder=tmp_path, _KARB_COMPLETE="source_bash").stdout
    assert "_KARB_COMPLETE=complete_bash" in script
    assert complete("karb pro") == ["profiles"]
    assert "show" in complete("karb config ")
    assert "AGGRESSIVE" in complete("karb profiles ")
