"""Each wiring loads what it wires: a streamer has no database, and links and prices nothing."""

import subprocess
import sys

import pytest

ODDS = ("karb.adapters.odds_api",)
FILES = (
    "karb.adapters.files",
    "karb.tasks.detect_once",
    "karb.wiring.detect_files",
    "karb.wiring.link_files",
)
LINKING = ("rapidfuzz", "karb.wiring.linking")
POSTGRES = ("psycopg", "sqlalchemy", "karb.adapters.postgres")


def loaded_by(module: str) -> set[str]:
    """Everything that is there after the import, in a process of its own."""
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def of(loaded: set[str], packages: tuple[str, ...]) -> set[str]:
    return {
        name
        for name in loaded
        if any(name == package or name.startswith(f"{package}.") for package in packages)
    }


@pytest.mark.parametrize(
    ("module", "foreign"),
    [
        ("karb.wiring.stream", ODDS + FILES + LINKING + POSTGRES),
        ("karb.wiring.detect_live", ODDS + FILES + LINKING + POSTGRES + ("karb.adapters.kalshi",)),
        ("karb.wiring.run", FILES),
    ],
)
def test_a_process_does_not_load_what_another_one_is_for(
    module: str, foreign: tuple[str, ...]
) -> None:
    assert of(loaded_by(module), foreign) == set()


def test_what_is_foreign_to_one_is_loaded_where_it_belongs() -> None:
    """The guard above can fail."""
    loaded = loaded_by("karb.wiring.run")
    for packages in (ODDS, LINKING, POSTGRES):
        assert of(loaded, packages)
    assert of(loaded_by("karb.wiring.detect_files"), FILES)
