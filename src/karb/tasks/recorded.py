"""What detection over files takes in: captures, and which of them belong together.

Each file was written at a time of its own. A market meets the odds captured nearest to it; a
start is known to have moved from the snapshots before.

Odds come as one answer for a league's games, one for its preseason, or one for each game, and
an answer that cannot have a market's game must not hide the one that has it. An answer of two
games or more lists its league: a game that is missing there has been taken down, and older
odds do not stand in for it. One of a single game says nothing about the others.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from karb.domain.fair.odds import OddsEvent, OddsSnapshot
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import Event, Market, Series
from karb.domain.units import SECOND, Nanos

MOMENT: Nanos = 10 * SECOND
"""Captures further apart than this are of different moments."""


class Recorded(msgspec.Struct, frozen=True):
    """One market as it was captured. `at` None: the capture did not say when.

    `event` names the game; `listed` and `override` are the series and the event whose fee
    listing was in force then, where one was captured.
    """

    market: Market
    at: Nanos | None
    origin: str
    event: Event | None = None
    listed: Series | None = None
    override: Event | None = None


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What one run reads; `skipped` counts records of series no league can use."""

    recorded: Sequence[Recorded]
    snapshots: Sequence[OddsSnapshot]
    skipped: int = 0


class Offer(NamedTuple):
    """One event as it was captured, and when."""

    at: Nanos
    event: OddsEvent


class _Answer(NamedTuple):
    """What a snapshot holds of one season; `whole` when it lists all there is of it."""

    at: Nanos
    number: int
    whole: bool


class Timeline:
    """The snapshots of each season by time; a league's preseason is a season of its own."""

    def __init__(self, snapshots: Sequence[OddsSnapshot]) -> None:
        self._answers: dict[tuple[League, Kind, bool], list[_Answer]] = {}
        for number, snapshot in enumerate(snapshots):
            held = Counter((each.league, each.kind, each.preseason) for each in snapshot.events)
            for season, events in held.items():
                whole = events > 1 or season[1] is Kind.CHAMPION
                answer = _Answer(snapshot.at, number, whole)
                self._answers.setdefault(season, []).append(answer)
        for answers in self._answers.values():
            answers.sort()

    def meeting(self, known: tuple[League, Kind], at: Nanos, within: Nanos) -> tuple[int, ...]:
        """The numbers of the snapshots that count at `at`, of each season the nearest first.

        They go up to the first that lists the season, and on to those of the same moment.
        """
        numbers = (
            number
            for preseason in (False, True)
            for number in self._nearest(self._answers.get((*known, preseason), []), at, within)
        )
        return tuple(dict.fromkeys(numbers))

    @staticmethod
    def _nearest(answers: Sequence[_Answer], at: Nanos, within: Nanos) -> Iterator[int]:
        first = bisect_left(answers, at - within, key=_captured)
        last = bisect_right(answers, at + within, key=_captured)
        for answer in sorted(answers[first:last], key=lambda each: abs(each.at - at)):
            apart = abs(answer.at - at)
            if apart > within:
                return
            yield answer.number
            if answer.whole:
                within = min(within, apart + MOMENT)


def _captured(answer: _Answer) -> Nanos:
    return answer.at


def offers_of(snapshots: Iterable[OddsSnapshot]) -> dict[str, Offer]:
    """By id, each event as the first of the snapshots has it that has it at all."""
    offers: dict[str, Offer] = {}
    for snapshot in snapshots:
        for event in snapshot.events:
            offers.setdefault(event.id, Offer(snapshot.at, event))
    return offers


def of_one_moment(times: Collection[Nanos | None]) -> bool:
    """Whether captures belong together; those without a time stand at the same one."""
    told = [at for at in times if at is not None]
    return not told or (len(told) == len(times) and max(told) - min(told) <= MOMENT)


def with_starts_seen(snapshots: Sequence[OddsSnapshot]) -> list[OddsSnapshot]:
    """The same snapshots, in time order, each event with the starts it had in earlier ones."""
    seen: dict[str, tuple[Nanos, ...]] = {}
    made = []
    for snapshot in snapshots:
        events = []
        for event in snapshot.events:
            earlier = seen.get(event.id, event.starts_seen)
            events.append(msgspec.structs.replace(event, starts_seen=earlier))
            seen[event.id] = (*(at for at in earlier if at != event.start), event.start)
        made.append(msgspec.structs.replace(snapshot, events=tuple(events)))
    return made
