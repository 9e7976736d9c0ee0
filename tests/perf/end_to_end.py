"""From the wire to a decision: M5 to M10, through everything that `karb run` builds.

The exchange is a process of its own and each text carries the time at which it was sent; a
message's age is read when its decision is known. The floor is the same library in a loop that
receives, and does one thing: a typed decode (M5), or nothing (M6, M7).
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from karb.adapters.kalshi.transport import Library
from karb.adapters.redis.keys import MARKETS, market_fields, market_key
from karb.adapters.redis.names import SIGNALS
from karb.domain.units import MILLISECOND
from perf import floor
from perf.backing import away, real
from perf.goals import Row
from perf.graph import Ages, Graph, running
from perf.harness import costing
from perf.site import Site, libraries, loop_name
from perf.spread import percentile, quietest, timing
from perf.traffic import traffic
from perf.wire import Order, read, stamping

FLOOD = Order(20)
STATED = 2_000
"""Messages a second: the highest limit that anybody states for the exchange."""
BUSY = 10_000
RATES = (100_000, 75_000, 50_000, 25_000, 10_000, 5_000)
SECONDS = 2.0
BACKLOG = 50 * MILLISECOND
"""The age at which the last of all texts may be decided."""
STOPPED = 1.0


def receiving(site: Site, rounds: int) -> Iterator[Row]:
    """M5 and M9, by each library."""
    for through in libraries():
        decoding, deciding = site.run(partial(_flooded, site, through, rounds))
        where = f"{through.name}, {loop_name()}"
        least, ours = (costing([each / 1e3 for each in runs]) for runs in (decoding, deciding))
        yield Row("M5", ours.over(least), least, None, ours, f"{where}; no cache, no history")
        a_second = 1e6 / ours.cost
        yield Row("M9", a_second / STATED, note=f"{where}; {a_second:,.0f} a second, as M5")


async def _flooded(site: Site, through: Library, rounds: int) -> tuple[list[float], list[float]]:
    """Texts as fast as they are read: decoded only, and decided."""
    decoding, deciding = [], []
    for _ in range(rounds):
        decoding.append(await read(site.venue, through, FLOOD, floor.decode))
        given = site.backing.given
        async with (
            away(given) as stores,
            running(given, stores, site.venue.url, through, branches=False) as graph,
        ):
            deciding.append(await _sent(site, graph, FLOOD))
    return decoding, deciding


async def _sent(site: Site, graph: Graph, order: Order) -> float:
    """Have an order sent to a graph, until all of it was taken; CPU nanoseconds a text."""
    before = graph.texts
    site.venue.send(order)
    began = time.thread_time_ns()
    await graph.heard(before + order.texts)
    cost = (time.thread_time_ns() - began) / order.texts
    site.venue.sent()
    assert not graph.live.feed.session.gaps, "the exchange of the bench leaves nothing out"
    return cost


def waking(site: Site, rounds: int) -> Iterator[Row]:
    """M6 and M7, by each library, with cache and history on."""
    order = Order.lasting(1.5, BUSY)
    for through in libraries():
        bare, ours, signals = site.run(partial(_paced, site, through, order, rounds))
        where = f"{through.name}, {loop_name()}{_without(site)}"
        told = f"{where}; signals P50 {percentile(signals, 0.5):.0f}"
        for goal, share, note in (("M6", 0.50, told), ("M7", 0.99, where)):
            least, karb = (
                timing(runs, [quietest(run, share) for run in runs]) for runs in (bare, ours)
            )
            yield Row(goal, karb.over(least), least, None, karb, f"{note}; quietest window")


async def _paced(
    site: Site, through: Library, order: Order, rounds: int
) -> tuple[list[list[int]], list[list[int]], list[int]]:
    """The ages of texts received and nothing more, of texts decided, and of signals."""
    bare, ours, signals = [], [], []
    for _ in range(rounds):
        received: list[int] = []
        await read(site.venue, through, order, stamping(received))
        ages = await _decided(site, through, order)
        bare.append(received)
        ours.append(ages.texts)
        signals += ages.signals
    return bare, ours, signals


async def _decided(site: Site, through: Library, order: Order) -> Ages:
    ages, given = Ages(), site.backing.given
    async with (
        real(given) as stores,
        running(given, stores, site.venue.url, through, ages=ages) as graph,
    ):
        await _sent(site, graph, order)
    return ages


def holding(site: Site, _rounds: int) -> Iterator[Row]:
    """M8: the highest of some rates that holds for two seconds, with cache and history on."""
    through, missed = libraries()[0], list[str]()
    where = f"{through.name}, {loop_name()}{_without(site)}"
    for rate in RATES:
        why = site.run(partial(_failed, site, through, rate))
        if not why:
            yield Row("M8", rate, note="; ".join([where, *missed]))
            return
        missed.append(f"{rate:,}: {why}")
    yield Row("M8", 0, note="; ".join([where, *missed]))


async def _failed(site: Site, through: Library, rate: int) -> str:
    """Why a rate does not hold; empty when it does."""
    given, ages = site.backing.given, Ages()
    order = Order.lasting(SECONDS, rate)
    async with (
        real(given) as stores,
        running(given, stores, site.venue.url, through, ages=ages) as graph,
    ):
        ticks, texts = graph.live.streaming.ticks, graph.texts
        site.venue.send(order)
        with suppress(TimeoutError):
            await graph.heard(texts + order.texts)
        # In a thread: an exchange that is behind can only end while its texts are read.
        sent = await asyncio.to_thread(site.venue.sent)
        if graph.live.feed.session.gaps or len(ages.texts) < order.texts:
            return "messages were missed"
        behind = sent.late + ages.texts[-1]
        if behind > BACKLOG:
            return f"{behind / MILLISECOND:,.0f} ms behind"
        await asyncio.sleep(BACKLOG / 1e9)
        read_later = graph.live.streaming.ticks - ticks
        if read_later < _ticks(order):
            return f"{_ticks(order) - read_later:,} ticks not handed on"
        dropped = sum(stores.history.stats().dropped.values())
        return f"{dropped:,} rows of history dropped" if dropped else ""


def _ticks(order: Order) -> int:
    return order.times * sum(b'"type":"ticker"' in text for text in traffic().texts)


class _Stalled(NamedTuple):
    """The ages of texts, and what Redis lacked at the end."""

    ages: list[int]
    lacking: int


def stalling(site: Site, rounds: int) -> Iterator[Row]:
    """M10: Redis stops for a second in the middle of a run; a round takes six."""
    through = libraries()[0]
    order = Order.lasting(3.0, BUSY)
    calm, stopped = [], []
    for _ in range(min(rounds, 3)):
        calm.append(site.run(partial(_stalled, site, through, order, stop=False)))
        stopped.append(site.run(partial(_stalled, site, through, order, stop=True)))
    without, with_stop = (
        timing([run.ages for run in runs], [percentile(run.ages, 0.99) for run in runs])
        for runs in (calm, stopped)
    )
    where = f"{through.name}, {loop_name()}{_without(site)}"
    yield Row("M10a", with_stop.over(without), None, without, with_stop, f"{where}; other: calm")
    lacking = sum(run.lacking for run in stopped)
    yield Row("M10b", lacking, note=f"of {len(traffic().fair)} markets and all signals")


async def _stalled(site: Site, through: Library, order: Order, *, stop: bool) -> _Stalled:
    given, valkey, ages = site.backing.given, site.backing.valkey, Ages()
    before = int(valkey.ask("XLEN", SIGNALS))
    async with (
        real(given) as stores,
        running(given, stores, site.venue.url, through, ages=ages) as graph,
    ):
        loop = asyncio.get_running_loop()
        if stop:
            loop.call_later(STOPPED, valkey.stop)
            loop.call_later(2 * STOPPED, valkey.go_on)
        await _sent(site, graph, order)
        await asyncio.sleep(0.1)
        await stores.redis.store.writer.drained(5.0)
        signals = graph.recent.sent - (int(valkey.ask("XLEN", SIGNALS)) - before)
        stale = sum(_is_stale(site, graph, ticker) for ticker in traffic().fair)
    return _Stalled(ages.texts, stale + abs(signals))


def _is_stale(site: Site, graph: Graph, ticker: str) -> bool:
    """Whether Redis has something else than the newest prices of a market."""
    valkey, quoted = site.backing.valkey, graph.live.feed.prices.quoted(ticker)
    assert quoted is not None
    fields = market_fields(quoted.quote, quoted.last_price)
    kept = valkey.ask("HGETALL", market_key(ticker))
    # A book that has not changed since its snapshot is as old as the look at it.
    for each in (fields, kept):
        each.pop("updated_at", None)
    listed = bool(valkey.ask("SISMEMBER", MARKETS, ticker))
    return not listed or kept != {name: value for name, value in fields.items() if value}


def _without(site: Site) -> str:
    return ", no QuestDB" if site.backing.history else ""


ON_THE_WIRE: dict[str, Callable[[Site, int], Iterator[Row]]] = {
    "M5 M9": receiving,
    "M6 M7": waking,
    "M8": holding,
    "M10a M10b": stalling,
}
