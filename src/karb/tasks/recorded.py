"""What detection over files takes in: captures, and which of them belong together.

Each file was written at a time of its own. A market meets the odds captured nearest to it; a
start is known to have moved from the snapshots before.
"""

from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from karb.domain.fair.odds import OddsSnapshot
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import Event, Market, Series
from karb.domain.units import Nanos


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


class Timeline:
    """The snapshots of each league, by time."""

    def __init__(self, snapshots: Sequence[OddsSnapshot]) -> None:
        self._times: dict[tuple[League, Kind], list[tuple[Nanos, int]]] = {}
        for number, snapshot in enumerate(snapshots):
            for known in {(event.league, event.kind) for event in snapshot.events}:
                self._times.setdefault(known, []).append((snapshot.at, number))
        for entries in self._times.values():
            entries.sort()

    def nearest(self, known: tuple[League, Kind], at: Nanos, within: Nanos) -> int | None:
        """The number of the snapshot nearest to `at`, in either direction."""
        times = self._times.get(known, [])
        place = bisect_left(times, (at, -1))
        near = times[max(0, place - 1) : place + 1]
        best = min(near, key=lambda entry: abs(entry[0] - at), default=None)
        return best[1] if best is not None and abs(best[0] - at) <= within else None


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
