"""karb's own keys in Redis, which its processes share: tables, their writers, channels.

    karb:{topic}            hash     key to entry: a header that says whose it is, and msgpack
    karb:{topic}:writers    hash     writer to "epoch number milliseconds" of its last batch
    karb:bus:{topic}        channel  batches
    karb:signals            stream   signals

A channel has no database of its own, so its name carries the number of any but the first.
"""

from typing import NamedTuple

from karb.ports import Topic

SIGNALS = "karb:signals"

_HOUR, _DAY = 3_600, 86_400
LIVES = {Topic.QUOTES: _HOUR, Topic.MARKETS: _DAY, Topic.ODDS: 7 * _DAY, Topic.LINKS: 7 * _DAY}
"""Seconds that a table lasts when nobody writes to it any more."""

OF_THE_LIVING = frozenset({Topic.QUOTES, Topic.MARKETS})
"""Tables whose entries are worth nothing without the process that wrote them."""


class Names(NamedTuple):
    """What one topic is called in one database."""

    table: str
    writers: str
    channel: str


def names_of(topic: Topic, db: int) -> Names:
    """The names of a topic."""
    table = f"karb:{topic.value}"
    suffix = f"@{db}" if db else ""
    return Names(table, f"{table}:writers", f"karb:bus:{topic.value}{suffix}")
