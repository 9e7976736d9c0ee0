"""Stop a server cleanly, and only the one that holds this data folder's lock."""

import os
import time
from contextlib import suppress

from karb.adapters.embedded.place import Place
from karb.errors import StoreDownError


def stop(place: Place, *, limit: float = 30) -> bool:
    """Signal the server and wait until it and its children are gone; False where none ran.

    Raises `StoreDownError` when it still runs after `limit` seconds.
    """
    end = time.monotonic() + limit
    told: set[int] = set()
    ran = False
    while place.held():
        ran = True
        pid = place.pid()
        if pid is not None and pid not in told:  # a second signal would cut its ending short
            told.add(pid)
            with suppress(ProcessLookupError):
                os.kill(pid, place.ending)
        if time.monotonic() > end:
            raise _still_there(place, limit, pid)
        time.sleep(0.02)
    return ran


def _still_there(place: Place, limit: float, pid: int | None) -> StoreDownError:
    known = f" (pid {pid})" if pid else ""
    return StoreDownError(
        f"{place.name}{known} has not stopped within {limit:.0f} s",
        means="it still runs; what it has acknowledged is safe",
        do=f"kill -9 {pid} ends it, nothing acknowledged is lost" if pid else f"read {place.log}",
    )
