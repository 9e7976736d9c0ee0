"""A picture on a terminal as lines of styled text, made to fit: figures whole, words cut.

A price of which the end is missing is another price, so a column of figures is shown whole or
not at all, and so is each part of a line. Only words give way inside: names of teams, reasons.
Tables are laid out here and not by Rich, which would cut anything, and needs ten times as long.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import RenderableType

GAP = 2
_LABEL = 8


class Span(NamedTuple):
    """Text of one style, which is Rich's."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


class Column(NamedTuple):
    """A column of a table, at least so wide: figures, to the right unless `left` says otherwise,
    take as much as they have, words what is left over."""

    least: int
    words: bool = False
    left: bool = False


class Row(NamedTuple):
    """One row: its cells by the names of their columns."""

    cells: Mapping[str, str]
    style: str = ""


def flowed(label: str, parts: Sequence[Span], width: int, *, most: int = 9) -> list[Line]:
    """Parts behind a label, each whole, over as many lines as they need, at most `most`."""
    lines: list[list[Span]] = []
    room = 0
    for part in parts:
        text = cut(part.text, width - _LABEL)
        if GAP + cells(text) > room or not lines:
            if len(lines) == most:
                break
            lines.append([Span(("" if lines else label).ljust(_LABEL)), Span(text, part.style)])
            room = width - _LABEL - cells(text)
        else:
            lines[-1] += [Span(" " * GAP), Span(text, part.style)]
            room -= GAP + cells(text)
    return [tuple(line) for line in lines]


def paragraph(text: str, style: str, width: int, most: int) -> list[Line]:
    """A sentence over at most so many lines; what does not fit is missed visibly."""
    lines = wrap(
        text,
        width,
        subsequent_indent="  ",
        break_on_hyphens=False,
        max_lines=most,
        placeholder=" …",
    )
    return [(Span(line, style),) for line in lines]


def cut(text: str, width: int) -> str:
    """Text in at most so many cells of a terminal."""
    if cells(text) <= width:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, max(0, width - 1)).rstrip() + "…"


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


class Table:
    """Which columns there is room for, and how wide they are, for rows that stand together.

    `columns` are in the order in which they are shown, `dearest` in the order in which they
    stay: the first is always there.
    """

    def __init__(
        self,
        columns: Mapping[str, Column],
        dearest: Sequence[str],
        rows: Sequence[Row],
        width: int,
    ) -> None:
        self._columns = columns
        needs = {name: _need(name, column, rows) for name, column in columns.items()}
        needs[dearest[0]] = min(width, needs[dearest[0]])
        shown = _fitting(dearest, needs, width)
        self.widths = {name: needs[name] for name in columns if name in shown}
        rest = width - sum(self.widths.values()) - GAP * (len(self.widths) - 1)
        for name in self.widths:
            if columns[name].words:
                longest = max((cells(row.cells[name]) for row in rows), default=0)
                more = max(0, min(rest, longest - self.widths[name]))
                self.widths[name] += more
                rest -= more

    def heading(self, **said: str) -> Line:
        """The columns' names, or what is said in the place of one."""
        return (Span(self._aligned({name: name for name in self.widths} | said), "bold"),)

    def line(self, row: Row) -> Line:
        """One row."""
        return (Span(self._aligned(row.cells), row.style),)

    def _aligned(self, texts: Mapping[str, str]) -> str:
        return (" " * GAP).join(self._cell(name, texts[name]) for name in self.widths).rstrip()

    def _cell(self, name: str, text: str) -> str:
        text = cut(text, self.widths[name])
        blank = " " * (self.widths[name] - cells(text))
        column = self._columns[name]
        return text + blank if column.words or column.left else blank + text


def _need(name: str, column: Column, rows: Sequence[Row]) -> int:
    if column.words:
        return column.least
    return max(column.least, len(name), *(cells(row.cells[name]) for row in rows), 0)


def _fitting(dearest: Sequence[str], needs: Mapping[str, int], width: int) -> set[str]:
    """The columns that there is room for; a dear one too many leaves none to a cheaper one."""
    shown = {dearest[0]}
    left = width - needs[dearest[0]]
    for name in islice(dearest, 1, None):
        left -= needs[name] + GAP
        if left < 0:
            break
        shown.add(name)
    return shown


def rendered(lines: Sequence[Line]) -> "RenderableType":
    """The picture for Rich, which has nothing left to lay out."""
    from rich.segment import Segment, Segments
    from rich.style import Style

    segments: list[Segment] = []
    for line in lines:
        if segments:
            segments.append(Segment.line())
        segments += [Segment(span.text, Style.parse(span.style)) for span in line]
    return Segments(segments)
