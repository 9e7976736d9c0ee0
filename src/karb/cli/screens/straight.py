"""stdout and stderr without Python's buffer, for a thread that may be stuck in them.

The buffer has a lock, which a thread that waits for a reader would hold, and the interpreter
cannot end before it has that lock. What is written here goes to the file descriptor itself.
"""

import os
from io import FileIO
from select import select
from typing import TextIO

from karb.cli.output import Stdout


class Straight:
    """A stream as Rich takes one. Its errors are those of `Stdout`."""

    def __init__(self, stream: TextIO) -> None:
        stream.flush()
        self.encoding = stream.encoding
        self._raw = Stdout(FileIO(stream.fileno(), "w", closefd=False))

    def fileno(self) -> int:
        """The descriptor."""
        handle: int = self._raw.fileno()
        return handle

    def isatty(self) -> bool:
        """Whether it is a terminal, and somebody is there still."""
        return os.isatty(self.fileno())

    def write(self, text: str) -> int:
        """Write text in the stream's own encoding."""
        self.send(text.encode(self.encoding, "replace"))
        return len(text)

    def send(self, data: bytes) -> None:
        """Write bytes, all of them, however long it takes."""
        left = memoryview(data)
        while left:
            sent: int | None = self._raw.write(left)
            if sent is None:  # it was opened as one that does not block
                select([], [self], [])
            else:
                left = left[sent:]

    def flush(self) -> None:
        """Nothing waits here."""
