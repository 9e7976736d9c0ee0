"""QuestDB's archive: fetched once, compared with its sum, never used by half."""

import gc
import hashlib
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from fcntl import LOCK_EX, LOCK_NB, flock
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from karb.adapters.embedded import archive
from karb.adapters.embedded.archive import VERSION, questdb_jar
from karb.errors import ConfigError, StoreDownError
from karb_process import clean_environment

BODY = b"a Java archive, as far as these tests go " * 5_000
PLACE = f"/org/questdb/questdb/{VERSION}/questdb-{VERSION}.jar"


class Repository(ThreadingHTTPServer):
    """A Maven repository on loopback; `body` is the archive, `promised` its announced length."""

    body = BODY
    promised = len(BODY)
    asked = 0


class _Answer(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        if self.path != PLACE:
            self.send_error(404)
            return
        self.server.asked += 1
        self.send_response(200)
        self.send_header("Content-Length", str(self.server.promised))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """The only repository that jgo knows; the archive's sum is that of its body."""
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    monkeypatch.setattr(archive, "SHA256", hashlib.sha256(BODY).hexdigest())
    with Repository(("127.0.0.1", 0), _Answer) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr("jgo.maven._core.DEFAULT_REMOTE_REPOS", {"central": url})
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
    with warnings.catch_warnings():  # jgo leaves the sockets of refusals to the collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def fetched(data: Path, setting: str | None = None) -> Path:
    return questdb_jar(data, setting, lambda _done, _total: None)


def names(data: Path) -> set[str]:
    return {path.name for path in data.iterdir()} - {"run"}


def test_it_is_fetched_once_and_its_progress_is_told(
    repository: Repository, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    kept = questdb_jar(tmp_path, None, lambda done, total: told.append((done, total)))
    assert kept.read_bytes() == BODY
    assert told == sorted(told)
    assert told[-1] == (len(BODY), len(BODY))
    assert fetched(tmp_path) == kept
    assert (repository.asked, names(tmp_path)) == (1, {kept.name})


def test_eight_at_once_fetch_it_once(repository: Repository, tmp_path: Path) -> None:
    threads = [threading.Thread(target=fetched, args=(tmp_path,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (repository.asked, names(tmp_path)) == (1, {f"questdb-{VERSION}.jar"})


def test_a_damaged_copy_is_fetched_again(repository: Repository, tmp_path: Path) -> None:
    kept = fetched(tmp_path)
    kept.write_bytes(BODY[:-1])
    assert fetched(tmp_path).read_bytes() == BODY


def test_what_a_killed_one_left_behind_is_no_hindrance(
    repository: Repository, tmp_path: Path
) -> None:
    half = tmp_path / "fetching" / PLACE[1:]
    half.parent.mkdir(parents=True, mode=0o700)
    half.write_bytes(BODY[:100])
    assert fetched(tmp_path).read_bytes() == BODY


def test_mavens_own_cache_is_used_before_the_network(
    repository: Repository, tmp_path: Path
) -> None:
    cached = tmp_path / "m2" / PLACE[1:]
    cached.parent.mkdir(parents=True)
    cached.write_bytes(BODY)
    assert fetched(tmp_path / "data").read_bytes() == BODY
    assert (repository.asked, cached.exists()) == (0, True)


@pytest.mark.parametrize(
    ("body", "promised", "reason"),
    [
        (b"<html>sign in</html>", 20, "its SHA-256 differs"),
        (BODY[:-1] + b"!", len(BODY), "its SHA-256 differs"),
        (BODY[:1000], len(BODY), "could not be fetched"),
    ],
    ids=["another page", "one byte", "cut off"],
)
def test_what_is_not_the_archive_is_never_kept(
    repository: Repository, tmp_path: Path, body: bytes, promised: int, reason: str
) -> None:
    repository.body, repository.promised = body, promised
    with pytest.raises(StoreDownError, match=reason) as raised:
        fetched(tmp_path)
    assert raised.value.retryable
    assert "history" in raised.value.means
    assert names(tmp_path) == set()
    repository.body, repository.promised = BODY, len(BODY)
    assert fetched(tmp_path).read_bytes() == BODY


def test_without_a_network_history_waits(repository: Repository, tmp_path: Path) -> None:
    repository.server_close()
    with pytest.raises(StoreDownError, match="Maven Central cannot be reached") as raised:
        fetched(tmp_path)
    assert "127.0.0.1" not in str(raised.value)


def test_an_archive_that_is_nowhere_is_said(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "VERSION", "0.0.1")
    with pytest.raises(StoreDownError, match="not found") as raised:
        fetched(tmp_path)
    assert "127.0.0.1" not in str(raised.value)


def test_the_settings_archive_is_used_where_it_lies(repository: Repository, tmp_path: Path) -> None:
    given = tmp_path / "brought.jar"
    given.write_bytes(BODY)
    assert fetched(tmp_path / "data", str(given)) == given
    assert repository.asked == 0


@pytest.mark.parametrize("content", [None, b"", b"something else"])
def test_a_setting_that_names_no_such_archive_is_wrong(
    repository: Repository, tmp_path: Path, content: bytes | None
) -> None:
    given = tmp_path / "brought.jar"
    if content is not None:
        given.write_bytes(content)
    with pytest.raises(ConfigError, match=r"KARB_QUESTDB_JAR .*brought\.jar"):
        fetched(tmp_path / "data", str(given))
    assert repository.asked == 0


def test_a_killed_fetcher_lets_the_next_one_in(tmp_path: Path) -> None:
    """The lock is the kernel's: it goes with its holder."""
    program = (
        "import os, sys\nfrom pathlib import Path\n"
        "from karb.adapters.embedded import archive\n"
        "archive._fetch = lambda *_: os.kill(os.getpid(), 9)\n"
        "archive.questdb_jar(Path(sys.argv[1]), None, print)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, tmp_path], env=clean_environment(), check=False, timeout=20
    )
    assert killed.returncode == -9
    handle = os.open(tmp_path / "run" / "archive.lock", os.O_RDWR)
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    finally:
        os.close(handle)
