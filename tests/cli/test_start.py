"""karb starts fast because it imports late: this looks at modules, never at a clock."""

from pathlib import Path

import pytest

from karb.cli.lazy import names
from karb_process import karb, modules_after

HEAVY = {
    "asyncio",
    "cryptography",
    "hiredis",
    "httpx",
    "psycopg",
    "pydantic",
    "rapidfuzz",
    "redis",
    "rich",
    "sqlalchemy",
    "websockets",
}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["profiles"], ["profiles", "scalp"]]
)
def test_what_people_type_first_imports_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    assert not HEAVY & modules_after(*arguments, folder=tmp_path)


@pytest.mark.parametrize("name", names())
def test_the_help_of_a_command_imports_only_the_command(tmp_path: Path, name: str) -> None:
    loaded = modules_after(name, "--help", folder=tmp_path)
    assert not (HEAVY | {"msgspec"}) & loaded
    assert not {module for module in loaded if module.startswith(("karb.domain", "karb.wiring"))}


def test_a_built_in_command_does_not_look_for_other_peoples(tmp_path: Path) -> None:
    """Reading the entry points of every installed package costs 20 ms."""
    assert "importlib.metadata" not in modules_after("profiles", folder=tmp_path)


def test_settings_are_where_pydantic_begins(tmp_path: Path) -> None:
    """The guard above can fail: a command that needs settings does import it."""
    assert "pydantic" in modules_after("config", "show", folder=tmp_path)
    assert karb("config", "show", folder=tmp_path).returncode == 0
