"""`karb doctor --offline`: every check is a row with a fix; the exit code says if one failed."""

from pathlib import Path
from typing import Any

import pytest

from karb.errors import ExitCode
from karb_process import document, karb

PEM = (
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
    "-----END PRIVATE KEY-----\n"
)


def states(body: dict[str, Any]) -> dict[str, str]:
    return {row["check"]: row["state"] for row in body["checks"]}


def test_a_new_machine_has_warnings_and_no_failure(tmp_path: Path) -> None:
    """Nothing is configured: nobody is asked, and each key says where it is to be had."""
    done = karb("doctor", "--json", folder=tmp_path, HOME=str(tmp_path))
    body = document(done)
    assert list(tmp_path.iterdir()) == []
    assert (done.returncode, body["schema"], body["verdict"]) == (0, "karb.doctor/1", "warn")
    assert {name for name, state in states(body).items() if state == "warn"} == {
        "kalshi key",
        "odds key",
    }
    told = {row["check"]: row for row in body["checks"]}
    assert "karb stream" in told["kalshi key"]["found"]
    assert "KALSHI_PRIVATE_KEY_PATH" in told["kalshi key"]["do"]
    assert "the-odds-api.com" in told["odds key"]["do"]
    assert told["questdb"]["found"].endswith("its archive (30 MB) is fetched then, once")
    assert not {"kalshi exchange", "odds source"} & told.keys()


def test_a_key_is_looked_at_and_not_shown(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    path = tmp_path / "key.pem"
    path.write_text(PEM, encoding="ascii")
    path.chmod(0o644)
    given = {"KALSHI_KEY_ID": "id", "KALSHI_PRIVATE_KEY_PATH": str(path), "ODDS_API_KEY": "abc"}
    refused = karb("doctor", "--offline", folder=tmp_path, **given)
    assert refused.returncode == ExitCode.FINDINGS
    assert f"chmod 600 {path}" in refused.stdout
    path.chmod(0o600)
    done = karb("doctor", "--offline", folder=tmp_path, HOME=str(tmp_path), **given)
    assert done.returncode == ExitCode.OK
    assert "Ed25519 key" in done.stdout
    assert "MC4C" not in refused.stdout + done.stdout


def test_a_key_that_cannot_sign_is_a_failure(tmp_path: Path) -> None:
    """The file looks like a key from outside, and ends in the middle."""
    tmp_path.chmod(0o700)
    path = tmp_path / "key.pem"
    path.touch(0o600)
    path.write_text(PEM.replace("AAAAAAAAAAAAAAAAAAAA", "", 1), encoding="ascii")
    given = {"KALSHI_KEY_ID": "id", "KALSHI_PRIVATE_KEY_PATH": str(path)}
    done = karb("doctor", "--json", folder=tmp_path, HOME=str(tmp_path), **given)
    body = document(done)
    assert states(body)["kalshi key"] == "fail"
    assert "kalshi exchange" not in states(body)


def test_wrong_settings_are_a_row_and_do_not_hide_the_others(tmp_path: Path) -> None:
    done = karb("doctor", "--json", folder=tmp_path, MAX_DAILY_LOSS="much")
    found = states(document(done))
    assert done.returncode == ExitCode.FINDINGS
    assert [name for name, state in found.items() if state == "fail"] == ["settings"]
    assert found["team tables"] == found["fee schedule"] == "pass"


def test_an_ascii_terminal_is_a_warning(tmp_path: Path) -> None:
    done = karb("doctor", "--json", folder=tmp_path, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert states(document(done))["terminal"] == "warn"


def test_half_a_key_is_a_failure(tmp_path: Path) -> None:
    done = karb("doctor", "--json", folder=tmp_path, KALSHI_KEY_ID="id")
    assert states(document(done))["kalshi key"] == "fail"


def test_a_data_folder_that_others_may_enter_is_a_warning(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o755)
    kept.chmod(0o755)
    done = karb("doctor", "--json", folder=tmp_path, KARB_DATA_DIR=str(kept))
    assert states(document(done))["data folder"] == "warn"
    kept.chmod(0o700)
    done = karb("doctor", "--json", folder=tmp_path, KARB_DATA_DIR=str(kept))
    assert states(document(done))["data folder"] == "pass"


@pytest.mark.parametrize("folder", ["a_file/below", "/proc/x"])
def test_a_data_folder_that_cannot_be_made_is_a_failure(tmp_path: Path, folder: str) -> None:
    (tmp_path / "a_file").write_text("", encoding="utf-8")
    done = karb("doctor", "--json", folder=tmp_path, KARB_DATA_DIR=folder)
    failed = [name for name, state in states(document(done)).items() if state == "fail"]
    assert (done.returncode, failed) == (ExitCode.FINDINGS, ["data folder"])


def test_offline_and_stores_do_not_go_together(tmp_path: Path) -> None:
    done = karb("doctor", "--offline", "--stores", folder=tmp_path)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert "do not go together" in done.stderr
