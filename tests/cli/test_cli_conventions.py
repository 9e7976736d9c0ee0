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
    assert "did you mean profiles?" in done.stderr
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


def broken_karb(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """karb with a fault in it."""
    program = (
        "import sys\nimport karb.cli.screens.profiles as screen\n"
        "def broken(*a, **k):\n    raise RuntimeError('boom')\n"
        "screen.show_profiles = broken\n"
        "from karb.cli.main import main\nsys.argv = ['karb', *sys.argv[1:]]\nmain()\n"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_error_that_nobody_foresaw_is_one_line_and_exit_1(tmp_path: Path) -> None:
    done = broken_karb("profiles", folder=tmp_path)
    assert done.returncode == ExitCode.FAILURE
    assert done.stderr.startswith("karb: an error that should not happen: RuntimeError: boom;")
    assert len(done.stderr.splitlines()) == 1


def test_an_error_that_nobody_foresaw_is_json_for_who_asked_for_json(tmp_path: Path) -> None:
    done = broken_karb("profiles", "--json", folder=tmp_path)
    told = json.loads(done.stderr)
    assert (done.returncode, told["exit_code"]) == (ExitCode.FAILURE, ExitCode.FAILURE)
    assert told["schema"] == "karb.error/1"
    assert "RuntimeError: boom" in told["what"]


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["profiles", "--jsn"], "no such option: --jsn"),
        (["devig"], "missing argument 'ODDS...'"),
        (["profiles", "one", "two"], "unexpected extra argument"),
        (["map-events", "audit"], "missing option '--truth'"),
        (["map-events", "expl"], "no such command 'expl'; did you mean 'explain'?"),
        (["--jsno"], "no such option: --jsno"),
        (["history", "signals", "--min-edge", "abc"], "'--min-edge': 'abc' is not a number"),
        (["history", "latest", "--limit", "1.5"], "'--limit': '1.5' is not a whole number"),
    ],
    ids=" ".join,
)
def test_a_usage_error_is_one_line_that_points_to_the_help(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    done = karb(*arguments, folder=tmp_path)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("karb: ")
    assert message in done.stderr
    assert "; see karb" in done.stderr
    assert done.stderr.endswith(" --help\n")


def test_files_that_the_shell_found_for_a_pattern_get_a_hint(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).touch()
    done = karb("detect", "--once", "--kalshi", "a.json", "b.json", folder=tmp_path)
    assert "give the folder, or repeat the option for each file" in done.stderr
    other = karb("detect", "--once", "--kalshi", "a.json", "once", folder=tmp_path)
    assert "give the folder" not in other.stderr


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=" ".join)
def test_no_summary_is_cut_off_at_80_columns(tmp_path: Path, command: list[str]) -> None:
    text = karb(*command, "--help", folder=tmp_path, COLUMNS="80").stdout
    listed = text.partition("Commands:\n")[2].partition("\n\n")[0]
    assert "..." not in listed
    assert max(map(len, text.splitlines())) <= 80


def test_help_tells_of_the_flags_that_may_stand_anywhere(tmp_path: Path) -> None:
    text = karb("--help", folder=tmp_path).stdout
    assert "--debug" in text
    assert "--json" in text


@pytest.mark.parametrize("flags", [[], ["--json"]], ids=["text", "json"])
def test_debug_prints_the_traceback_and_ends_as_without_it(
    tmp_path: Path, flags: list[str]
) -> None:
    plain = karb("profiles", "nobody", *flags, folder=tmp_path)
    debug = karb("profiles", "nobody", *flags, "--debug", folder=tmp_path)
    assert debug.returncode == plain.returncode == ExitCode.CONFIG
    assert "Traceback" in debug.stderr
    assert debug.stderr.endswith(plain.stderr)
