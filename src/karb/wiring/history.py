"""Questions to QuestDB, from settings."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from karb.adapters.questdb.queries import HistoryQueries
from karb.adapters.questdb.read_only import question
from karb.domain.units import Nanos
from karb.tasks import history
from karb.tasks.history import Answer, Store
from karb.wiring.settings import current
from karb.wiring.stores import questdb_at, quiet

if TYPE_CHECKING:
    from karb.adapters.embedded.archive import Progress


def latest(since: Nanos, limit: int, progress: "Progress" = quiet) -> Answer:
    """Each market's newest prices within so long."""
    return history.latest(_store(progress), after=_now() - since, limit=limit)


def volume(since: Nanos, limit: int, progress: "Progress" = quiet) -> Answer:
    """What was traded in each sport within so long."""
    return history.volume(_store(progress), after=_now() - since, limit=limit)


def signals(
    since: Nanos | None, min_edge: float, limit: int, progress: "Progress" = quiet
) -> Answer:
    """The signals with so many cents of edge, within so long or ever."""
    after = 0 if since is None else _now() - since
    return history.signals(_store(progress), after=after, min_edge=min_edge, limit=limit)


def sql(text: str, limit: int, progress: "Progress" = quiet) -> Answer:
    """Any question; what is none is refused before anything is started for it."""
    asked = question(text)
    return history.sql(_store(progress), asked, limit=limit)


def _store(progress: "Progress") -> Store:
    return HistoryQueries(questdb_at(current().settings, progress))


_now: Callable[[], Nanos] = time.time_ns
