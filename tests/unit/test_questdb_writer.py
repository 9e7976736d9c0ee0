"""The writer without a server: nothing waits, nothing is lost within the limits."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from karb.adapters.questdb import writer as module
from karb.adapters.questdb.address import Address
from karb.adapters.questdb.writer import HistoryWriter
from karb.domain.market.messages import Quote
from karb.errors import ConfigError, StoreDownError
from offers import odds_event, offered
from situations import NOW, quote
from spooled import left

DOWN = StoreDownError("there is no QuestDB", means="history waits", do="start one")


def nowhere() -> Address:
    raise DOWN


def writer(
    spool: Path, where: Callable[[], Address] = nowhere, *, process: int = 1, size: int = 2**20
) -> HistoryWriter:
    return HistoryWriter(where, spool, process=process, days=30, spool_bytes=size)


def waits_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    assert true()


def test_rows_wait_on_disk_while_there_is_no_server(tmp_path: Path) -> None:
    history = writer(tmp_path)
    history.start()
    for _ in range(250):
        history.add_quote(quote(), None)
    waits_until(lambda: history.stats().spooled > 0 and history.stats().waiting == 0)
    stats = history.stats()
    assert (stats.connected, stats.running, stats.trouble) == (False, True, DOWN)
    assert (stats.written, stats.dropped) == ({}, {})
    history.close(5)
    assert len(left(tmp_path)) == 250


def test_closing_does_not_wait_for_a_server_that_does_not_come(tmp_path: Path) -> None:
    history = writer(tmp_path)
    history.start()
    history.add_quote(quote(), None)
    began = time.monotonic()
    history.close(600)
    assert time.monotonic() - began < 20
    assert len(left(tmp_path)) == 1


def test_closing_does_not_wait_for_whoever_looks_for_the_server(tmp_path: Path) -> None:
    release = threading.Event()

    def fetching() -> Address:
        release.wait(20)
        raise DOWN

    history = writer(tmp_path, fetching)
    history.start()
    history.add_quote(quote(), None)
    history.close(0.1)
    assert len(left(tmp_path)) == 1
    release.set()


def test_a_server_is_looked_for_again_whatever_the_reason_was(tmp_path: Path) -> None:
    asked: list[int] = []

    def where() -> Address:
        asked.append(1)
        raise ConfigError("no Java")

    history = writer(tmp_path, where)
    history.start()
    waits_until(lambda: len(asked) >= 3)
    history.close(1)


def test_every_row_has_its_own_number_and_two_processes_never_the_same(tmp_path: Path) -> None:
    for process in (1, 2):
        history = writer(tmp_path, process=process)
        history.start()
        for _ in range(300):
            history.add_quote(quote(), None)
        history.add_odds(odds_event(), offered(), NOW)
        history.close(1)
    rows = left(tmp_path)
    assert len(rows) == len(set(rows)) == 2 * (300 + 8)


def test_what_comes_faster_than_files_take_it_is_dropped_by_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_PENDING", 3)
    history = writer(tmp_path)
    for _ in range(5):
        history.add_quote(quote(), None)
    history.add_odds(odds_event(), offered(), NOW)
    assert history.stats().dropped == {"kalshi_ticks": 2, "sportsbook_odds": 8}
    assert history.stats().waiting == 3
    history.start()
    history.close(1)
    assert len(left(tmp_path)) == 3


def test_what_others_left_is_counted_before_there_is_a_server(tmp_path: Path) -> None:
    dead, heir = writer(tmp_path, process=1), writer(tmp_path, process=2)
    dead.add_quote(quote(), None)
    dead.close(1)
    heir.start()
    waits_until(lambda: heir.stats().spooled > 0)
    heir.close(1)
    assert len(left(tmp_path)) == 1


def test_what_was_recorded_before_a_start_that_never_came_is_kept(tmp_path: Path) -> None:
    history = writer(tmp_path)
    history.add_quote(quote(), None)
    history.close(5)
    assert len(left(tmp_path)) == 1


def test_what_comes_after_the_end_is_dropped_and_counted(tmp_path: Path) -> None:
    history = writer(tmp_path)
    history.start()
    history.close(1)
    history.add_quote(quote(), None)
    assert history.stats().dropped == {"kalshi_ticks": 1}
    assert left(tmp_path) == []


def test_past_the_limit_drops_are_exactly_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_PENDING", 1_000)
    history = writer(tmp_path, size=100_000)
    history.start()
    recorded = 10_000
    for _ in range(recorded):
        history.add_quote(quote(), None)
    waits_until(lambda: "MB" in history.stats().full)
    assert history.stats().waiting > 0
    history.close(1)
    stats = history.stats()
    dropped = sum(stats.dropped.values())
    assert (0 < dropped < recorded, stats.waiting) == (True, 0)
    assert len(left(tmp_path)) == recorded - dropped


def test_without_a_disk_memory_holds_what_it_can_until_there_is_one(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.touch()
    history = writer(spool)
    history.start()
    for _ in range(30):
        history.add_quote(quote(), None)
    waits_until(lambda: "File exists" in history.stats().full)
    assert (history.stats().waiting, history.stats().dropped) == (30, {})
    spool.unlink()
    waits_until(lambda: history.stats().waiting == 0)
    assert history.stats().full == ""
    history.close(1)
    assert len(left(spool)) == 30


@pytest.mark.parametrize("bad", [quote(ticker="\ud800"), quote(volume=2**70)])
def test_what_no_file_can_hold_is_refused_and_the_others_are_kept(
    tmp_path: Path, bad: Quote
) -> None:
    history = writer(tmp_path)
    for each in (*[quote()] * 150, bad, *[quote()] * 150):
        history.add_quote(each, None)
    history.close(1)
    stats = history.stats()
    assert (stats.refused, stats.dropped, stats.waiting) == ({"kalshi_ticks": 1}, {}, 0)
    assert stats.refusal
    rows = left(tmp_path)
    assert len(rows) == len(set(rows)) == 300


def test_a_thread_that_died_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)

    def broken() -> Address:
        raise RuntimeError

    history = writer(tmp_path, broken)
    history.start()
    waits_until(lambda: not history.stats().running)
    history.add_quote(quote(), None)
    history.close(1)
    assert len(left(tmp_path)) == 1
