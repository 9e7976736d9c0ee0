"""Where a store is by the settings; what is told of it never holds a password."""

import traceback
from pathlib import Path
from typing import Any

import psycopg
import pytest

from karb.config.settings import Settings
from karb.errors import ConfigError
from karb.wiring.stores import (
    data_folder,
    own_postgres,
    own_redis,
    postgres_at,
    questdb_at,
    redis_at,
)

CANARY = "c4n4ry/p@ss"
QUOTED = "c4n4ry%2Fp%40ss"
BROKEN = "c4n4ry%zz"


def settings(**given: Any) -> Settings:
    return Settings.of(given)


def test_redis_is_where_its_address_says() -> None:
    at = redis_at(settings(redis_url=f"redis://:{QUOTED}@cache:6380/2"))
    assert at.url == f"redis://:{QUOTED}@cache:6380/2"
    assert (at.shown, at.own) == ("redis://:****@cache:6380/2", False)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_an_address_for_sqlalchemy_is_one_for_psycopg(scheme: str) -> None:
    at = postgres_at(settings(database_url=f"{scheme}://me:{QUOTED}@db:5433/karb?sslmode=require"))
    known = psycopg.conninfo.conninfo_to_dict(at.conninfo)
    assert known == {
        "user": "me",
        "password": CANARY,
        "host": "db",
        "port": "5433",
        "dbname": "karb",
        "sslmode": "require",
    }


def test_an_address_that_cannot_be_read_is_not_repeated() -> None:
    for name, at, scheme in (
        ("redis_url", redis_at, "redis"),
        ("database_url", postgres_at, "postgresql"),
    ):
        given = settings(**{name: f"{scheme}://me:{BROKEN}@host:port/karb"})
        with pytest.raises(ConfigError, match=f"{name.upper()} cannot be read") as raised:
            at(given)
        assert "c4n4ry" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("host", ["questdb_ilp_host", "questdb_pg_host"])
def test_one_host_of_questdb_stands_for_both(host: str) -> None:
    at = questdb_at(settings(**{host: "history"}))
    assert (at.http_host, at.http_port, at.pg_host, at.pg_port) == (
        "history",
        9000,
        "history",
        8812,
    )
    assert (at.user, at.password, at.own) == ("admin", "quest", False)


def test_two_hosts_of_questdb_are_two() -> None:
    given = {"questdb_ilp_host": "writes", "questdb_pg_host": "reads", "questdb_pg_port": "8813"}
    at = questdb_at(settings(**given, questdb_http_port="9001"))
    assert (at.http_host, at.http_port, at.pg_host, at.pg_port) == ("writes", 9001, "reads", 8813)


def test_no_address_shows_its_password() -> None:
    told = repr(
        (
            redis_at(settings(redis_url=f"redis://me:{QUOTED}@cache")),
            postgres_at(settings(database_url=f"postgresql://me:{QUOTED}@db/karb")),
            questdb_at(settings(questdb_pg_host="history", questdb_pg_password=CANARY)),
        )
    )
    assert "c4n4ry" not in told


def test_addresses_of_ones_own_stand_any_path() -> None:
    folder = Path("/srv/a b/100%/q?#'")
    assert own_redis(folder / "valkey.sock").url == (
        "unix:///srv/a%20b/100%25/q%3F%23%27/valkey.sock"
    )
    conninfo = own_postgres(folder).conninfo
    assert psycopg.conninfo.conninfo_to_dict(conninfo)["host"] == str(folder)


def test_the_data_folder_is_whole_and_without_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_folder(settings(karb_data_dir="~/link/karb")) == tmp_path.resolve() / "real/karb"


def test_a_home_that_nobody_has_is_said() -> None:
    with pytest.raises(ConfigError, match="write the whole path"):
        data_folder(settings(karb_data_dir="~nobody_of_this_name/karb"))


def test_an_option_that_karb_does_not_know_is_said_and_not_repeated() -> None:
    with pytest.raises(ConfigError, match="REDIS_URL has an option") as raised:
        redis_at(settings(redis_url="redis://:s3&cret@h/0?cret=1"))
    assert "cret" not in str(raised.value)
