"""Records for tests of the spool: slices that no other is like, and what lies on disk of them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from karb.adapters.questdb.backlog import Backlog
from karb.adapters.questdb.records import Records, Slice, encode, sliced
from karb.adapters.questdb.rows import Ticked
from karb.adapters.questdb.spool import Piece
from situations import quote


def part(number: int = 0, size: int = 3) -> Slice:
    """Ticks whose first row has this number."""
    return sliced(number, [Ticked(quote(), 48)] * size)


def record(number: int = 0, size: int = 3) -> bytes:
    """The same as it lies in a file."""
    return encode(part(number, size))


def read(piece: Piece) -> Records:
    """What stands in a piece of a file."""
    data = piece.path.read_bytes()[piece.begin : piece.end]
    return Records(data, begins=piece.begin == 0)


def numbers(piece: Piece) -> list[int]:
    """The first number of each of its slices."""
    return [each.first for each in read(piece)]


def left(spool: Path) -> list[tuple[int, int]]:
    """Time and number of every row that lies on disk, as the next process finds them."""
    with closing(Backlog(spool)) as heir:
        heir.adopt()
        return list(_rows(heir))


def _rows(backlog: Backlog) -> Iterator[tuple[int, int]]:
    while (piece := backlog.next()) is not None:
        for each in read(piece):
            yield from ((row.at, row.seq) for _, row in each.rows())
        backlog.settle(piece, keep=False)
