"""One topic as its writer sees it: what lives, what is marked, and the batches made of it.

A batch is one transaction: it changes the table, records its number, and is published. So
whoever reads table and record together knows which batches are in what he has read.
"""

from collections.abc import Callable, Iterable
from typing import Any

from karb.adapters.redis.names import LIVES, OF_THE_LIVING, names_of
from karb.adapters.redis.packing import Packer, Record, pack_record
from karb.adapters.redis.resp import command
from karb.adapters.redis.writer import Packed, oldest
from karb.domain.units import MILLISECOND, Nanos
from karb.ports import Topic

WEIGHTS = {Topic.QUOTES: 1, Topic.MARKETS: 2, Topic.ODDS: 4, Topic.LINKS: 2}
"""How much longer than a quote an entry takes to pack."""
DEAD = {Topic.QUOTES: 60_000, Topic.MARKETS: 60_000, Topic.ODDS: 3_600_000, Topic.LINKS: 3_600_000}
"""Milliseconds of silence after which a writer counts as gone for good. One who was not (his
clock is wrong) finds his record gone and writes everything again."""

_SWEEP = """
local dead, any = {}, false
local records = redis.call('HGETALL', KEYS[2])
for i = 1, #records, 2 do
  if tonumber(string.match(records[i + 1], '(%d+)$')) < tonumber(ARGV[1]) then
    dead[records[i]], any = true, true
    redis.call('HDEL', KEYS[2], records[i])
  end
end
if any and ARGV[2] == '1' then
  local entries = redis.call('HGETALL', KEYS[1])
  for i = 1, #entries, 2 do
    if dead[string.sub(entries[i + 1], 2, 9)] then redis.call('HDEL', KEYS[1], entries[i]) end
  end
end
"""
"""In one step on the server, because somebody living may take an entry over at any moment."""

_MULTI, _EXEC = command("MULTI"), command("EXEC")


class TopicTable:
    """A source of the writer. `writer` is a name of eight letters that nobody else has."""

    def __init__(self, topic: Topic, db: int, writer: str, now: Callable[[], Nanos]) -> None:
        self._topic, self._writer, self._now = topic, writer, now
        self._names = names_of(topic, db)
        self._packer = Packer(topic, writer)
        self._life, self._weight = str(LIVES[topic]), WEIGHTS[topic]
        self._living: dict[str, Any] = {}
        self._marked: dict[str, None] = {}
        self._dropped: dict[str, None] = {}
        self._leaving: list[str] = []
        self._used = self._beating = self._sweep = False
        self._epoch = self._number = 0
        self._header = b""

    def put(self, key: str, value: Any) -> None:
        """Mark an entry."""
        self._living[key] = value
        self._marked[key] = None
        if self._dropped:
            self._dropped.pop(key, None)

    def get(self, key: str) -> Any:
        """What was put here and lives; None for what was not."""
        return self._living.get(key)

    def drop(self, key: str) -> None:
        """Mark an entry as gone, also one that somebody else has put."""
        self._living.pop(key, None)
        self._marked.pop(key, None)
        self._dropped[key] = None

    def begin(self, epoch: int) -> None:
        """Mark everything that lives, and what may not have gone."""
        self._epoch, self._number = epoch, 0
        self._header = self._packer.header(epoch)
        self._marked = dict.fromkeys(self._living)
        left = [key for key in self._leaving if key not in self._living]
        self._dropped.update(dict.fromkeys(left))
        self._leaving = []
        self._used = self._used or bool(self._marked or self._dropped)
        self._beating = self._sweep = self._used

    def beat(self) -> None:
        """Mark an empty batch, if this process has ever written here."""
        self._beating = self._used

    def renew(self) -> None:
        """Every batch renews the table; this only looks for what the dead left behind."""
        self._sweep = self._used

    def pack(self, room: int) -> Packed | None:
        """One batch of the oldest marks."""
        most = max(1, room // self._weight)
        keys = oldest(self._marked, most)
        gone = oldest(self._dropped, most - len(keys))
        if not (keys or gone or self._beating):
            return None
        self._sweep = self._sweep or not self._used
        self._used, self._beating = True, False
        values = self._packer.values(keys, self._living)
        self._leaving = gone
        commands = [*self._swept(), _MULTI, *self._changes(values, gone), _EXEC]
        count = len(values) + len(gone)
        more = bool(self._marked or self._dropped)
        return Packed(b"".join(commands), len(commands), count, count * self._weight, more)

    def settle(self, replies: list[Any]) -> bool:
        """What was dropped is gone. A record that had to be made anew was lost before."""
        self._leaving = []
        made_record = replies[-1][-4] == 1
        return not (made_record and self._number > 1)

    def _changes(self, values: dict[str, bytes], gone: list[str]) -> Iterable[bytes]:
        table, writers, channel = self._names
        self._number += 1
        if values:
            parts: list[str | bytes] = ["HSET", table]
            header = self._header
            for key, value in values.items():
                parts += key, header + value
            yield command(*parts)
        if gone:
            yield command("HDEL", table, *gone)
        record = Record(self._epoch, self._number, self._now() // MILLISECOND)
        batch = self._packer.batch(self._epoch, self._number, values, gone)
        yield command("HSET", writers, self._writer, pack_record(record))
        yield command("EXPIRE", table, self._life)
        yield command("EXPIRE", writers, self._life)
        yield command("PUBLISH", channel, batch)

    def _swept(self) -> Iterable[bytes]:
        if self._sweep:
            self._sweep = False
            heard_since = self._now() // MILLISECOND - DEAD[self._topic]
            also_entries = "1" if self._topic in OF_THE_LIVING else "0"
            table, writers, _ = self._names
            yield command("EVAL", _SWEEP, "2", table, writers, str(heard_since), also_entries)
