"""Links and decisions that end with the process: for tests, and as the model of the tables."""

from collections.abc import Iterable, Sequence

from karb.domain.linking.links import Link, NoLink
from karb.domain.units import Nanos
from karb.ports import Decision


class MemoryLinks:
    """The port `Links`. `versions` is every answer that a market ever had, with its time."""

    def __init__(self) -> None:
        self.versions: dict[str, list[tuple[Nanos, Link | NoLink]]] = {}
        self._decisions: dict[tuple[str, str], Decision] = {}

    async def current(self) -> Sequence[Link | NoLink]:
        """The newest answer of every market, by ticker."""
        return [told[-1][1] for _, told in sorted(self.versions.items())]

    async def put(self, answers: Iterable[Link | NoLink], at: Nanos) -> int:
        """Record answers; an unchanged one makes no new version. How many were new."""
        new = 0
        for answer in {answer.ticker: answer for answer in answers}.values():
            told = self.versions.setdefault(answer.ticker, [])
            if not told or told[-1][1] != answer:
                told.append((at, answer))
                new += 1
        return new

    async def decisions(self) -> Sequence[Decision]:
        """Every decision in force, the oldest first."""
        return list(self._decisions.values())

    async def decide(self, decision: Decision) -> None:
        """Record a person's word; it replaces an earlier one on the same market and event."""
        place = decision.ticker, decision.odds_event_id
        if self._decisions.get(place) != decision:
            self._decisions.pop(place, None)
            self._decisions[place] = decision
