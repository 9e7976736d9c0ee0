"""Every outcome's fair price and the books behind it: `odds:*`, as the specification has it.

An outcome without a consensus has no keys: there is no price that another program should
act upon. The sets of events are written anew as one step, so that what is gone has left.

A life begins when the odds were got and not when they are written: where no new ones come,
because the source is away or its credits are used up, the old ones expire all the same.
"""

from collections.abc import Callable, Iterable, Iterator
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
from karb.domain.units import SECOND, Nanos

_WEIGHT = 6
_MULTI, _EXEC = command("MULTI"), command("EXEC")


class OddsKeys:
    """A source of the writer."""

    def __init__(self, now: Callable[[], Nanos]) -> None:
        self._now = now
        self._offered: dict[str, Offered] = {}
        self._marked: dict[str, None] = {}
        self._gone: set[str] = set()
        self._leaving: set[str] = set()
        self._known = self._index = False

    def put(self, offered: Iterable[Offered]) -> None:
        """Mark all that is offered; an event that is not among these is gone, or has expired."""
        gone = self._gone | self._leaving | _keys(self._offered.values())
        self._offered = {each.event.id: each for each in offered if self._life(each) > 0}
        self._gone = gone - _keys(self._offered.values())
        self._marked = dict.fromkeys(self._offered)
        self._known = self._index = True

    def begin(self, epoch: int) -> None:
        """Mark everything that lives, and what may not have gone."""
        del epoch
        if self._known:
            self.put(self._offered.values())

    def beat(self) -> None:
        """Nobody waits for signs of life here."""

    def renew(self) -> None:
        """Odds are not renewed; those that have expired leave the sets."""
        if any(self._life(each) <= 0 for each in self._offered.values()):
            self.put(self._offered.values())

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
        """What was gone is gone."""
        del replies
        self._leaving = set()
        return True

    def _life(self, offered: Offered) -> int:
        """Seconds left to live; a clock that was set back makes them no more."""
        return ODDS_LIFE - max(0, self._now() - offered.at) // SECOND

    def _event(self, offered: Offered) -> Iterator[bytes]:
        life = str(max(1, self._life(offered)))
        for outcome, books, consensus in _outcomes(offered):
            fair = offered.fair.get(outcome)
            yield _MULTI
            yield command("DEL", books, consensus)
            if fair is not None:
                fields = odds_fields(fair, offered.at)
                yield command("HSET", books, *(part for item in fields.items() for part in item))
                yield command("EXPIRE", books, life)
                yield command("SET", consensus, fields["consensus"], "EX", life)
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
        self._leaving, self._gone = self._gone, set()


def _outcomes(offered: Offered) -> Iterator[tuple[str, str, str]]:
    """Each outcome with its keys: the hash of the books, and the consensus."""
    event = offered.event
    for outcome in (*offered.fair, *offered.none):
        yield outcome, odds_key(event.league, event.id, outcome), consensus_key(event.id, outcome)


def _keys(offered: Iterable[Offered]) -> set[str]:
    return {key for each in offered for _, *keys in _outcomes(each) for key in keys}
