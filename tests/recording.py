"""Recording into a QuestDB for tests: new tables, writers, ticks that no other is like."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import SystemRandom

from karb.adapters.questdb.address import Address, connect
from karb.adapters.questdb.tables import TABLES
from karb.adapters.questdb.writer import HistoryWriter
from karb.domain.market.messages import Quote
from karb.domain.units import CENT, CONTRACT, Nanos

TICKER = "KXNFLGAME-26NOV26BUFHOU-BUF"


def new_tables(at: Address) -> None:
    """Drop what an earlier test has recorded."""
    with closing(connect(at, seconds=10)) as sql:
        for name in TABLES:
            sql.execute(f'DROP TABLE IF EXISTS "{name}"')


def writer(where: Callable[[], Address], spool: Path, *, spool_mb: float = 256) -> HistoryWriter:
    """A writer of another process, as far as anybody can tell."""
    return HistoryWriter(
        where,
        spool,
        process=SystemRandom().getrandbits(31),
        days=30,
        spool_bytes=round(spool_mb * 2**20),
    )


@contextmanager
def writing(where: Callable[[], Address], spool: Path) -> Iterator[HistoryWriter]:
    """A writer at work; everything is written behind it."""
    history = writer(where, spool)
    history.start()
    try:
        yield history
    finally:
        history.close(10)


def tick(number: int, at: Nanos | None = None) -> Quote:
    """A tick whose volume is its number, received now or `at`."""
    received = time.time_ns() if at is None else at
    return Quote(
        ticker=TICKER,
        yes_bid=47 * CENT,
        yes_ask=48 * CENT,
        yes_bid_size=500 * CONTRACT,
        yes_ask_size=500 * CONTRACT,
        volume=number * CONTRACT,
        ts_event=received,
        ts_recv=received,
    )


def waits_until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Return when it is true; fail when it does not become so."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    assert true()
