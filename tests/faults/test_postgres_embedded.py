"""karb's own PostgreSQL, killed under a running connection, is started again by using it."""

import asyncio
from pathlib import Path
from random import Random
from time import monotonic_ns

import psutil

from karb.adapters.embedded.postgres import start_postgres
from karb.adapters.postgres.connection import Postgres
from karb.adapters.postgres.credits import PostgresCredits
from karb.ports import Credits
from karb.wiring.stores import own_postgres
from servers import own_servers

TOLD = Credits(remaining=480, used=20, last=10, at=1_795_000_000_000_000_000)


def kill(data: Path) -> None:
    """End the server as the kernel would, and wait until its last process has noticed."""
    postmaster = psutil.Process(int((data / "pg" / "postmaster.pid").read_text().split()[0]))
    family = [postmaster, *postmaster.children(recursive=True)]
    postmaster.kill()
    psutil.wait_procs(family, timeout=10)


def test_a_killed_server_comes_back_with_what_was_committed(tmp_path: Path) -> None:
    async def suite(data: Path) -> None:
        def locate() -> str:
            return own_postgres(start_postgres(data)).conninfo

        async with Postgres(locate, clock=monotonic_ns, random=Random(7)) as connection:
            book = PostgresCredits(connection)
            await book.note(TOLD)
            kill(data)
            assert await book.last() == TOLD

    with own_servers(tmp_path / "data") as data:
        asyncio.run(suite(data))
