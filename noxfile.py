"""The checks of karb. `nox` alone runs what a change must pass; each installs what it needs."""

import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "virtualenv"
nox.options.sessions = ["lint", "types", "tests", "package"]
nox.options.error_on_external_run = True
nox.options.stop_on_first_error = False

PYTHONS = [p for p in nox.project.python_versions(nox.project.load_toml("pyproject.toml"))]
PRESENT = [p for p in PYTHONS if shutil.which(f"python{p}")] or [None]
TESTING = ["pytest>=8.3", "pytest-timeout>=2.3", "hypothesis>=6.112"]


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
    session.install("mypy>=1.15,<3", *TESTING, "nox", "-e", ".")
    session.run("mypy")


@nox.session(python=PRESENT)
def tests(session: nox.Session) -> None:
    """The suite against the built wheel, on every Python of the classifiers that is here."""
    session.install(*TESTING, ".")
    session.run("pytest", *session.posargs)


@nox.session
def package(session: nox.Session) -> None:
    """Build sdist and wheel; install each in an environment of its own and run them."""
    session.install(*TESTING, "build", "virtualenv")
    out = Path(session.create_tmp())
    session.run("python", "-m", "build", "--outdir", str(out / "dist"), ".", silent=True)
    session.run("pytest", "tests/packaging", "--timeout=300", env={"KARB_DIST": str(out / "dist")})


@nox.session
def bench(session: nox.Session) -> None:
    """Ratios beside a floor and peers, one run; a peer that cannot be installed is skipped aloud."""
    session.install("-e", ".")
    session.run("python", "tests/perf/bench.py", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Long proofs: `nox -s soak -- fuzz --seed 1`; each appends its record to docs/evidence."""
    session.install(*TESTING, "-e", ".")
    session.run("python", "tests/soak/soak.py", *session.posargs)
