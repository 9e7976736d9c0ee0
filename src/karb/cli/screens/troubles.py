"""What begins to be wrong, said once: a sentence when it begins, and again after a quiet time."""

from collections.abc import Callable, Sequence
from time import monotonic

QUIET = 300.0
"""Seconds without it, after which a trouble begins anew."""


class Troubles:
    """Looks at a list of problems, such as `Recent.problems`, and says the new ones by `note`."""

    def __init__(
        self, note: Callable[[str], object], *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._note, self._clock = note, clock
        self._met: dict[str, tuple[str, float]] = {}

    def look(self, problems: Sequence[str]) -> None:
        """Say what was not said before."""
        now, met = self._clock(), self._met
        self._met = {}
        for told in reversed(problems):
            when, _, text = told.partition(": ")
            times = when.partition(", ")[2]
            before, last = met.get(text, ("", -QUIET))
            if text not in met or (times != before and now - last > QUIET):
                self._note(f"karb: {text}")
            self._met[text] = (times, now if times != before or text not in met else last)
