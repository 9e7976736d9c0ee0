"""What is told in others' words repeats no secret: parsers complain, and servers refuse.

A parser of addresses quotes the piece that it cannot read, which may be a password's.
"""

from pathlib import Path
from traceback import format_exception

import pytest

from canary import Canaries
from karb.adapters.kalshi.errors import refusal
from karb.config.load import load_settings
from karb.config.settings import Settings
from karb.config.show import rows
from karb.errors import ConfigError
from karb.wiring.stores import postgres_at, redis_at

SECRET = "c4n4ry0123456789abcdef"  # noqa: S105 - it opens nothing


def opened(name: str, address: str, folder: Path) -> Settings:
    """Settings with this address, which was looked at as far as without a server."""
    settings = load_settings(environment={name: address}, folder=folder).settings
    (redis_at if name == "REDIS_URL" else postgres_at)(settings)
    return settings


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("REDIS_URL", f"redis://me:[{SECRET}]@host/0"),
        ("REDIS_URL", f"redis://me:{SECRET}\u2100@host/0"),
        ("REDIS_URL", f"redis://me:{SECRET}/rest@host/0"),
        ("REDIS_URL", f"redis://me@host:{SECRET}/0"),
        ("REDIS_URL", SECRET),
        ("DATABASE_URL", f"postgresql://me:[{SECRET}]@host/karb"),
        ("DATABASE_URL", f"postgresql://me:{SECRET}\u2100@host/karb"),
        ("DATABASE_URL", f"postgresql://me:{SECRET}/rest@host/karb"),
        ("DATABASE_URL", f"postgresql://:{SECRET}/rest@host/karb"),
        ("DATABASE_URL", f"postgresql://me:{SECRET}%zz@host/karb"),
        ("DATABASE_URL", f"postgresql://me@host/karb?port={SECRET}"),
        ("DATABASE_URL", SECRET),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_and_not_repeated(
    tmp_path: Path, name: str, address: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        opened(name, address, tmp_path)
    said = "".join(format_exception(refused.value))
    assert name in str(refused.value)
    assert Canaries({name: SECRET}).in_text("traceback", said) == []


@pytest.mark.parametrize("address", ["slack://{}/b/c", "json://host/{}", "ntfy://{}"])
def test_where_messages_go_is_not_shown(tmp_path: Path, address: str) -> None:
    """In Apprise's notation the host, or a piece of the path, is the key."""
    given = {"KARB_NOTIFY_URL": address.format(SECRET)}
    shown = {row.name: row.value for row in rows(load_settings(environment=given, folder=tmp_path))}
    assert shown["KARB_NOTIFY_URL"] == "(hidden)"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503])
def test_a_refusal_that_repeats_who_asked_is_told_without_it(status: int) -> None:
    body = f'{{"code":"odd","message":"no key {SECRET} here"}}'.encode()
    error = refusal(status, {}, body, sent={"KALSHI-ACCESS-KEY": SECRET})
    assert "no key **** here" in str(error)
    assert Canaries({"key id": SECRET}).in_text("error", str(error)) == []


def test_several_ports_are_an_address(tmp_path: Path) -> None:
    """libpq takes one for each of several hosts."""
    opened("DATABASE_URL", "postgresql://me@first:5432,second:5433/karb", tmp_path)
