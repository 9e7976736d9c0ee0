"""How entries, batches and signals are packed: a version, whose it is, and msgpack.

The version is the first byte of everything, so that a karb which cannot read what another
one wrote says that, and not that it is broken.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import Raw

from karb.adapters.redis.rows import FORMS
from karb.domain.edge.signal import Signal
from karb.errors import DecodeError
from karb.ports import Topic

VERSION = 1
WRITER_LENGTH = 8
"""Letters in a writer's name; the sweep of `topic_table` counts on it."""
_EPOCH_LENGTH = 4
_HEADER_LENGTH = 1 + WRITER_LENGTH + _EPOCH_LENGTH

T = TypeVar("T")


class VersionError(DecodeError):
    """Packed by a karb of another version, which says nothing against what it holds."""


class Entry(NamedTuple):
    """An entry of a table: who wrote it in which epoch of his, and its value."""

    writer: str
    epoch: int
    value: Any


class Record(NamedTuple):
    """A writer's last batch, and when it left, in milliseconds."""

    epoch: int
    number: int
    at: int


class Batch(msgspec.Struct, Generic[T], array_like=True, frozen=True):
    """What a writer changed in a topic; `number` counts from 1 within an epoch."""

    writer: str
    epoch: int
    number: int
    entries: dict[str, T]
    dropped: list[str]


class Packer:
    """Packs what one writer puts into one topic."""

    def __init__(self, topic: Topic, writer: str) -> None:
        self._to_row, self._writer = FORMS[topic].to_row, writer
        self._encode = msgspec.msgpack.Encoder().encode

    def values(self, keys: Iterable[str], living: Mapping[str, Any]) -> dict[str, bytes]:
        """The values of some keys, for `header` to stand before and for `batch`."""
        encode, to_row = self._encode, self._to_row
        return {key: encode(to_row(living[key])) for key in keys}

    def header(self, epoch: int) -> bytes:
        """What stands before a value in the table."""
        return bytes([VERSION]) + self._writer.encode() + epoch.to_bytes(_EPOCH_LENGTH, "big")

    def batch(
        self, epoch: int, number: int, values: Mapping[str, bytes], dropped: list[str]
    ) -> bytes:
        """A batch of packed values."""
        entries = {key: Raw(value) for key, value in values.items()}
        batch = Batch(self._writer, epoch, number, entries, dropped)
        return bytes([VERSION]) + self._encode(batch)


class Unpacker:
    """Reads what writers have put into one topic. Raises `DecodeError`."""

    def __init__(self, topic: Topic) -> None:
        self._what, self._from_row = f"entry of {topic.value}", FORMS[topic].from_row
        row: Any = FORMS[topic].row
        self._row = msgspec.msgpack.Decoder(row)
        self._batch = msgspec.msgpack.Decoder(Batch[row])

    def entry(self, key: str, data: bytes) -> Entry:
        """An entry of the table."""
        _check_version(data, self._what)
        row = _decoded(self._row, data[_HEADER_LENGTH:], self._what)
        writer = data[1 : 1 + WRITER_LENGTH].decode("ascii", "replace")
        epoch = int.from_bytes(data[1 + WRITER_LENGTH : _HEADER_LENGTH], "big")
        return Entry(writer, epoch, self._from_row(key, row))

    def batch(self, data: bytes) -> Batch[Any]:
        """A batch, with the values themselves."""
        _check_version(data, self._what)
        batch = _decoded(self._batch, data[1:], self._what)
        make = self._from_row
        entries = {key: make(key, row) for key, row in batch.entries.items()}
        return Batch(batch.writer, batch.epoch, batch.number, entries, batch.dropped)


def pack_record(record: Record) -> bytes:
    """As the table of writers has it."""
    return b"%d %d %d" % record


def unpack_record(data: bytes) -> Record:
    """A record of a writer; raises `DecodeError`."""
    try:
        return Record(*map(int, data.split()))
    except (TypeError, ValueError):
        raise DecodeError("the record of a writer in Redis cannot be read") from None


def text(data: bytes) -> str:
    """A key; raises `DecodeError`."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise DecodeError("a key in Redis is not text") from None


_signal = msgspec.msgpack.Decoder(Signal)
_encode_signal = msgspec.msgpack.Encoder().encode


def pack_signal(signal: Signal) -> bytes:
    """A signal as the stream has it."""
    return bytes([VERSION]) + _encode_signal(signal)


def unpack_signal(data: bytes) -> Signal:
    """A signal of the stream; raises `DecodeError`."""
    _check_version(data, "entry of signals")
    signal: Signal = _decoded(_signal, data[1:], "entry of signals")
    return signal


def _check_version(data: bytes, what: str) -> None:
    if not data:
        raise DecodeError(f"an {what} in Redis is empty")
    if data[0] != VERSION:
        raise VersionError(
            f"an {what} in Redis has version {data[0]}, this karb reads {VERSION}",
            means="it is left out",
            do="run the same version of karb everywhere",
        )


def _decoded(decoder: msgspec.msgpack.Decoder[Any], data: bytes, what: str) -> Any:
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(f"an {what} in Redis cannot be read: {error}") from None
