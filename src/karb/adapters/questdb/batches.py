"""A few rows on their way to QuestDB, and how they are written to disk.

A batch names its columns, so that rows which waited on disk still find theirs when another
version of karb, with other columns, delivers them. On disk a batch is a record: its length,
its checksum, its bytes. A process that is killed while it writes leaves a piece of a record
at the end of a file; reading stops there, and every record before it is whole.
"""

import zlib
from collections.abc import Iterator, Sequence
from struct import Struct

import msgspec

from karb.adapters.questdb.rows import Row
from karb.adapters.questdb.tables import Table

MAGIC = b"KARBH1\r\n"
"""What a file of records begins with."""
_HEAD = Struct("<II")


class Group(msgspec.Struct, frozen=True, array_like=True):
    """Rows of one table. `columns` names their values."""

    table: str
    columns: tuple[str, ...]
    rows: list[Row]


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """Rows of one moment, by table."""

    groups: tuple[Group, ...]

    def __len__(self) -> int:
        return sum(len(group.rows) for group in self.groups)

    def counts(self) -> dict[str, int]:
        """How many rows of each table."""
        return {group.table: len(group.rows) for group in self.groups}


def group(table: Table, rows: Sequence[Row]) -> Group:
    """Rows of a table as it is now."""
    return Group(table.name, tuple(column.name for column in table.columns), list(rows))


def encode(batch: Batch) -> bytes:
    """A batch as a record."""
    body = _ENCODER.encode(batch)
    return _HEAD.pack(len(body), zlib.crc32(body)) + body


class Records:
    """The batches of a file, read one at a time.

    Ends at the first that is not whole; `torn` is how many bytes of the file are then left.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = len(MAGIC)

    @property
    def torn(self) -> int:
        """Bytes that were not read."""
        return max(0, len(self._data) - self._at)

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        body = self._body()
        if body is None:
            raise StopIteration
        try:
            batch = _DECODER.decode(body)
        except msgspec.DecodeError:  # whole, and of another version of karb
            raise StopIteration from None
        self._at += _HEAD.size + len(body)
        return batch

    def _body(self) -> bytes | None:
        """The bytes of the next record; None where there is no whole one."""
        start = self._at + _HEAD.size
        if start > len(self._data) or not self._data.startswith(MAGIC):
            return None
        size, checksum = _HEAD.unpack_from(self._data, self._at)
        body = self._data[start : start + size]
        return body if len(body) == size and zlib.crc32(body) == checksum else None


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Batch)
