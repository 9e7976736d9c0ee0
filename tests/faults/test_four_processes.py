"""`karb stream`, `karb detect`, `karb ingest-odds` and `karb map-events` as four processes.

Every planted edge that stood a second outside the kill windows has a signal, and there is no
other signal, whatever dies. `soak processes` does the same for longer, with many more kills.
"""

import os
import signal
import time
from collections.abc import Iterator
from fcntl import LOCK_NB, LOCK_SH, flock
from pathlib import Path

import pytest

from four_processes import System, Watched, four_processes, karb_run
from karb.adapters.embedded.valkey import valkey_place
from karb.sim.venue import SimOptions
from planted_edges import told_of
from running_karb import wait_for

# Starting three servers and four processes is not what the limit of a test is for.
pytestmark = pytest.mark.timeout(30, func_only=True)

OPTIONS = SimOptions(seed=3, edges_per_minute=120.0)
ENOUGH = 5
"""Edges that must have been owed after a kill for a test to say anything."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, questdb_archive: Path) -> Iterator[System]:
    with four_processes(OPTIONS, tmp_path_factory.mktemp("four")) as system:
        yield system


@pytest.fixture
def four(shared: System) -> Iterator[System]:
    """The four, all of them running before and after; only what comes from now on is judged."""
    assert shared.ended() == {}
    shared.lit_since = time.time_ns()
    yield shared
    assert shared.ended() == {}


@pytest.fixture
def run(tmp_path: Path, questdb_archive: Path) -> Iterator[Watched]:
    """`karb run` against another venue of the same seed."""
    with karb_run(OPTIONS, tmp_path) as watched:
        yield watched


def watch(four: System) -> None:
    """Watch until enough more edges were owed."""
    wanted = len(four.owed()) + ENOUGH
    wait_for(lambda: len(four.owed()) >= wanted, "more edges are owed")
    check(four)


def check(watched: Watched) -> None:
    """Every edge that was owed has its signal, and no signal is without an edge."""
    verdict = watched.verdict()
    plan = watched.venue.planted
    assert [plan[place] for place in verdict.missed] == []
    assert [told_of(stray, plan) for stray in verdict.strays] == []


def test_four_processes_and_karb_run_tell_of_the_same_edges(four: System, run: Watched) -> None:
    wait_for(lambda: len(four.owed() & run.owed()) >= 2 * ENOUGH, "the same edges are owed")
    for place in four.owed() & run.owed():
        here, there = four.venue.planted[place], run.venue.planted[place]
        assert (here.ticker, here.side) == (there.ticker, there.side)
    check(run)
    check(four)


@pytest.mark.parametrize("name", ["stream", "detect"])
def test_a_killed_process_takes_up_where_it_was(four: System, name: str) -> None:
    four.kill_and_restart(name)
    watch(four)


def test_a_pass_over_the_odds_killed_in_its_middle_costs_nothing(four: System) -> None:
    process = four.started("ingest-odds", "--json")
    wait_for(lambda: locked(four.data / "run" / "odds.lock"), "the pass has begun", turn=0.001)
    process.kill()
    four.ingest()
    watch(four)


def test_links_outlive_the_process_that_made_them(four: System) -> None:
    four.running["map-events"].kill()
    watch(four)
    four.start("map-events")
    wait_for(four.links, "a pass over the links")
    watch(four)


def test_a_killed_redis_is_started_by_the_next_command_and_everybody_is_back(four: System) -> None:
    killed = time.time_ns()
    place = valkey_place(four.data)
    pid = place.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not place.held(), "it is gone")
    four.ingest()
    four.dark_since(killed)
    watch(four)


@pytest.mark.parametrize("name", ["stream", "detect"])
def test_what_came_while_a_process_slept_is_not_decided_on(four: System, name: str) -> None:
    """Edges that ended meanwhile are history; those that stand are told of again."""
    slept = time.time_ns()
    os.kill(four.running[name].pid, signal.SIGSTOP)
    time.sleep(6)
    os.kill(four.running[name].pid, signal.SIGCONT)
    four.dark_since(slept)
    watch(four)


def locked(path: Path) -> bool:
    """Whether somebody holds the lock of this file."""
    if not path.exists():
        return False
    handle = os.open(path, os.O_RDONLY)
    try:
        flock(handle, LOCK_SH | LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
