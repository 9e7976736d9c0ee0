"""How answers leave karb: tables for people, one JSON document for programs.

stdout is data and nothing else; `note` talks on stderr. On a terminal tables are Rich's,
imported when the first one is drawn. Off a terminal they are plain aligned text, without
colour, markup or line breaks inside a row, so that `grep` and `less -S` see whole rows, and
Rich with its 60 ms stays out. Text that came from outside is cleaned of
control characters before it is shown: a market's title cannot drive the terminal.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs.")]
Explain = Annotated[bool, typer.Option("--explain", help="Tell why everything else was refused.")]

WIDE = 240


def document(schema: str, body: dict[str, Any]) -> None:
    """Print one JSON document; `schema` names its shape and version, such as `karb.devig/1`."""
    import msgspec

    encoded = msgspec.json.encode({"schema": schema, **body})
    typer.echo(msgspec.json.format(encoded, indent=2).decode())


def note(text: str) -> None:
    """Say something to the person at the terminal, on stderr."""
    typer.echo(text, err=True)


def clean(text: str) -> str:
    """Text from outside without control, escape and direction characters."""
    return "".join(ch if ch.isprintable() else " " for ch in text)


def console() -> "Console":
    """A Rich console on stdout that behaves off a terminal."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else WIDE
    return Console(
        file=sys.stdout,
        width=width,
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
) -> None:
    """Print rows under columns; `right` names the columns that hold numbers.

    `style` is one Rich style a row ("" for none).
    """
    numbers = frozenset(right)
    cells = [tuple(clean(cell) for cell in row) for row in rows]
    if sys.stdout.isatty():
        _drawn(columns, cells, title, numbers, list(style) if style is not None else None)
        return
    if title:
        typer.echo(title)
    for line in _aligned(columns, cells, numbers):
        typer.echo(line)


def _aligned(
    columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: frozenset[str]
) -> Iterator[str]:
    """The lines of a plain table: columns two blanks apart, headings over a rule."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    rule = ["-" * width for width in widths]
    for row in (columns, rule, *rows):
        yield "  ".join(
            cell.rjust(width) if column in numbers else cell.ljust(width)
            for column, cell, width in zip(columns, row, widths, strict=True)
        ).rstrip()


def _drawn(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    title: str,
    numbers: frozenset[str],
    styles: Sequence[str] | None,
) -> None:
    """Draw a table on the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    drawn = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
        header_style="bold",
    )
    for column in columns:
        # Folded, never cut off: a ticker without its end is another ticker.
        justify: Literal["left", "right"] = "right" if column in numbers else "left"
        drawn.add_column(column, justify=justify, overflow="fold")
    for index, row in enumerate(rows):
        drawn.add_row(*row, style=styles[index] if styles else None)
    console().print(drawn)
