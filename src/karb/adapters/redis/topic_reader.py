"""One topic as a reader sees it: which batch of which writer is next, and who is silent.

Free of I/O. A batch that is not the next one, one that cannot be read, a line that broke
and a writer of quotes that has not been heard for a second all end in the same way: `stale`
is called, nothing more is handed over, and the whole table is asked for. A quote is live
only while its writer is heard, and was written in the epoch of his that goes on.
"""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from karb.adapters.redis.packing import Entry, Unpacker, VersionError, text, unpack_record
from karb.errors import DecodeError
from karb.ports import News, Topic

PAUSE = 0.2
"""Seconds between two readings of a table that breaks again and again."""


class _Writer(msgspec.Struct):
    """What is known of a writer. `heard` is the loop's time; None: not since it was silent."""

    epoch: int
    number: int
    heard: float | None


class TopicReader:
    """Takes batches and whole tables in the order in which the server made them.

    `wants_at` is the loop's time at which the whole table should be asked for, None when it
    is known or under way. `silence` is in seconds, None for topics that may be silent.
    """

    def __init__(
        self,
        topic: Topic,
        *,
        take: Callable[[News], None],
        stale: Callable[[Topic], None],
        unread: Callable[[DecodeError], None],
        silence: float | None,
    ) -> None:
        self._topic, self._take, self._stale, self._unread = topic, take, stale, unread
        self._silence = silence
        self._unpacker = Unpacker(topic)
        self._writers: dict[str, _Writer] = {}
        self._whole = self._told = False
        self._asked_at = -PAUSE
        self.wants_at: float | None = 0.0

    def on_asked(self, now: float) -> None:
        """The whole table was asked for."""
        self.wants_at, self._asked_at = None, now

    def on_batch(self, data: bytes, now: float) -> None:
        """Take a batch; one that comes before the whole table is in it."""
        try:
            batch = self._unpacker.batch(data)
        except VersionError as error:
            self._unread(error)
            return
        except DecodeError as error:
            self._unread(error)
            self._break(now)
            return
        if self._is_next(batch.writer, batch.epoch, batch.number, now):
            gone = dict.fromkeys(batch.dropped)
            if batch.entries or gone or self._silence is not None:
                self._take(News(self._topic, batch.entries | gone))

    def on_whole(self, table: Mapping[bytes, bytes], writers: Mapping[bytes, bytes]) -> None:
        """Take the table and its writers' records, read in one step."""
        self._writers = dict(self._recorded(writers))
        entries = dict(self._read(table))
        self._whole = self._told = True
        self._take(News(self._topic, entries, whole=True))

    def check(self, now: float) -> None:
        """Call `stale` when a writer that was heard has been silent for too long."""
        if self._silence is None:
            return
        silent = [each for each in self._writers.values() if self._is_silent(each, now)]
        for writer in silent:
            writer.heard = None
        if silent:
            self._break(now)

    def lose(self) -> None:
        """The line broke."""
        for writer in self._writers.values():
            writer.heard = None
        self._break(0.0)
        self.wants_at = 0.0

    def deadline(self) -> float | None:
        """The loop's time at which `check` could find somebody silent."""
        heard = [each.heard for each in self._writers.values() if each.heard is not None]
        return min(heard) + self._silence if heard and self._silence is not None else None

    def _recorded(self, records: Mapping[bytes, bytes]) -> Iterator[tuple[str, _Writer]]:
        """The writers by their records; one that was heard in this epoch still is."""
        for name, data in records.items():
            try:
                writer, record = text(name), unpack_record(data)
            except DecodeError as error:
                self._unread(error)
                continue
            known = self._writers.get(writer)
            heard = known.heard if known is not None and known.epoch == record.epoch else None
            yield writer, _Writer(record.epoch, record.number, heard)

    def _read(self, table: Mapping[bytes, bytes]) -> Iterator[tuple[str, object]]:
        for key, data in table.items():
            try:
                name = text(key)
                yield name, self._living(self._unpacker.entry(name, data))
            except DecodeError as error:
                self._unread(error)

    def _is_next(self, name: str, epoch: int, number: int, now: float) -> bool:
        """Note a batch; whether it follows on what was handed over."""
        known = self._writers.get(name)
        self._writers[name] = _Writer(epoch, number, now)
        if not self._whole:
            return False
        if known is None or (known.epoch != epoch and self._silence is None):
            follows = number == 1
        else:
            follows = (known.epoch, known.number + 1) == (epoch, number)
        if not follows:
            self._break(now)
        elif known is not None and known.heard is None and self._silence is not None:
            # His first sign of life: what was handed over as not live may be.
            self._whole, self.wants_at = False, now
        return self._whole

    def _living(self, entry: Entry) -> object:
        """A quote of a writer who is not heard, or of an epoch that is over, is not live."""
        if self._topic is not Topic.QUOTES or not entry.value.live:
            return entry.value
        writer = self._writers.get(entry.writer)
        if writer is not None and writer.heard is not None and writer.epoch == entry.epoch:
            return entry.value
        return msgspec.structs.replace(entry.value, live=False)

    def _is_silent(self, writer: _Writer, now: float) -> bool:
        silence = self._silence
        return silence is not None and writer.heard is not None and now - writer.heard >= silence

    def _break(self, now: float) -> None:
        self._whole = False
        if self._told:
            self._told = False
            self._stale(self._topic)
        self._want(now)

    def _want(self, now: float) -> None:
        if self.wants_at is None:
            self.wants_at = max(now, self._asked_at + PAUSE)
