"""The distributions that `nox -s package` built, and environments to install them in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
THIRD_PARTY = ROOT / "tests" / "packaging" / "thirdparty"


def dist(pattern: str) -> Path:
    """The one built file of this pattern; a skip outside `nox -s package`."""
    folder = os.environ.get("KARB_DIST")
    if folder is None:
        pytest.skip("needs the built distributions: nox -s package")
    (found,) = Path(folder).resolve().glob(pattern)
    return found


def run(*command: str | Path, folder: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a program outside the checkout and expect an exit code."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KARB_")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**kept, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def build_wheel(source: Path, into: Path) -> Path:
    """Build a wheel from a folder, with the build tools of this environment."""
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation")
    run(*build, "--outdir", into, source, folder=into)
    (wheel,) = into.glob("*.whl")
    return wheel


class Home(NamedTuple):
    """A virtual environment."""

    path: Path

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"

    @property
    def karb(self) -> Path:
        return self.path / "bin" / "karb"

    def install(self, *what: str | Path) -> None:
        run(self.python, "-m", "pip", "install", "--quiet", *what, folder=self.path)


def new_home(path: Path) -> Home:
    """An empty environment; what is installed here is all there is."""
    run(sys.executable, "-m", "virtualenv", "--quiet", path, folder=path.parent)
    return Home(path)


def copy_of_checkout(into: Path) -> Path:
    """The checkout without what git ignores, to be changed freely."""
    unwanted = shutil.ignore_patterns(".git", ".nox", ".venv", "__pycache__", ".*_cache", "dist")
    return shutil.copytree(ROOT, into / "checkout", ignore=unwanted)
