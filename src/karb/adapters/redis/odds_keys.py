"""Every outcome's fair price and the books behind it: `odds:*`, as the specification has it.

An outcome without a consensus has no keys: there is no price that another program should
act upon. The sets of events are written anew as one step, so that what is gone has left.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from karb.adapters.redis.keys import (
    EVENTS,
    LAST_UPDATE,
    ODDS_LIFE,
    consensus_key,
    events_key,
    milliseconds,
    odds_fields,
    odds_key,
)
from karb.adapters.redis.resp import command
from karb.adapters.redis.writer import Packed, oldest
from karb.domain.fair.offered import Offered
from karb.domain.market.leagues import League

_WEIGHT = 6
_LIFE = str(ODDS_LIFE)
_MULTI, _EXEC = command("MULTI"), command("EXEC")


class OddsKeys:
    """A source of the writer."""

    def __init__(self) -> None:
        self._offered: dict[str, Offered] = {}
        self._marked: dict[str, None] = {}
        self._gone: set[str] = set()
        self._known = self._index = False

    def put(self, offered: Iterable[Offered]) -> None:
        """Mark all that is offered; an event that is not among these is gone."""
        before = _keys(self._offered.values())
        self._offered = {each.event.id: each for each in offered}
        self._gone = (self._gone | before) - _keys(self._offered.values())
        self._marked = dict.fromkeys(self._offered)
        self._known = self._index = True

    def begin(self, epoch: int) -> None:
        """Mark everything that lives."""
        del epoch
        self.renew()

    def beat(self) -> None:
        """Nobody waits for signs of life here."""

    def renew(self) -> None:
        """Mark everything that lives."""
        self._marked = dict.fromkeys(self._offered)
        self._index = self._known

    def pack(self, room: int) -> Packed | None:
        """The keys of the oldest marked events; with the last of them the sets."""
        if not self._index:
            return None
        events = oldest(self._marked, max(1, room // _WEIGHT))
        commands = [part for each in events for part in self._event(self._offered[each])]
        if not self._marked:
            self._index = False
            commands += self._indexes()
        count = len(events)
        return Packed(b"".join(commands), len(commands), count, count * _WEIGHT, self._index)

    def settle(self, replies: list[Any]) -> bool:
        """Nothing to note: all of it is written again when it did not arrive."""
        del replies
        return True

    def _event(self, offered: Offered) -> Iterator[bytes]:
        for outcome, books, consensus in _outcomes(offered):
            fair = offered.fair.get(outcome)
            yield _MULTI
            yield command("DEL", books, consensus)
            if fair is not None:
                fields = odds_fields(fair, offered.at)
                yield command("HSET", books, *(part for item in fields.items() for part in item))
                yield command("EXPIRE", books, _LIFE)
                yield command("SET", consensus, fields["consensus"], "EX", _LIFE)
            yield _EXEC

    def _indexes(self) -> Iterator[bytes]:
        by_key: dict[str, list[str]] = {EVENTS: list(self._offered)}
        for league in League:
            by_key[events_key(league)] = [
                key for key, each in self._offered.items() if each.event.league is league
            ]
        yield _MULTI
        yield command("DEL", *by_key, *self._gone)
        for key, members in by_key.items():
            if members:
                yield command("SADD", key, *members)
        if self._offered:
            newest = max(each.at for each in self._offered.values())
            yield command("SET", LAST_UPDATE, milliseconds(newest))
        yield _EXEC
        self._gone.clear()


def _outcomes(offered: Offered) -> Iterator[tuple[str, str, str]]:
    """Each outcome with its keys: the hash of the books, and the consensus."""
    event = offered.event
    for outcome in (*offered.fair, *offered.none):
        yield outcome, odds_key(event.league, event.id, outcome), consensus_key(event.id, outcome)


def _keys(offered: Iterable[Offered]) -> set[str]:
    return {key for each in offered for _, *keys in _outcomes(each) for key in keys}
