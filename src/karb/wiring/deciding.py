"""A detector with all that follows from a signal: screen, history, the stream of signals.

The same for one process and for several; they differ in who brings prices and tables.
"""

from collections.abc import Callable
from time import time_ns
from typing import NamedTuple, Protocol
from uuid import uuid4

from karb.config.fees import load_fee_schedule
from karb.domain.edge.detector import EdgeDetector
from karb.domain.edge.signal import Signal
from karb.domain.market.messages import Quote
from karb.ports import Bus, History
from karb.services.detection import Detection
from karb.services.looks import Looks
from karb.services.status import Recent
from karb.wiring.settings import Chosen


class Taker(Protocol):
    """Where decisions go: `sink` takes signals, `refused` a NO_TRADE with a new reason."""

    def sink(self, signal: Signal) -> None: ...  # noqa: D102
    def refused(self, signal: Signal) -> None: ...  # noqa: D102


class Nowhere:
    """A taker for whoever only looks."""

    def sink(self, signal: Signal) -> None:
        """Nothing comes of it."""

    def refused(self, signal: Signal) -> None:
        """Nothing comes of it."""


class Outcomes:
    """What comes of decisions: `sink` takes signals, `refused` a NO_TRADE with a new reason."""

    def __init__(
        self, bus: Bus, history: History, recent: Recent, notify: Callable[[Signal], None]
    ) -> None:
        self._bus, self._history, self._recent, self._notify = bus, history, recent, notify

    def sink(self, signal: Signal) -> None:
        """Hand on a signal."""
        self._bus.send(signal)
        self._recent.signal(signal)
        self._history.add_signal(signal)
        self._notify(signal)

    def refused(self, signal: Signal) -> None:
        """Record why there is none."""
        self._history.add_signal(signal)


class Deciding(NamedTuple):
    """A detector, what keeps it joined, and looks at it."""

    detector: EdgeDetector
    detection: Detection
    looks: Looks


def wire_deciding(
    given: Chosen, detector: EdgeDetector, newest: Callable[[str], Quote | None]
) -> Deciding:
    """Everything around a detector of this profile."""
    detection = Detection(
        detector,
        rules=given.profile.fair,
        schedule=load_fee_schedule(),
        newest=newest,
        now=time_ns,
    )
    return Deciding(detector, detection, Looks(detector.look))


def new_id() -> str:
    """A name for a signal."""
    return uuid4().hex
