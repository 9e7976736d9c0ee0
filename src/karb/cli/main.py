"""The entry point: find the command, run it, and end with the right exit code.

Errors are told here and nowhere else: what happened, what it means, what to type next, on
stderr, as one JSON object when the command was asked for JSON. A traceback appears only
with `--debug`; an error nobody foresaw is said through `sys.excepthook`, so that no broad
`except` hides it.
"""

import os
import sys
from types import TracebackType
from typing import Annotated, Any, NoReturn

import typer
from typer._click.exceptions import ClickException

from karb import __version__
from karb.cli.lazy import LazyGroup
from karb.errors import ExitCode, KarbError, UsageError

_EXIT_CODES = "\n".join(f"{code.value:>3}  {code.meaning}" for code in ExitCode)
_ANYWHERE = ("--json", "--debug")

app = typer.Typer(
    cls=LazyGroup,
    name="karb",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExit codes:\n" + _EXIT_CODES + "\n\n"
    "--json and --debug may stand before or after the command.",
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
        sys.excepthook = _unforeseen
    # Not app(...): Typer would put its own excepthook in the place of ours.
    command: Any = typer.main.get_command(app)
    try:
        code = command.main(args=arguments, prog_name="karb", standalone_mode=False)
    except KarbError as error:
        if debug:
            raise
        tell(error, as_json=as_json)
        sys.exit(error.exit_code)
    except ClickException as error:
        _tell_usage(error, as_json=as_json)
        sys.exit(error.exit_code)
    except typer.Abort:
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader (head, less) has seen enough; silence the flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.OK)
    sys.exit(code if isinstance(code, int) else ExitCode.OK)


def _tell_usage(error: ClickException, *, as_json: bool) -> None:
    """Say what is wrong with the command line; for people with the usage line above it."""
    if as_json:
        tell(UsageError(error.format_message(), do="see --help"), as_json=True)
    else:
        error.show()


def tell(error: KarbError, *, as_json: bool) -> None:
    """Say an error on stderr, for people or as JSON."""
    if as_json:
        import msgspec

        body: dict[str, Any] = {
            "schema": "karb.error/1",
            "error": type(error).__name__,
            "what": error.what,
            "means": error.means,
            "do": error.do,
            "exit_code": int(error.exit_code),
            "retryable": error.retryable,
        }
        typer.echo(msgspec.json.encode(body).decode(), err=True)
    else:
        typer.echo(f"karb: {error}", err=True)


def _unforeseen(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say an error that nobody foresaw in one line; Python then ends with exit code 1."""
    del trace
    typer.echo(
        f"karb: an error that should not happen: {kind.__name__}: {error}; nothing was traded; "
        "run the same command with --debug and report what it prints",
        err=True,
    )


if __name__ == "__main__":
    main()
