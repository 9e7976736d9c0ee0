"""The checks of karb. `nox` alone runs what a change must pass; each installs what it needs."""

import shutil
import subprocess
from pathlib import Path

import nox

nox.options.default_venv_backend = "virtualenv"
nox.options.sessions = ["lint", "types", "tests", "package"]
nox.options.error_on_external_run = True
nox.options.stop_on_first_error = False

TESTING = ["pytest>=8.3", "pytest-timeout>=2.3", "hypothesis>=6.112", "pyyaml>=6"]
EVERYTHING = ".[embedded,fast,notify]"
STUBS = ["types-psutil", "types-pyyaml"]
NOT_THE_CHECKOUT = (
    "import karb, pathlib; here = pathlib.Path(karb.__file__); "
    "assert 'site-packages' in here.parts, f'tests would run {here}, not the wheel'"
)


def runs(version: str) -> bool:
    """Whether this Python works; pyenv puts a name on the path for versions that do not."""
    program = shutil.which(f"python{version}")
    if program is None:
        return False
    return subprocess.run([program, "-c", ""], check=False, capture_output=True).returncode == 0


PYTHONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))
PRESENT = [version for version in PYTHONS if runs(version)]


@nox.session
def lint(session: nox.Session) -> None:
    """Style and the direction of imports."""
    session.install("ruff==0.15.*", "import-linter>=2.3", "-e", ".")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly."""
    session.install("mypy>=2.4,<3", *TESTING, *STUBS, "nox", "-e", EVERYTHING)
    session.run("mypy")


@nox.session(python=PRESENT or None)
def tests(session: nox.Session) -> None:
    """The suite against the built wheel, on every Python of the classifiers that is here."""
    session.install(*TESTING, EVERYTHING)
    session.run("python", "-c", NOT_THE_CHECKOUT)
    session.run("pytest", "--ignore=tests/packaging", *session.posargs)


@nox.session
def package(session: nox.Session) -> None:
    """Build sdist and wheel; install each in an environment of its own and run them."""
    session.install(*TESTING, "build", "hatchling>=1.27", "virtualenv", ".")
    out = Path(session.create_tmp()) / "dist"
    shutil.rmtree(out, ignore_errors=True)
    # The wheel is made from the sdist; a test compares it with one made from the tree.
    session.run("python", "-m", "build", "--no-isolation", "--outdir", str(out), ".", silent=True)
    session.run("pytest", "tests/packaging", "--timeout=300", env={"KARB_DIST": str(out)})


@nox.session
def bench(session: nox.Session) -> None:
    """Ratios beside a floor and peers, one run; what is not here is skipped aloud."""
    session.install("-e", ".[fast,embedded]")
    work = str(Path(session.create_tmp()) / "peers")
    session.run("python", "tests/perf/bench.py", "--work", work, *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Long proofs: `nox -s soak -- fuzz --seed 1`; each appends its record to docs/evidence."""
    session.install(*TESTING, "-e", ".[embedded]")
    session.run("python", "tests/soak/soak.py", *session.posargs)
