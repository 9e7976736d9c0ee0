"""Whether a connection still brings news: judged by what decisions stand on, and by nothing else.

The exchange's pings go on while its data stand still, and so may its other channels. When
nothing came for most of a second, something is asked whose answer is a message; when none
comes either, what is known is not to be decided on (`STALE`), and after some more seconds the
connection is given up (`DEAD`).

Silence counts only while somebody listened. A process that slept, or was kept from running,
finds what it knows stale at once, and then gives the connection its time to answer.
"""

from enum import Enum, auto

from karb.domain.units import MILLISECOND, SECOND, Nanos

PROBE: Nanos = 750 * MILLISECOND
STALE: Nanos = 1_800 * MILLISECOND
DEAD: Nanos = 8 * SECOND
AWAY: Nanos = 2 * SECOND
"""Two looks further apart than this: nobody listened in between."""


class Beat(Enum):
    """What a look at the connection found."""

    ALIVE = auto()
    """Messages came since the last look."""
    QUIET = auto()
    PROBE = auto()
    """Ask something."""
    STALE = auto()
    """From now on, what is known is too old."""
    DEAD = auto()


class Pulse:
    """Looks at how much was heard, a number that grows with each message; None is nothing yet."""

    def __init__(self, now: Nanos) -> None:
        self._last: int | None = None
        self._heard = self._asked = self._looked = now
        self._stale = False

    def look(self, heard: int | None, now: Nanos) -> Beat:
        """Judge the connection now; at most `AWAY` after the last look."""
        away, self._looked = now - self._looked, now
        if away > AWAY:
            self._heard += away
            self._stale = True
            return Beat.STALE
        if heard is not None and heard != self._last:
            self._last, self._heard, self._stale = heard, now, False
            return Beat.ALIVE
        return self._silent(now - self._heard, now)

    def _silent(self, silence: Nanos, now: Nanos) -> Beat:
        if silence > DEAD:
            return Beat.DEAD
        if silence > STALE and not self._stale:
            self._stale = True
            return Beat.STALE
        if silence > PROBE and now - self._asked > PROBE:
            self._asked = now
            return Beat.PROBE
        return Beat.QUIET
