"""What was recorded on its way to QuestDB: slices of entries, each a record in a file.

A record is its length, its checksum and its bytes. A process that is killed while it writes
leaves a piece of a record at the end of a file; reading stops there, and every record before
it is whole. One that is whole and cannot be read is another version's: it is passed over, and
whoever reads the file is told to keep it.

A slice holds domain values as they are, under the names of their fields, because that costs
the process that decides a quarter of what rows would. It has the number of its first row: the
rows made of it are the same ones, whoever makes them and however often.
"""

import zlib
from collections.abc import Iterator, Sequence
from itertools import chain, count
from struct import Struct
from typing import Any

import msgspec

from karb.adapters.questdb.rows import Entry, Priced, Row, Ticked, row_count, rows, table_of
from karb.adapters.questdb.tables import Table
from karb.domain.edge.signal import Signal
from karb.domain.market.messages import Trade

MAGIC = b"KARBH2\r\n"
"""What a file of records begins with."""
CANNOT_BE = (ValueError, OverflowError)
"""What encoding raises for a text or a number that no file can hold."""
_ANY_VERSION = b"KARBH"
_HEAD = Struct("<II")


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """Entries by kind. Their rows are numbered in the order of the fields, from `first` on."""

    first: int
    ticks: list[Ticked]
    trades: list[Trade]
    signals: list[Signal]
    odds: list[Priced]

    def entries(self) -> Iterator[Entry]:
        """All of them, in the order of their numbers."""
        return chain(self.ticks, self.trades, self.signals, self.odds)

    def rows(self) -> Iterator[tuple[Table, Row]]:
        """Their rows, each with its table."""
        new_seq = count(self.first).__next__
        for entry in self.entries():
            table = table_of(entry)
            for row in rows(entry, new_seq):
                yield table, row

    def row_count(self) -> int:
        """How many rows that will be."""
        plain = len(self.ticks) + len(self.trades) + len(self.signals)
        return plain + sum(map(row_count, self.odds))


def sliced(first: int, entries: Sequence[Entry]) -> Slice:
    """Entries as they were recorded, sorted by kind."""
    kinds: dict[type, list[Any]] = {Ticked: [], Trade: [], Signal: [], Priced: []}
    for entry in entries:
        kinds[type(entry)].append(entry)
    return Slice(
        first=first,
        ticks=kinds[Ticked],
        trades=kinds[Trade],
        signals=kinds[Signal],
        odds=kinds[Priced],
    )


def encode(part: Slice) -> bytes:
    """A slice as a record. Raises what `CANNOT_BE` names."""
    body = _ENCODER.encode(part)
    return _HEAD.pack(len(body), zlib.crc32(body)) + body


class Records:
    """The slices of a piece of a file, read one at a time; `begins` where the file does.

    Ends at the first that is not whole; `torn` is how many bytes are then left. `foreign` are
    bytes that another version of karb has written.
    """

    def __init__(self, data: bytes, *, begins: bool) -> None:
        self._data = data
        self._at = self.foreign = 0
        if begins and data.startswith(MAGIC):
            self._at = len(MAGIC)
        elif begins and data.startswith(_ANY_VERSION):
            self._at = self.foreign = len(data)

    @property
    def torn(self) -> int:
        """Bytes that were not read."""
        return len(self._data) - self._at

    def __iter__(self) -> Iterator[Slice]:
        while (body := self._body()) is not None:
            self._at += _HEAD.size + len(body)
            try:
                yield _DECODER.decode(body)
            except msgspec.DecodeError:
                self.foreign += _HEAD.size + len(body)

    def _body(self) -> bytes | None:
        """The bytes of the next record; None where there is no whole one."""
        start = self._at + _HEAD.size
        if start > len(self._data):
            return None
        size, checksum = _HEAD.unpack_from(self._data, self._at)
        body = self._data[start : start + size]
        whole = 0 < len(body) == size and zlib.crc32(body) == checksum
        return body if whole else None


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Slice)
