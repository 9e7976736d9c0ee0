"""Stores for the bench: a Valkey and a QuestDB of its own, or stores that nobody serves."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from random import Random
from time import monotonic_ns, time_ns
from typing import NamedTuple, NoReturn

from karb.adapters.postgres.credits import PostgresCredits
from karb.adapters.postgres.links import PostgresLinks
from karb.adapters.questdb.writer import HistoryWriter
from karb.adapters.redis.store import redis_store
from karb.config.load import load_settings
from karb.config.profiles import load_profile
from karb.errors import KarbError
from karb.wiring.database import database
from karb.wiring.opened import OpenRedis, open_history, open_redis
from karb.wiring.run import Stores
from karb.wiring.settings import Chosen
from karb.wiring.stores import questdb_at
from own_valkey import OwnValkey, own_valkey
from perf.cores import first_in_line, pinned
from perf.ours import PROFILE
from servers import jar, own_servers

_DURABLE = ("--appendonly", "yes", "--appendfsync", "everysec")
"""As karb's own Valkey runs."""


class Backing(NamedTuple):
    """Settings that name running servers. `history`: empty, or why there is no QuestDB here."""

    given: Chosen
    valkey: OwnValkey
    history: str


@contextmanager
def backing(core: int | None) -> Iterator[Backing]:
    """Servers on that core, gone afterwards; `KarbError` or `ImportError` without a Valkey."""
    with tempfile.TemporaryDirectory(prefix="karb-bench-") as name:
        folder = Path(name)
        with ExitStack() as stack:
            stack.enter_context(own_servers(folder))
            with pinned(core):
                with first_in_line():
                    valkey = stack.enter_context(own_valkey(folder, *_DURABLE))
                environment = {"KARB_DATA_DIR": name, "REDIS_URL": valkey.url}
                given, history = _with_history(environment, folder)
            yield Backing(given, valkey, history)


def _with_history(environment: dict[str, str], folder: Path) -> tuple[Chosen, str]:
    """Settings whose QuestDB runs; or settings, and why it does not."""
    try:
        given = _chosen({**environment, "KARB_QUESTDB_JAR": str(jar())}, folder)
        questdb_at(given.settings)
    except (KarbError, ImportError) as reason:
        return _chosen(environment, folder), str(reason)
    return given, ""


def _chosen(environment: dict[str, str], folder: Path) -> Chosen:
    loaded = load_settings({}, environment=environment, folder=folder)
    return Chosen(loaded.settings, load_profile(PROFILE))


@asynccontextmanager
async def real(given: Chosen) -> AsyncIterator[Stores]:
    """The stores of a running karb, as production opens them."""
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(open_redis(given.settings, _nobody))
        history = await stack.enter_async_context(open_history(given.settings, _nobody))
        yield _with_database(given, redis, history)


@asynccontextmanager
async def away(given: Chosen) -> AsyncIterator[Stores]:
    """The same without a connection and without a thread: what is given to them stays there."""
    store = redis_store(
        "unix:///nobody", now=time_ns, clock=monotonic_ns, random=Random(), told=_nobody
    )
    serving = asyncio.create_task(_never())
    folder = Path(given.settings.karb_data_dir) / "away"
    history = HistoryWriter(_nowhere, folder, process=1, days=1, spool_bytes=1)
    try:
        yield _with_database(given, OpenRedis(store, serving), history)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


def _with_database(given: Chosen, redis: OpenRedis, history: HistoryWriter) -> Stores:
    """PostgreSQL is not on the way of a price: nothing of it is started."""
    postgres = database(given.settings)
    return Stores(redis, history, PostgresLinks(postgres), PostgresCredits(postgres))


async def _never() -> None:
    await asyncio.Event().wait()


def _nowhere() -> NoReturn:
    raise AssertionError("a store that is away was asked for its address")


def _nobody(_error: KarbError) -> None:
    """Nobody listens."""
