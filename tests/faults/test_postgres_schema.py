"""Migrations: two at once, a newer database, a role that may not, one that is killed."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from karb.adapters.postgres.links import PostgresLinks
from karb.adapters.postgres.schema import MIGRATIONS, NEWEST, migrate
from karb.errors import ConfigError, ExitCode
from postgres_database import empty, fresh_database, opened


@pytest.fixture(scope="module")
def shared(postgres_host: Path) -> Iterator[str]:
    with fresh_database(postgres_host) as conninfo:
        yield conninfo


@pytest.fixture
def database(shared: str) -> Iterator[str]:
    """An address of a database without tables of karb's."""
    yield shared
    empty(shared)


def use(conninfo: str) -> None:
    """Read the links, which migrates first."""

    async def read() -> None:
        async with opened(conninfo) as connection:
            await PostgresLinks(connection).current()

    asyncio.run(read())


def tables(conninfo: str) -> set[str]:
    with psycopg.connect(conninfo) as server:
        found = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'karb'")
        return {name for (name,) in found}


def test_the_first_use_makes_the_tables_and_notes_which_karb_did(database: str) -> None:
    use(database)
    assert {"links", "link_decisions", "odds_credits", "versions"} < tables(database)
    with psycopg.connect(database) as server:
        assert server.execute("SELECT version_num FROM karb.schema_version").fetchall() == [
            (NEWEST,)
        ]
        noted = server.execute("SELECT migration, karb <> '' FROM karb.versions").fetchall()
        assert noted == [(step, True) for step in sorted(steps())]


def steps() -> list[str]:
    return [path.stem[1:5] for path in (MIGRATIONS / "versions").glob("v*.py")]


def test_the_newest_migration_is_the_last_file_and_each_has_its_sql() -> None:
    assert max(steps()) == NEWEST
    folder = MIGRATIONS / "versions"
    assert {path.stem for path in folder.glob("v*.sql")} == {p.stem for p in folder.glob("v*.py")}


def test_migrators_at_once_do_it_once(database: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [database] * 4))
    with psycopg.connect(database) as server:
        assert server.execute("SELECT count(*) FROM karb.versions").fetchone() == (len(steps()),)


def test_a_database_of_a_newer_karb_is_refused_and_left_alone(database: str) -> None:
    use(database)
    with psycopg.connect(database) as server:
        server.execute("UPDATE karb.schema_version SET version_num = '9001'")
        server.execute("DROP VIEW karb.current_links")
    for attempt in (use, migrate):
        with pytest.raises(ConfigError, match="newer karb: its tables are 9001") as refused:
            attempt(database)
        assert (refused.value.exit_code, refused.value.retryable) == (ExitCode.CONFIG, False)
    with psycopg.connect(database) as server:
        assert server.execute("SELECT to_regclass('karb.current_links')").fetchone() == (None,)


def test_a_role_that_may_not_create_the_schema_is_told_what_it_needs(database: str) -> None:
    role = f"karb_test_{uuid4().hex}"
    with psycopg.connect(database, autocommit=True) as server:
        server.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        try:
            with pytest.raises(ConfigError, match="permission denied for database") as refused:
                use(f"{database} options='-c role={role}'")
            assert "create the schema karb" in refused.value.do
            assert tables(database) == set()
            use(database)
            with pytest.raises(ConfigError, match="permission denied for schema karb"):
                use(f"{database} options='-c role={role}'")
        finally:
            server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def test_a_migrator_that_is_killed_leaves_nothing_and_the_next_one_does_it(database: str) -> None:
    """Killed at its last step: its tables are made, and it waits to write the version."""
    with psycopg.connect(database) as other, psycopg.connect(database, autocommit=True) as watch:
        other.execute("CREATE SCHEMA karb")
        other.execute("CREATE TABLE karb.schema_version (version_num varchar(32) PRIMARY KEY)")
        other.commit()
        other.execute("LOCK TABLE karb.schema_version IN SHARE MODE")
        migrator = subprocess.Popen([sys.executable, "-c", f"{MIGRATE}({database!r})"])
        try:
            wait_until(lambda: watch.execute(WAITING).fetchone() == (1,))
        finally:
            migrator.kill()
            migrator.wait(10)
    assert tables(database) == {"schema_version"}
    use(database)
    assert "links" in tables(database)


MIGRATE = "from karb.adapters.postgres.schema import migrate; migrate"
WAITING = "SELECT count(*) FROM pg_locks WHERE relation IS NOT NULL AND NOT granted"


def wait_until(happened: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_tables_of_somebody_else_in_the_schema_are_said_and_left_alone(database: str) -> None:
    with psycopg.connect(database) as other:
        other.execute("CREATE SCHEMA karb")
        other.execute("CREATE TABLE karb.versions (theirs text)")
    with pytest.raises(ConfigError, match='relation "versions" already exists') as refused:
        use(database)
    assert refused.value.means == "the database is as it was"
    assert tables(database) == {"versions"}


def test_a_database_that_is_not_behind_costs_no_import_of_alembic(database: str) -> None:
    use(database)
    program = f"""
import asyncio, sys
from postgres_database import opened
from karb.adapters.postgres.links import PostgresLinks
async def read():
    async with opened({database!r}) as connection:
        await PostgresLinks(connection).current()
asyncio.run(read())
print(sorted({{"alembic", "sqlalchemy"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=25,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == "[]"
