"""Whether this process is the only one of its kind over the stores of the settings."""

from collections.abc import Iterator
from contextlib import contextmanager

from karb.adapters.local.lock import single_flight
from karb.wiring.settings import current
from karb.wiring.stores import data_folder


@contextmanager
def alone_as(name: str) -> Iterator[bool]:
    """False where another process of this data folder is inside already, under this name."""
    with single_flight(data_folder(current().settings), name) as alone:
        yield alone
