"""Servers that a whole test run shares, each started when the first test wants it.

Their modules are imported that late as well: the wheel is also tested without `karb[embedded]`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from karb.errors import StoreDownError

if TYPE_CHECKING:
    from karb.adapters.embedded.questdb import QuestDBAt


@pytest.fixture(scope="session")
def shared_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The run's data folder; nothing in it runs when the tests are over."""
    from servers import own_servers

    with own_servers(tmp_path_factory.mktemp("stores")) as data:
        yield data


@pytest.fixture(scope="session")
def valkey_socket(shared_data: Path) -> Path:
    """The unix socket of a running Valkey. Tests share it: use keys of your own, or flush."""
    from karb.adapters.embedded.valkey import start_valkey

    return start_valkey(shared_data)


@pytest.fixture(scope="session")
def postgres_host(shared_data: Path) -> Path:
    """The folder of a running PostgreSQL's socket; user `karb`, database `postgres`."""
    from karb.adapters.embedded.postgres import start_postgres

    return start_postgres(shared_data)


@pytest.fixture(scope="session")
def questdb_archive() -> Path:
    """QuestDB's Java archive; skips where it is not here and cannot be fetched."""
    from servers import jar

    try:
        return jar()
    except StoreDownError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def questdb_at(shared_data: Path, questdb_archive: Path) -> "QuestDBAt":
    """Where a running QuestDB listens."""
    from karb.adapters.embedded.questdb import start_questdb

    return start_questdb(shared_data, questdb_archive)
