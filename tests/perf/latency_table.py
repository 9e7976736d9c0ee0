"""The specification's latency table (section 12): its rows, its targets, and what karb takes.

The first column of figures is what the specification says it measured, on its own machine;
a figure of karb's is measured here, in this run, or is not there.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from karb.adapters.kalshi.frames import read_frame
from karb.adapters.kalshi.ticks import quote_in
from karb.adapters.questdb.records import sliced
from karb.adapters.questdb.rows import Ticked
from karb.adapters.questdb.sending import Courier
from karb.config.load import load_settings
from karb.domain.edge.confidence import score
from karb.domain.edge.edge import edges
from karb.domain.edge.joined import join
from karb.domain.edge.profile import Profile
from karb.domain.edge.situation import NOTHING_HELD, Moment
from karb.errors import KarbError
from karb.wiring.kalshi import kalshi_rest, kalshi_signer
from karb.wiring.stores import questdb_at
from karb_process import clean_environment
from perf.backing import real
from perf.cores import pinned
from perf.graph import Ages, Graph, running
from perf.site import Site, libraries, loop_name
from perf.spread import percentile
from perf.traffic import traffic
from perf.wire import Order, read, stamping

RATE = 1_000
"""Messages a second: more than is typical of the exchange when it is busy."""
LATER = "comes with orders, in a later issue: nothing to measure yet"
CALLS = 2_000
REQUESTS = 15
BATCH = 100
ATTEMPTS = 5
"""A request to QuestDB that fails is sent again, as production does."""


class Line(NamedTuple):
    """A row of the specification's, and karb's P50 in microseconds; None with the reason."""

    component: str
    specified: str
    target: str
    karb: float | None
    note: str


class _Found(NamedTuple):
    karb: float | None
    note: str


ROWS = (
    ("WebSocket message receive", "~0.1ms", "<1ms"),
    ("JSON parsing", "~0.01ms", "<1ms"),
    ("Redis consensus lookup", "~0.3ms", "<1ms"),
    ("Edge calculation", "~0.01ms", "<1ms"),
    ("Confidence scoring", "~0.01ms", "<1ms"),
    ("Circuit breaker check", "~0.01ms", "<1ms"),
    ("TOTAL DETECTION", "~0.5ms", "<5ms"),
    ("QuestDB ILP write", "~1ms", "<2ms"),
    ("Kalshi REST API call", "~50-200ms", "<500ms"),
    ("Order fill (network)", "~100-500ms", "<1s"),
    ("TOTAL END-TO-END", "~200-700ms", "<1s"),
)
"""Component, measured and target, as the specification prints them."""


def lines(site: Site) -> list[Line]:
    """The table, measured now."""
    found = site.run(lambda: _on_the_wire(site))
    later = _Found(None, LATER)
    found |= {
        "QuestDB ILP write": _written(site),
        "Kalshi REST API call": site.run(lambda: _asked(site)),
        "Circuit breaker check": later,
        "Order fill (network)": later,
        "TOTAL END-TO-END": _Found(None, "until the signal: TOTAL DETECTION; its order is later"),
    }
    return [Line(*row, *found[row[0]]) for row in ROWS]


async def _on_the_wire(site: Site) -> dict[str, _Found]:
    """What happens between the exchange's socket and a signal."""
    through, order = libraries()[0], Order.lasting(2.0, RATE)
    where = f"{through.name}, {loop_name()}, {RATE:,} a second, over loopback"
    received: list[int] = []
    await read(site.venue, through, order, stamping(received))
    ages, given = Ages(), site.backing.given
    async with (
        real(given) as stores,
        running(given, stores, site.venue.url, through, ages=ages) as graph,
    ):
        before = graph.texts
        site.venue.send(order)
        await graph.heard(before + order.texts)
        site.venue.sent()
        steps = _steps(graph, given.profile)
    steps["WebSocket message receive"] = _Found(percentile(received, 0.5), where)
    steps["TOTAL DETECTION"] = _Found(
        percentile(ages.signals, 0.5),
        f"wire to signal sent; wire to decision {percentile(ages.texts, 0.5):.1f}",
    )
    return steps


def _steps(graph: Graph, profile: Profile) -> dict[str, _Found]:
    """The parts of a decision, each by itself, on a market of the running graph."""
    deciding = graph.live.deciding
    ticker, listing = next(iter(deciding.detection.watched.items()))
    consensus, quoted = deciding.detection.consensus(ticker), graph.live.feed.prices.quoted(ticker)
    assert consensus is not None
    assert quoted is not None
    quote, joined = quoted.quote, join(listing, consensus, profile)
    moment = Moment(
        quote=quote, at=quote.ts_recv, odds_at=quote.ts_recv, quote_age=0, holdings=NOTHING_HELD
    )
    edge = edges(joined.fair, quote)
    assert edge is not None
    tick = next(text for text in traffic().texts if b'"type":"ticker"' in text)
    return {
        "JSON parsing": _timed(lambda: read_frame(tick), "a whole tick, typed"),
        "Redis consensus lookup": _timed(
            lambda: deciding.detection.consensus(ticker), "in the process; followed, not asked for"
        ),
        "Edge calculation": _timed(lambda: edges(joined.fair, quote), "both sides"),
        "Confidence scoring": _timed(
            lambda: score(joined, moment, edge.price, profile.confidence), "of one market"
        ),
    }


def _timed(call: Callable[[], object], note: str) -> _Found:
    clock, taken = time.perf_counter_ns, []
    for _ in range(CALLS):
        began = clock()
        call()
        taken.append(clock() - began)
    return _Found(percentile(taken, 0.5), note)


def _written(site: Site) -> _Found:
    """Ticks to QuestDB until it has them on its disk, by the courier of production."""
    note = f"{BATCH} rows to its disk, by a process of its own; what decides waits for none"
    reason = ""
    for _ in range(ATTEMPTS):
        try:
            return _Found(percentile(_deliveries(site), 0.5), note)
        except (KarbError, ImportError) as error:
            reason = str(error)
    return _Found(None, reason)


def _deliveries(site: Site) -> list[int]:
    quotes = [quote_in(text, time.time_ns()) for text in traffic().first.values()][:BATCH]
    ticks = [Ticked(quote, quote.yes_bid) for quote in quotes]
    taken = []
    with Courier(questdb_at(site.backing.given.settings)) as courier:
        for number in range(REQUESTS):
            began = time.perf_counter_ns()
            courier.deliver(list(sliced(number * BATCH, ticks).rows()), lambda: None)
            taken.append(time.perf_counter_ns() - began)
    return taken


async def _asked(site: Site) -> _Found:
    """Signed requests to the offline venue; the way to the exchange itself comes on top."""
    with _sim(site) as environment:
        settings = load_settings({}, environment=environment, folder=_folder(site)).settings
        taken = []
        async with kalshi_rest(settings, kalshi_signer(settings), _raise) as rest:
            for _ in range(REQUESTS):
                began = time.perf_counter_ns()
                await rest.balance()
                taken.append(time.perf_counter_ns() - began)
    return _Found(percentile(taken, 0.5), "signed, to `karb sim` on loopback; add the network")


@contextmanager
def _sim(site: Site) -> Iterator[Mapping[str, str]]:
    """A venue in the box, as the variables that its clients need."""
    there = clean_environment(KARB_DATA_DIR=str(_folder(site)))
    with pinned(site.serving):
        process = subprocess.Popen(
            [sys.executable, "-m", "karb", "sim", "--json"],
            cwd=_folder(site),
            env=there,
            stdout=subprocess.PIPE,
            text=True,
        )
    with process:
        assert process.stdout is not None
        try:
            text = "".join(iter(process.stdout.readline, "}\n")) + "}"
            told: dict[str, Any] = json.loads(text)
            yield told["environment"]
        finally:
            process.kill()


def _folder(site: Site) -> Path:
    return Path(site.backing.given.settings.karb_data_dir)


def _raise(error: KarbError) -> None:
    raise error


def shown(table: list[Line]) -> str:
    """The table for people."""
    head = ("component", "specification", "target", "karb", "")
    cells = [head, *((*line[:3], _time(line.karb), line.note) for line in table)]
    widths = [max(len(each[column]) for each in cells) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(each, widths, strict=True)).rstrip()
        for each in cells
    )


def _time(micros: float | None) -> str:
    """Milliseconds, as the specification has them."""
    return "-" if micros is None else f"{micros / 1e3:.4f}ms"
