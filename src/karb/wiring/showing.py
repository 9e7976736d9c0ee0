"""What a running process shows of itself, gathered from its parts when a picture is drawn."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from karb.adapters.questdb.writer import HistoryStats
from karb.domain.edge.signal import Signal
from karb.domain.units import Nanos
from karb.errors import KarbError
from karb.services.detection import Reason
from karb.services.odds import OddsIngest, Outcome
from karb.services.odds_report import PassReport
from karb.services.status import Feed, Odds, Recent, Status, Store
from karb.wiring.deciding import Deciding

MEGABYTE = 1_000_000
MODE = "NO ORDERS"
"""What stands on every screen: edges are found and told, and nothing is bought."""

_STAGES = {"link": "linked", "odds": "with odds", "consensus": "priced"}
"""Where a listed market may fall out, and what those are that did not."""


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
        deciding: Deciding,
        recent: Recent,
        sources: Sources,
        now: Callable[[], Nanos],
    ) -> None:
        self._profile = profile
        self._deciding, self._recent, self._sources = deciding, recent, sources
        self._now = now
        self._since = now()
        self._refusals: dict[str, str] = {}
        self._looked: Nanos = 0

    def take_signals(self) -> list[Signal]:
        """The signals since the last call."""
        return self._recent.take()

    def problems(self) -> list[str]:
        """What was survived, newest first."""
        return self._recent.problems()

    def status(self) -> Status:
        """Everything at this moment."""
        at, detection = self._now(), self._deciding.detection
        missing = detection.unjoined()
        return Status(
            at=at,
            since=self._since,
            profile=self._profile,
            mode=MODE,
            feed=self._sources.feed(at),
            odds=self._sources.odds() or self._odds_followed(),
            stores=self._sources.stores(),
            funnel=(("listed", self._sources.listed()), *_left(detection.listed, missing)),
            refused={**_told(missing), **self._judged()},
            edges=self._deciding.looks.best(detection.watched),
            signals=tuple(self._recent.signals),
            sent=self._recent.sent,
            lost=self._sources.lost(),
            problems=self.problems(),
        )

    def _judged(self) -> dict[str, int]:
        """Priced markets whose newest evaluation was refused, by its first reason."""
        detection = self._deciding.detection
        for ticker, reason in self._deciding.detector.take_refusals():
            self._refusals[ticker] = reason
        for signal in takewhile(lambda each: each.at > self._looked, self._recent.signals):
            self._refusals.pop(signal.listing.ticker, None)
        self._looked = self._now()
        for ticker in [t for t in self._refusals if detection.consensus(t) is None]:
            del self._refusals[ticker]
        return _told(Counter(("profile", reason) for reason in self._refusals.values()))

    def _odds_followed(self) -> Odds | None:
        """The odds of another process, as far as markets are linked to them."""
        detection = self._deciding.detection
        events: dict[str, Nanos | None] = {}
        for ticker in detection.watched:
            link, fair = detection.link(ticker), detection.consensus(ticker)
            if link is not None:
                event = link.odds_event_id
                events[event] = events.get(event) if fair is None else fair.at
        answered = [at for at in events.values() if at is not None]
        if not answered:
            return None
        return Odds(at=max(answered), events=len(events), priced=len(answered), credits_left=None)


def _left(listed: int, missing: Counter[Reason]) -> Iterator[tuple[str, int]]:
    """How many of the listed markets are left after each stage."""
    for stage, name in _STAGES.items():
        listed -= sum(count for (at, _), count in missing.items() if at == stage)
        yield name, listed


def _told(reasons: Counter[Reason]) -> dict[str, int]:
    return {f"{stage}: {reason}": count for (stage, reason), count in reasons.items()}


def history_store(stats: HistoryStats) -> Store:
    """QuestDB on the screen: what waits for it."""
    megabytes = round(stats.spooled / MEGABYTE, 1)  # there is always a little on its way
    waiting = f"{megabytes} MB wait on disk" if megabytes else ""
    rows = sum(stats.written.values())
    if stats.connected:
        return Store("questdb", up=True, detail=waiting, rows=rows)
    up = False if stats.trouble else None
    return Store("questdb", up=up, detail=waiting or "history waits", rows=rows)


def lost_rows(stats: HistoryStats) -> int:
    """Rows of history that nobody will ever see."""
    return sum(stats.dropped.values()) + sum(stats.refused.values())
