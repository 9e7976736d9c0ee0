"""What a running karb says about itself: values that a screen draws and NDJSON prints."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

import msgspec

from karb.domain.edge.refusal import duration
from karb.domain.edge.signal import Signal
from karb.domain.units import SECOND, Nanos
from karb.errors import KarbError
from karb.services.latency import Latency


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """The exchange's connection, or the line to the process that has one.

    `live` of the `markets` followed have prices that may be decided on. `messages` since the
    start, `rate` a second, `latency` of one message through everything that decides.
    `gaps` and `unreadable` were noticed and mended; `reconnects` counts new connections.
    `quiet` is how long nothing was heard, None before the first sign of life.
    """

    connected: bool
    markets: int
    live: int
    messages: int
    rate: float
    latency: Latency | None
    gaps: int
    reconnects: int
    unreadable: int
    quiet: Nanos | None


class Odds(msgspec.Struct, frozen=True, kw_only=True):
    """The sportsbooks' side: when they were last asked, and for how much longer they can be."""

    at: Nanos
    events: int
    priced: int
    credits_left: int | None


class Store(msgspec.Struct, frozen=True):
    """One store: whether it answers (None: still starting), and what that means.

    `rows` is how many it has taken since the start, where they are counted.
    """

    name: str
    up: bool | None
    detail: str
    rows: int | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at one moment.

    `funnel` is how many markets are left after each stage, in order, `refused` why the
    others fell out. `edges` are looks at markets that have a price, best first, `signals` the
    newest ones that were sent, newest first. `problems` are told in words, newest first.
    """

    at: Nanos
    since: Nanos
    profile: str
    mode: str
    feed: Feed | None
    odds: Odds | None
    stores: Sequence[Store]
    funnel: Sequence[tuple[str, int]]
    refused: Mapping[str, int]
    edges: Sequence[Signal]
    signals: Sequence[Signal]
    sent: int
    lost: Mapping[str, int]
    problems: Sequence[str]


class Rate:
    """Messages a second over the last few readings of a counter; `clock` is set by nobody."""

    WINDOW: Nanos = 5 * SECOND

    def __init__(self, clock: Callable[[], Nanos]) -> None:
        self._clock = clock
        self._readings: deque[tuple[Nanos, int]] = deque()

    def read(self, count: int) -> float:
        """Take a reading; the rate since the oldest one within the window."""
        at = self._clock()
        self._readings.append((at, count))
        while len(self._readings) > 2 and at - self._readings[0][0] > self.WINDOW:
            self._readings.popleft()
        began, first = self._readings[0]
        return 0.0 if at <= began else (count - first) * SECOND / (at - began)


class Recent:
    """The newest signals and problems; a problem that goes on is said once, with its count.

    One that was not met again for a while is forgotten: the screen is about now.
    `clock` is one that nobody sets. `most` are shown, and `untold` signals are kept for who
    takes each of them, which nobody may be doing.
    """

    FORGOTTEN: Nanos = 600 * SECOND

    def __init__(self, clock: Callable[[], Nanos], most: int = 50, untold: int = 10_000) -> None:
        self._clock = clock
        self.signals: deque[Signal] = deque(maxlen=most)
        self.sent = 0
        self._untold: deque[Signal] = deque(maxlen=untold)
        self._problems: dict[str, tuple[int, Nanos]] = {}
        self._most = most

    def signal(self, signal: Signal) -> None:
        """Take a signal that was sent."""
        self.sent += 1
        self.signals.appendleft(signal)
        self._untold.append(signal)

    def take(self) -> list[Signal]:
        """The signals since the last call, oldest first."""
        taken = list(self._untold)
        self._untold.clear()
        return taken

    def problem(self, part: str, error: KarbError) -> None:
        """Take an error that was survived."""
        self._forget()
        text = f"{part}: {error}"
        times, _ = self._problems.pop(text, (0, 0))
        self._problems[text] = times + 1, self._clock()
        if len(self._problems) > self._most:
            del self._problems[next(iter(self._problems))]

    def problems(self) -> list[str]:
        """In words, newest first, each with when it was last met."""
        self._forget()
        now = self._clock()
        return [
            f"{duration(now - at)} ago{f', {times} times' if times > 1 else ''}: {text}"
            for text, (times, at) in reversed(self._problems.items())
        ]

    def _forget(self) -> None:
        """Drop what was last met too long ago; the problems stand in the order of that."""
        old = self._clock() - self.FORGOTTEN
        while self._problems:
            oldest = next(iter(self._problems))
            if self._problems[oldest][1] >= old:
                return
            del self._problems[oldest]
