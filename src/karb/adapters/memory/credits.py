"""Odds credits that are forgotten with the process."""

from karb.domain.units import Nanos
from karb.ports import Credits


class MemoryCredits:
    """The port `CreditBook`."""

    def __init__(self) -> None:
        self._told: dict[Nanos, Credits] = {}

    async def last(self) -> Credits | None:
        """The newest answer of the source; None before the first."""
        return self._told[max(self._told)] if self._told else None

    async def note(self, told: Credits) -> None:
        """Record what the source said."""
        self._told[told.at] = told
