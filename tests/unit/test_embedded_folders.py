"""Folders of the servers: whose they must be, and how a long path gets a short name."""

import os
from pathlib import Path

import pytest

from karb.adapters.embedded.folders import private, short
from karb.errors import ConfigError


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert mode(private(tmp_path / "data")) == 0o700


def test_a_folder_that_others_may_read_is_taken_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o755)
    assert mode(private(tmp_path / "data")) == 0o755


def test_a_folder_that_others_may_write_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o1777)
    with pytest.raises(ConfigError, match="other users may write there"):
        private(tmp_path / "data")
    assert mode(tmp_path / "data") == 0o777


@pytest.mark.parametrize("where", ["file", "file/below", "link"])
def test_what_is_no_folder_is_refused(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(ConfigError, match="set KARB_DATA_DIR to a folder of yours"):
        private(tmp_path / where)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_another_users_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(0o700)
    os.chown(tmp_path / "data", 12345, 12345)
    with pytest.raises(ConfigError, match="belongs to another user"):
        private(tmp_path / "data")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(0o500)
    with pytest.raises(ConfigError, match="you may not write there"):
        private(tmp_path / "data")


def test_a_short_path_is_its_own_name(tmp_path: Path) -> None:
    folder = Path("/tmp") if len(str(tmp_path)) > 80 else tmp_path  # noqa: S108
    assert short(folder) == folder.resolve()


@pytest.mark.parametrize("name", ["x" * 120, "é" * 60, "a,b"])
def test_a_path_no_socket_address_has_room_for_gets_a_link(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    link = short(folder)
    try:
        assert len(os.fsencode(link)) <= 80
        assert "," not in str(link)
        assert link.resolve() == folder.resolve()
        link.unlink()
        assert short(folder) == link, "a link that was cleaned away is made again"
    finally:
        link.unlink(missing_ok=True)


def test_a_link_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    link = short(folder)
    try:
        link.unlink()
        link.symlink_to(tmp_path)
        with pytest.raises(ConfigError, match="another user has put something there"):
            short(folder)
    finally:
        link.unlink()
