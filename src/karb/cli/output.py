"""How answers leave karb: tables for people, one JSON document for programs.

stdout is data and nothing else, and all of it goes through `Stdout`; `note` talks on stderr.
On a terminal tables are Rich's, imported when the first one is drawn. Off a terminal they
are plain aligned text, without colour, markup or line breaks inside a row, so that `grep`
and `less -S` see whole rows, and Rich with its 60 ms stays out. Text that came from outside
is cleaned of control characters before it is shown: a market's title cannot drive the
terminal.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from karb.errors import KarbError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs.")]


def _profiles() -> list[str]:
    from karb.config.profiles import profile_names

    return list(profile_names())


def profile_option(default: str) -> Any:
    """`--profile`, and what stands for it where it is left out."""
    return typer.Option(
        "--profile",
        metavar="NAME",
        help=f"A trading profile or a .toml file; default {default}.",
        autocompletion=_profiles,
    )


ProfileName = Annotated[str | None, profile_option("TRADING_PROFILE")]
Explain = Annotated[bool, typer.Option("--explain", help="Tell why everything else was refused.")]

_GAP = "  "
_TIGHT = " "


class ReaderGoneError(Exception):
    """The program that reads stdout (head, less) has seen enough and closed it."""


class OutputError(KarbError):
    """stdout does not take what karb writes."""


class Stdout:
    """stdout, with its own errors told apart from those of any other file or socket.

    Whatever writes there does so through this: karb, Typer's help, Rich. Nobody has to
    guess later whose broken pipe or full disk it was.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        """Everything but writing is the stream's own."""
        return getattr(self._stream, name)

    @property
    def buffer(self) -> "Stdout":
        """The bytes below, which Typer writes to by itself where the encoding is ASCII."""
        return Stdout(self._stream.buffer)

    def write(self, data: Any) -> int:
        """Write text, or bytes to the buffer."""
        try:
            written: int = self._stream.write(data)
        except OSError as error:
            raise _told(error) from None
        return written

    def flush(self) -> None:
        """Hand over what was written."""
        try:
            self._stream.flush()
        except OSError as error:
            raise _told(error) from None

    def check(self) -> None:
        """Refuse to begin when the shell closed stdout (`karb profiles >&-`)."""
        if self._stream is None:
            raise _unwritable("it is closed")

    def abandon(self) -> None:
        """Let Python's own flush at exit go nowhere, instead of failing again."""
        if self._stream is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


def _told(error: OSError) -> Exception:
    if isinstance(error, BrokenPipeError):
        return ReaderGoneError()
    return _unwritable((error.strerror or str(error)).lower())


def _unwritable(reason: str) -> OutputError:
    return OutputError(
        f"cannot write to standard output: {reason}",
        means="the answer is not complete",
        do="make room, or send it elsewhere",
    )


def emit(text: str) -> None:
    """Print a line, or lines, of data."""
    typer.echo(text)


def document(schema: str, body: dict[str, Any]) -> None:
    """Print one JSON document; `schema` names its shape and version, such as `karb.devig/1`."""
    import msgspec

    encoded = msgspec.json.encode({"schema": schema, **body})
    emit(msgspec.json.format(encoded, indent=2).decode())


def note(text: str) -> None:
    """Say something to the person at the terminal, on stderr, a line, cleaned."""
    typer.echo(clean(text), err=True)


def tell(error: KarbError, *, as_json: bool) -> None:
    """Say an error on stderr, for people or as JSON."""
    if not as_json:
        note(f"karb: {error}")
        return
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


def clean(text: str) -> str:
    """Text from outside without control, escape and direction characters."""
    return "".join(ch if ch.isprintable() else " " for ch in text)


def console(file: Any = None) -> "Console":
    """A Rich console on the terminal, or a file that stands for it, as wide as that is."""
    from rich.console import Console

    return Console(
        file=file or sys.stdout,
        highlight=False,
        emoji=False,
        markup=False,
        no_color=True if os.environ.get("NO_COLOR") else None,
    )


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str = "",
    right: Iterable[str] = (),
    style: Iterable[str] | None = None,
    tight: bool = False,
) -> None:
    """Print rows under columns; `right` names the columns that hold numbers.

    `style` is one Rich style a row ("" for none); `tight` puts one blank between columns.
    """
    numbers = frozenset(right)
    cells = [tuple(clean(cell) for cell in row) for row in rows]
    styles = list(style) if style is not None else [""] * len(cells)
    if sys.stdout.isatty() and _drawn(columns, cells, title, numbers, styles, tight=tight):
        return
    if title:
        emit(title)
    for line in _aligned(columns, cells, numbers, _TIGHT if tight else _GAP):
        emit(line)


def _aligned(
    columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: frozenset[str], gap: str
) -> Iterator[str]:
    """The lines of a plain table: headings over a rule."""
    widths = _widths(columns, rows)
    rule = ["-" * width for width in widths]
    for row in (columns, rule, *rows):
        yield gap.join(
            cell.rjust(width) if column in numbers else cell.ljust(width)
            for column, cell, width in zip(columns, row, widths, strict=True)
        ).rstrip()


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(columns, *rows, strict=True)]


def _drawn(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    title: str,
    numbers: frozenset[str],
    styles: Sequence[str],
    *,
    tight: bool,
) -> bool:
    """Draw a table on the terminal, or answer False where it is too narrow for that.

    Only the last column may wrap, and only at blanks: half a ticker is another ticker, and a
    path in two pieces cannot be copied. Where not even that fits, the plain table is
    printed, and the terminal wraps it without putting a line break into what is copied.
    """
    screen = console()
    widths = _widths(columns, rows)
    last = [word for row in (columns, *rows) for word in row[-1].split()]
    gaps = len(_TIGHT if tight else _GAP) * (len(columns) - 1)
    if sum(widths[:-1]) + gaps + max(map(len, last), default=0) > screen.width:
        return False
    drawn = _empty_table(tight=tight)
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in numbers else "left"
        drawn.add_column(column, justify=justify, no_wrap=column is not columns[-1])
    for row, style in zip(rows, styles, strict=True):
        drawn.add_row(*row, style=style or None)
    with screen.capture() as captured:
        if title:
            screen.print(title, style="bold", soft_wrap=True)
        screen.print(drawn)
    emit("\n".join(line.rstrip() for line in captured.get().splitlines()))
    return True


def _empty_table(*, tight: bool) -> "Table":
    """Columns as far apart as in the plain table: the box draws one blank, padding the other."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 0) if tight else (0, 1, 0, 0),
        header_style="bold",
    )
