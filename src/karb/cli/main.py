"""The entry point: find the command, run it, and end with the right exit code.

An error that ends the command is told here: what happened, what it means, what to type next,
on stderr, as one JSON object when the command was asked for JSON. A traceback appears only
with `--debug`, which changes nothing else; an error nobody foresaw is said through
`sys.excepthook`, so that no broad `except` hides it.
"""

import os
import sys
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from traceback import print_exception
from types import TracebackType
from typing import Annotated, Any, NoReturn, TextIO, cast

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError

from karb import __version__
from karb.cli.lazy import LazyGroup
from karb.cli.output import OutputError, ReaderGoneError, Stdout, tell
from karb.errors import ExitCode, KarbError, UsageError

_EXIT_CODES = "\n".join(f"{code.value:>3}  {code.meaning}" for code in ExitCode)
_ANYWHERE = ("--json", "--debug")
_PLAIN = {
    "a valid float range": "a number",
    "a valid float": "a number",
    "a valid int range": "a whole number",
    "a valid int": "a whole number",
}
"""What Typer says in a programmer's words; a longer text stands before its beginning."""

app = typer.Typer(
    cls=LazyGroup,
    name="karb",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExit codes:\n" + _EXIT_CODES + "\n\n"
    "--json (one document) and --debug (the traceback of an error) may stand before or after "
    "the command.",
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"karb {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Kalshi's sports markets against the sportsbooks' fair price: find the edge, net of fees."""
    del version


def anywhere(arguments: list[str]) -> tuple[list[str], bool]:
    """Move flags that may stand anywhere behind the command; say whether to debug."""
    command = next((i for i, word in enumerate(arguments) if not word.startswith("-")), None)
    if command is None:
        return [word for word in arguments if word != "--debug"], "--debug" in arguments
    leading = [word for word in arguments[:command] if word in _ANYWHERE]
    moved = [word for word in arguments[:command] if word not in _ANYWHERE]
    moved += arguments[command:]
    end = moved.index("--") if "--" in moved else len(moved)
    moved[end:end] = [word for word in leading if word not in moved[:end]]
    debug = "--debug" in moved
    return [word for word in moved if word != "--debug"], debug


def main() -> NoReturn:
    """Run karb with the process's arguments."""
    arguments, debug = anywhere(sys.argv[1:])
    as_json = "--json" in arguments
    if not debug:
        sys.excepthook = partial(_unforeseen, as_json=as_json)
    out = Stdout(sys.stdout)
    try:
        out.check()
        with redirect_stdout(cast("TextIO", out)):
            sys.exit(_run(arguments))
    except (KarbError, ClickException) as error:
        if debug:
            print_exception(error)
        told = _usage(error) if isinstance(error, ClickException) else error
        if isinstance(told, OutputError):
            out.abandon()
        tell(told, as_json=as_json)
        sys.exit(told.exit_code)
    except (KeyboardInterrupt, EOFError, typer.Abort):
        sys.exit(ExitCode.INTERRUPTED)
    except ReaderGoneError:
        out.abandon()
        sys.exit(ExitCode.OK)


def _run(arguments: list[str]) -> int:
    """Find and run the command; answer its exit code.

    Not `command.main`, which would put an exit code of 1 in the place of a reader's choice to
    read no further. Only the shell's completion needs it, and never comes back.
    """
    command: Any = typer.main.get_command(app)
    if "_KARB_COMPLETE" in os.environ:
        command.main(args=arguments, prog_name="karb")
    try:
        with command.make_context("karb", arguments) as context:
            command.invoke(context)
    except NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except typer.Exit as ended:
        return ended.exit_code
    return ExitCode.OK


def _usage(error: ClickException) -> UsageError:
    """Typer's complaint about a command line in one sentence, and where the help is."""
    message = " ".join(error.format_message().split()).removesuffix(".")
    message = message[:1].lower() + message[1:]
    for theirs, plain in _PLAIN.items():
        message = message.replace(theirs, plain)
    context: Any = getattr(error, "ctx", None)
    what, _, hint = message.partition(". ")
    if "unexpected extra argument" in what and _takes_files(context, what):
        hint = "give the folder, or repeat the option for each file"
    help_ = f"see {context.command_path if context else 'karb'} --help"
    return UsageError(what, do=f"{hint[:1].lower()}{hint[1:]}; {help_}" if hint else help_)


def _takes_files(context: Any, message: str) -> bool:
    """Whether words too many are files that the shell found for a pattern like `*.json`."""
    words = message.rpartition(" (")[2].removesuffix(")").split()
    repeatable = any(getattr(parameter, "multiple", False) for parameter in context.command.params)
    return repeatable and any(Path(word).exists() for word in words)


def _unforeseen(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None, *, as_json: bool
) -> None:
    """Say an error that nobody foresaw in one line; Python then ends with exit code 1."""
    del trace
    told = KarbError(
        f"an error that should not happen: {kind.__name__}: {error}",
        means="nothing was traded",
        do="run the same command with --debug and report what it prints",
    )
    tell(told, as_json=as_json)


if __name__ == "__main__":
    main()
