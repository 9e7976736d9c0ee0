"""The terminal that pictures are drawn on, one in the place of the one before, by Rich."""

from collections.abc import Callable, Sequence
from types import TracebackType

from karb.cli.output import OutputError, console
from karb.cli.screens.picture import Line, Span, rendered
from karb.cli.screens.straight import Straight

Picture = Callable[[int, int], Sequence[Line]]
"""The lines for a terminal of so many columns and lines."""
_CURSOR = (Span(" "),)
"""A line of its own. At the end of a full one a terminal would break the line for the `^C` that
ends karb; Rich would not know, and leave the picture's first line where it was."""


class Screen:
    """Entered, drawn on and left by one thread, which may have to wait for the terminal."""

    def __init__(self, terminal: Straight) -> None:
        from rich.live import Live

        self._terminal = terminal
        # Not redirected: whoever writes to stderr would do it through the terminal, and wait.
        self._live = Live(
            console=console(terminal),
            auto_refresh=False,
            vertical_overflow="crop",
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> None:
        self._live.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._live.stop()

    def draw(self, picture: Picture) -> None:
        """Draw the next picture.

        Raises `OutputError` once the terminal is gone: Rich would go on without a word, and
        what runs with nobody to see it should not.
        """
        if not self._terminal.isatty():
            raise OutputError(
                "the terminal is gone",
                means="nobody sees what karb finds, so it ends",
                do="run it in tmux, or with --json into a file",
            )
        size = self._live.console.size
        lines = picture(size.width, size.height - 1)
        self._live.update(rendered([*lines, _CURSOR]), refresh=True)
