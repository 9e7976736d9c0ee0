"""What a running process shows of itself, gathered from its parts when a picture is drawn."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from karb.adapters.questdb.writer import HistoryStats
from karb.domain.edge.signal import Signal
from karb.domain.units import Nanos
from karb.errors import KarbError
from karb.services.odds import OddsIngest, Outcome
from karb.services.odds_report import PassReport
from karb.services.status import Feed, Odds, Recent, Status, Store
from karb.wiring.detector import Detecting

MEGABYTE = 1_000_000
MODE = "NO ORDERS"
"""What stands on every screen: edges are found and told, and nothing is bought."""


class OddsSide:
    """The odds service with what came of its newest pass."""

    def __init__(self, service: OddsIngest, recent: Recent) -> None:
        self._service, self._recent = service, recent
        self._newest: PassReport | None = None

    async def run(self, every: Nanos | None) -> None:
        """Ask again and again."""
        await self._service.run(every, self._tell)

    def status(self) -> Odds | None:
        """What stands on the screen; None before the first pass."""
        newest = self._newest
        if newest is None:
            return None
        return Odds(
            at=newest.at,
            events=sum(sport.events for sport in newest.sports),
            priced=sum(sport.priced for sport in newest.sports),
            credits_left=newest.credits.remaining if newest.credits else None,
        )

    def _tell(self, outcome: Outcome) -> None:
        if isinstance(outcome, PassReport):
            self._newest = outcome
        elif isinstance(outcome, KarbError):
            self._recent.problem("odds", outcome)


class Sources(NamedTuple):
    """Whom to ask for what; a process that has no such side answers None."""

    feed: Callable[[Nanos], Feed | None]
    odds: Callable[[], Odds | None]
    stores: Callable[[], Sequence[Store]]
    listed: Callable[[], int]
    lost: Callable[[], dict[str, int]]


class Shown:
    """A running process, as a screen sees it."""

    def __init__(
        self,
        *,
        profile: str,
        deciding: Detecting,
        recent: Recent,
        sources: Sources,
        now: Callable[[], Nanos],
    ) -> None:
        self._profile = profile
        self._deciding, self._recent, self._sources = deciding, recent, sources
        self._now = now
        self._since = now()
        self._refused: Counter[str] = Counter()

    def take_signals(self) -> list[Signal]:
        """The signals since the last call."""
        return self._recent.take()

    def status(self) -> Status:
        """Everything at this moment."""
        at, detection = self._now(), self._deciding.detection
        watched = detection.watched
        priced = sum(detection.consensus(ticker) is not None for ticker in watched)
        edges = self._deciding.looks.best(watched)
        return Status(
            at=at,
            since=self._since,
            profile=self._profile,
            mode=MODE,
            feed=self._sources.feed(at),
            odds=self._sources.odds(),
            stores=self._sources.stores(),
            funnel=(
                ("listed", self._sources.listed()),
                ("linked", len(watched)),
                ("priced", priced),
                ("judged", self._deciding.detector.evaluated),
            ),
            refused=self._reasons(),
            edges=edges,
            signals=tuple(self._recent.signals),
            sent=self._recent.sent,
            lost=self._sources.lost(),
            problems=self._recent.problems(),
        )

    def _reasons(self) -> dict[str, int]:
        """Why prices that might have been an edge were none, since the start."""
        for (_, reason), count in self._deciding.detector.take_refusals().items():
            self._refused[reason] += count
        unjoined = self._deciding.detection.unjoined()
        return {**self._refused, **{reason: n for (_, reason), n in unjoined.items()}}


def history_store(stats: HistoryStats) -> Store:
    """QuestDB on the screen: what waits for it."""
    waiting = f"{stats.spooled / MEGABYTE:.1f} MB wait on disk" if stats.spooled else ""
    if stats.connected:
        return Store("questdb", up=True, detail=waiting)
    return Store("questdb", up=False if stats.trouble else None, detail=waiting or "history waits")


def lost_rows(stats: HistoryStats) -> int:
    """Rows of history that nobody will ever see."""
    return sum(stats.dropped.values()) + sum(stats.refused.values())
