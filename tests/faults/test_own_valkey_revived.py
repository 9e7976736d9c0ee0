"""karb's own Valkey comes back by itself under a process that runs."""

import asyncio
import os
import signal
from pathlib import Path

from karb.adapters.embedded.valkey import valkey_place
from karb.config.settings import Settings
from karb.errors import KarbError
from karb.wiring.opened import open_redis
from servers import own_servers
from situations import quote


def test_a_killed_valkey_is_started_again_and_takes_what_was_put_meanwhile(tmp_path: Path) -> None:
    told: list[KarbError] = []

    async def run() -> None:
        settings = Settings.of({"karb_data_dir": str(data)})
        async with open_redis(settings, told.append) as redis:
            await redis.store.writer.drained(10)
            pid = valkey_place(data).pid()
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            redis.store.cache.put_quote(quote(), None)
            async with asyncio.timeout(20):
                while valkey_place(data).pid() in (None, pid) or not redis.store.writer.up:
                    await asyncio.sleep(0.05)
            await redis.store.writer.drained(10)

    with own_servers(tmp_path / "data") as data:
        asyncio.run(run())
    assert [type(error).__name__ for error in told] == ["LostError"]
