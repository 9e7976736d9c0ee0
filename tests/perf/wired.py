"""Everything of the bench that needs an exchange or stores, against one set of them."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from karb.errors import KarbError
from perf import latency_table
from perf.end_to_end import ON_THE_WIRE
from perf.goals import Row
from perf.latency_table import Line
from perf.site import Site, site
from perf.stores import IN_REDIS

LATENCY = "latency"
"""What the specification's latency table is called among the goals."""
_MEASURES = ON_THE_WIRE | IN_REDIS


class Wired(NamedTuple):
    """Goals, and the table, empty where it was not wanted or nothing could be started."""

    rows: list[Row]
    table: list[Line]


def wired(wanted: set[str], rounds: int, tell: Callable[[Row], Row]) -> Wired:
    """What is wanted; a round takes seconds here, so there are fewer. `tell` hears each row."""
    goals = {goal for names in _MEASURES for goal in names.split()} & wanted
    if not goals and LATENCY not in wanted:
        return Wired([], [])
    rows: list[Row] = []
    try:
        with site() as here:
            rows.extend(map(tell, _rows(here, wanted, max(2, rounds // 3))))
            return Wired(rows, latency_table.lines(here) if LATENCY in wanted else [])
    except (KarbError, ImportError, TimeoutError) as reason:
        missing = goals - {row.goal for row in rows}
        note = f"cannot be measured: {str(reason) or 'this machine is too slow'}"
        return Wired([*rows, *(tell(Row(goal, note=note)) for goal in sorted(missing))], [])


def _rows(here: Site, wanted: set[str], rounds: int) -> Iterator[Row]:
    for names, measure in _MEASURES.items():
        if wanted.intersection(names.split()):
            yield from (row for row in measure(here, rounds) if row.goal in wanted)
