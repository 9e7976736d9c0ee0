"""Real servers for tests: a data folder of their own, and the archive fetched once per machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from karb.adapters.embedded.archive import questdb_jar
from karb.adapters.embedded.place import Place
from karb.adapters.embedded.postgres import postgres_place
from karb.adapters.embedded.questdb import questdb_place
from karb.adapters.embedded.stopper import stop
from karb.adapters.embedded.valkey import valkey_place


def places(data: Path) -> tuple[Place, ...]:
    """Every server of a data folder."""
    return valkey_place(data), postgres_place(data), questdb_place(data)


def cache() -> Path:
    """A folder that outlives the test run: `KARB_TEST_CACHE`, else one in the user's cache."""
    given = os.environ.get("KARB_TEST_CACHE")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(given) if given else home / "karb-tests"


def jar() -> Path:
    """QuestDB's archive, fetched into the cache where it is not there yet."""
    return questdb_jar(cache(), os.environ.get("KARB_QUESTDB_JAR"), lambda _done, _total: None)


@contextmanager
def own_servers(data: Path) -> Iterator[Path]:
    """A data folder whose servers are gone afterwards, whatever happened."""
    try:
        yield data
    finally:
        for place in places(data):
            stop(place)
