"""Whether a connection still brings news: judged by texts alone.

The exchange's pings go on while its data stand still, so they prove nothing. When nothing
came for most of a second, something is asked whose answer is a text; when none comes either,
what is known is not to be decided on (`STALE`), and after some more seconds the connection is
given up (`DEAD`).

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
    """Texts came since the last look."""
    QUIET = auto()
    PROBE = auto()
    """Ask something."""
    STALE = auto()
    """From now on, what is known is too old."""
    DEAD = auto()


class Pulse:
    """Looks at how many texts have come; `stale` says whether what they told is too old."""

    def __init__(self, texts: int, now: Nanos) -> None:
        self._texts = texts
        self._heard = self._asked = self._looked = now
        self.stale = False

    def look(self, texts: int, now: Nanos) -> Beat:
        """Judge the connection now; at most `AWAY` after the last look."""
        away, self._looked = now - self._looked, now
        if away > AWAY:
            self._heard += away
            self.stale = True
            return Beat.STALE
        if texts != self._texts:
            self._texts, self._heard, self.stale = texts, now, False
            return Beat.ALIVE
        return self._silent(now - self._heard, now)

    def _silent(self, silence: Nanos, now: Nanos) -> Beat:
        if silence > DEAD:
            return Beat.DEAD
        if silence > STALE and not self.stale:
            self.stale = True
            return Beat.STALE
        if silence > PROBE and now - self._asked > PROBE:
            self._asked = now
            return Beat.PROBE
        return Beat.QUIET
