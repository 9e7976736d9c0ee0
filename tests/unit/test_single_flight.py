"""One at a time on this machine, whoever asks, and never longer than its holder lives."""

import stat
from pathlib import Path

import pytest

from karb.adapters.local.lock import single_flight
from karb.errors import ConfigError


def test_a_lock_is_had_once_until_it_is_let_go(tmp_path: Path) -> None:
    with single_flight(tmp_path, "odds") as first:
        assert first
        with single_flight(tmp_path, "odds") as second, single_flight(tmp_path, "else") as other:
            assert not second
            assert other
        with single_flight(tmp_path, "odds") as third:
            assert not third
    with single_flight(tmp_path, "odds") as again:
        assert again


def test_it_is_let_go_by_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), single_flight(tmp_path, "odds"):
        raise RuntimeError
    with single_flight(tmp_path, "odds") as again:
        assert again


def test_what_it_makes_is_the_users_alone(tmp_path: Path) -> None:
    data = tmp_path / "one" / "data"
    with single_flight(data, "odds"):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (data, *data.rglob("*"))}
    assert modes == {"data": 0o700, "run": 0o700, "odds.lock": 0o600}


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with single_flight(tmp_path, "odds"):
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(ConfigError, match="cannot lock"),
        single_flight(tmp_path / "file", "odds"),
    ):
        pass
