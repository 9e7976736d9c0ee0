"""What is inside the distributions: everything karb needs, and nothing but `karb`."""

import tarfile
import zipfile
from pathlib import Path

import karb
from built import ROOT, build_wheel, dist

VERSION = karb.__version__


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_karb_and_nothing_beside_it() -> None:
    tops = {name.partition("/")[0] for name in contents(dist("*.whl"))}
    assert tops == {"karb", f"karb-{VERSION}.dist-info"}


def test_every_source_and_data_file_is_in_the_wheel() -> None:
    """Commands and profiles lie at the top of the checkout and inside the package here."""
    held = set(contents(dist("*.whl")))
    moved = {"src/karb": "karb", "commands": "karb/commands", "profiles": "karb/_profiles"}
    for folder, place in moved.items():
        for path in (ROOT / folder).rglob("*.*"):
            if "__pycache__" in path.parts or path.name.endswith((".pyc", ".local.toml")):
                continue
            assert f"{place}/{path.relative_to(ROOT / folder)}" in held
    assert "karb/commands/profiles.py" in held
    assert "karb/_profiles/standard.toml" in held
    assert "karb/data/teams/nfl.toml" in held
    assert f"karb-{VERSION}.dist-info/licenses/LICENSE" in held


def test_no_private_profile_and_no_cache_is_in_the_wheel() -> None:
    for name in contents(dist("*.whl")):
        assert not name.endswith((".pyc", ".local.toml", ".pem", ".env")), name


def test_a_wheel_from_the_sdist_equals_one_from_the_tree(tmp_path: Path) -> None:
    """`python -m build` made the wheel from the sdist, so this compares the two ways."""
    from_tree = contents(build_wheel(ROOT, tmp_path))
    from_sdist = contents(dist("*.whl"))
    assert from_tree.keys() == from_sdist.keys()
    assert [name for name in from_tree if from_tree[name] != from_sdist[name]] == []


def test_the_sdist_can_be_tested_by_whoever_gets_it() -> None:
    with tarfile.open(dist("*.tar.gz")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for needed in ("README.md", "LICENSE", "CHANGELOG.md", "noxfile.py", ".env.example"):
        assert needed in names
    assert "tests/packaging/test_wheel.py" in names
    assert not [name for name in names if name.startswith((".git/", ".nox/", ".venv/"))]
