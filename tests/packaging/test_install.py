"""karb where users have it: installed from the wheel, editable, and beside others' commands."""

from pathlib import Path

import pytest

import karb
from built import THIRD_PARTY, Home, build_wheel, copy_of_checkout, dist, new_home, run
from karb.errors import ExitCode


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An environment with the wheel and somebody else's commands in it."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = dist("*.whl")
    made = new_home(folder / "home")
    made.install(wheel)
    made.install("--no-deps", build_wheel(THIRD_PARTY, folder))
    return made


def test_the_wheel_runs_from_any_folder(home: Home, tmp_path: Path) -> None:
    version = run(home.karb, "--version", folder=tmp_path)
    assert version.stdout == f"karb {karb.__version__}\n"
    assert "VERY_AGGRESSIVE" in run(home.karb, "profiles", folder=tmp_path).stdout
    assert "Usage: karb" in run(home.python, "-m", "karb", "--help", folder=tmp_path).stdout


def test_the_wheel_has_its_data(home: Home, tmp_path: Path) -> None:
    checked = run(home.karb, "config", "check", folder=tmp_path).stdout
    assert "NFL 32" in checked
    assert str(home.path) in checked


def test_only_karb_can_be_imported(home: Home, tmp_path: Path) -> None:
    for name in ("commands", "profiles", "tests", "noxfile"):
        run(home.python, "-c", f"import {name}", folder=tmp_path, code=1)


def test_a_command_from_another_package_is_a_command(home: Home, tmp_path: Path) -> None:
    assert run(home.karb, "hello", "--name", "Ann", folder=tmp_path).stdout == "hello Ann\n"
    text = run(home.karb, "--help", folder=tmp_path).stdout
    assert "Greet from another package." in text


@pytest.mark.parametrize("name", ["profiles", "detect"])
def test_no_package_can_take_the_place_of_a_command_of_karbs(
    home: Home, tmp_path: Path, name: str
) -> None:
    text = run(home.karb, name, "--help", folder=tmp_path).stdout
    assert "Never to be run" not in text
    listed = run(home.karb, "--help", folder=tmp_path).stdout
    assert "Pretend to be" not in listed


@pytest.mark.parametrize("name", ["broken", "absent", "strange"])
def test_a_broken_command_is_named_with_its_package_and_breaks_nothing_else(
    home: Home, tmp_path: Path, name: str
) -> None:
    done = run(home.karb, name, folder=tmp_path, code=ExitCode.USAGE)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert f"the command '{name}' of karb-hello cannot be loaded" in done.stderr
    run(home.karb, "--help", folder=tmp_path)


def test_an_editable_install_sees_the_checkout_live(tmp_path: Path) -> None:
    dist("*.whl")
    checkout = copy_of_checkout(tmp_path)
    home = new_home(tmp_path / "home")
    home.install("--editable", checkout)
    hello = (THIRD_PARTY / "src" / "karb_hello" / "hello.py").read_text(encoding="utf-8")
    (checkout / "commands" / "fresh_one.py").write_text(hello, encoding="utf-8")
    profile = checkout / "profiles" / "scalp.toml"
    changed = profile.read_text(encoding="utf-8").replace("Quick in/out", "Changed in place")
    profile.write_text(changed, encoding="utf-8")
    elsewhere = tmp_path / "home"
    assert run(home.karb, "fresh-one", folder=elsewhere).stdout == "hello you\n"
    assert "Changed in place" in run(home.karb, "profiles", "scalp", folder=elsewhere).stdout
    for name in ("commands", "tests", "noxfile"):
        run(home.python, "-c", f"import {name}", folder=elsewhere, code=1)
