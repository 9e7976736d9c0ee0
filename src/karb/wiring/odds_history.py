"""History for a process of the odds alone: often a short one, and nobody watches a screen.

What is wrong is said on the way, as there is no place where it would be seen otherwise. A
single pass does not begin to fetch QuestDB's archive, which it would not see the end of.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

from karb.adapters.questdb.writer import HistoryStats, HistoryWriter
from karb.config.settings import Settings
from karb.errors import DataError, KarbError, StoreDownError
from karb.wiring.stores import QuestDBAt, data_folder, questdb_at

CLOSED_WITHIN = 10.0
"""Seconds that the last rows may take, a start of QuestDB included; the rest waits on disk."""
LOOKED_AT = 5.0
"""Seconds between two looks at what is wrong."""

QuestDB = Callable[[Settings], QuestDBAt]
Told = Callable[[KarbError], None]


@asynccontextmanager
async def odds_history(
    settings: Settings, questdb: QuestDB, told: Told
) -> AsyncIterator[HistoryWriter]:
    """A `History` that writes to what `questdb` finds; the rest is left to the next process.

    `told` hears of each trouble once, until there is none.
    """
    writer = HistoryWriter(
        lambda: questdb(settings),
        data_folder(settings) / "spool",
        process=secrets.randbits(31),
        days=settings.karb_history_days,
        spool_bytes=settings.karb_spool_mb << 20,
    )
    troubles = _Troubles(told)
    writer.start()
    watching = asyncio.create_task(_watch(writer, troubles))
    try:
        yield writer
    finally:
        watching.cancel()
        await asyncio.to_thread(writer.close, CLOSED_WITHIN)
        troubles.look(writer.stats())


def questdb_without_fetching(settings: Settings) -> QuestDBAt:
    """As `questdb_at`, where the archive is here already."""
    if not (settings.questdb_ilp_host or settings.questdb_pg_host or settings.karb_questdb_jar):
        from karb.adapters.embedded.archive import VERSION

        if not (data_folder(settings) / f"questdb-{VERSION}.jar").exists():
            raise StoreDownError(
                "QuestDB's Java archive is not here yet",
                means="history waits in karb's spool; nothing that decides needs it",
                do="karb services start fetches it",
            )
    return questdb_at(settings)


class _Troubles:
    """What is wrong with history, said when it begins."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._said: set[str] = set()

    def look(self, stats: HistoryStats) -> None:
        """Say what was not said before."""
        errors = {str(error): error for error in _wrong(stats)}
        for text in errors.keys() - self._said:
            self._told(errors[text])
        self._said = set(errors)


def _wrong(stats: HistoryStats) -> Iterator[KarbError]:
    if stats.trouble is not None:
        yield stats.trouble
    if stats.dropped:
        yield StoreDownError(
            f"rows of history were lost, as nothing takes them ({stats.full or 'memory is full'})",
            means="they will be missing in QuestDB; nothing that decides needs them",
            do="make room, or raise KARB_SPOOL_MB",
        )
    if stats.refused:
        yield DataError(
            f"QuestDB refused rows of history: {stats.refusal}",
            means="they are missing in it; nothing that decides needs them",
            do="report this as a fault of karb",
        )


async def _watch(writer: HistoryWriter, troubles: _Troubles) -> None:
    while True:
        await asyncio.sleep(LOOKED_AT)
        troubles.look(writer.stats())
