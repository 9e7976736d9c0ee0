"""Planting the plan's edges when their time comes, and taking them away again."""

from collections.abc import Callable, Mapping, Sequence

from karb.sim.clock import Clock
from karb.sim.makers import Makers
from karb.sim.planting import Candidate, Plan, Planted, plans
from karb.sim.units import CENT


class Edges:
    """Keeps the plan. `planted` has every edge that has begun, with the times it really had."""

    def __init__(
        self,
        seed: int,
        candidates: Sequence[Candidate],
        makers: Mapping[str, Makers],
        clock: Clock,
        *,
        per_minute: float,
    ) -> None:
        self.planted: list[Planted] = []
        self._makers, self._clock = makers, clock
        self._plans = plans(seed, candidates, per_minute=per_minute, speed=clock.speed)
        self._next = next(self._plans, None)
        self._standing: list[tuple[Plan, int]] = []

    def keep(self, elapsed: float, centre: Callable[[str], float]) -> None:
        """Withdraw what has ended, plant what has begun; what came and went unseen is skipped."""
        for standing in [each for each in self._standing if each[0].ends <= elapsed]:
            self._withdraw(*standing, centre)
        while self._next is not None and self._next.begins <= elapsed:
            if self._next.ends > elapsed:
                self._plant(self._next, centre)
            self._next = next(self._plans, None)

    def _plant(self, plan: Plan, centre: Callable[[str], float]) -> None:
        self._makers[plan.ticker].plant(plan.side, centre(plan.ticker), plan.cents * CENT)
        begins = self._clock.now()
        self._standing.append((plan, len(self.planted)))
        ends = self._clock.real(plan.ends)
        self.planted.append(Planted(plan.ticker, plan.side, plan.cents, begins, ends))

    def _withdraw(self, plan: Plan, place: int, centre: Callable[[str], float]) -> None:
        self._standing.remove((plan, place))
        self._makers[plan.ticker].withdraw(centre(plan.ticker))
        known = self.planted[place]
        self.planted[place] = Planted(
            plan.ticker, plan.side, plan.cents, known.begins_ns, self._clock.now()
        )
