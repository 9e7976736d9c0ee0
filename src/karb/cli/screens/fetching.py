"""The bar while QuestDB's archive is fetched, which happens once."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def _quiet(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


@contextmanager
def fetching() -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal, from the first bytes to the last; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield _quiet
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (
        TextColumn("QuestDB's archive, once"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        yield show
