"""The starter and the stopper, with small programs in the place of servers."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from karb.adapters.embedded.place import Place
from karb.adapters.embedded.starter import Command, ensure
from karb.adapters.embedded.stopper import stop
from karb.errors import StoreDownError

OBEDIENT = (
    "import pathlib, signal, sys, time\n"
    "signal.signal(signal.SIGTERM, lambda *_: sys.exit())\n"
    "pathlib.Path('ready').touch()\n"
    "time.sleep(60)\n"
)
STUBBORN = OBEDIENT.replace("lambda *_: sys.exit()", "signal.SIG_IGN")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place whose server, if any, is gone afterwards."""
    here = Place(tmp_path, "thing", "thing", signal.SIGTERM).prepared()
    yield here
    if (pid := here.pid()) is not None:
        os.kill(pid, signal.SIGKILL)


def running(place: Place, program: str, *, limit: float = 20) -> None:
    argv = (sys.executable, "-I", "-S", "-c", program)
    ready = place.data / "ready"
    ready.unlink(missing_ok=True)
    ensure(place, ready.exists, lambda _lock: Command(argv, place.data), limit=limit)


def test_a_server_holds_the_lock_until_it_is_stopped(place: Place) -> None:
    assert not place.held()
    running(place, OBEDIENT)
    assert place.held()
    assert place.pid() is not None
    assert stop(place)
    assert (place.held(), place.pid()) == (False, None)


def test_stopping_what_does_not_run_is_no_error(place: Place, tmp_path: Path) -> None:
    assert not stop(place)
    assert not stop(Place(tmp_path / "nowhere", "thing", "thing", signal.SIGTERM))


def test_a_server_that_ends_at_once_is_told_by_its_own_last_words(place: Place) -> None:
    with pytest.raises(StoreDownError, match="thing ended while it was starting: FATAL: no"):
        running(place, "print('FATAL: no', flush=True); raise SystemExit(1)")
    assert not place.held()


def test_a_server_that_never_answers_is_given_up(place: Place) -> None:
    with pytest.raises(StoreDownError, match="does not answer") as raised:
        running(place, "import time; time.sleep(60)", limit=0.3)
    assert raised.value.retryable


def test_a_program_that_cannot_be_run_is_named(place: Place) -> None:
    command = Command(("/no/such/program",), place.data)
    with pytest.raises(StoreDownError, match=r"cannot run /no/such/program .*: No such file"):
        ensure(place, lambda: False, lambda _lock: command)


def test_the_log_of_the_run_before_is_kept(place: Place) -> None:
    for word in ("first", "second"):
        with pytest.raises(StoreDownError):
            running(place, f"print('{word}')")
    assert place.log.with_suffix(".log.1").read_text(encoding="utf-8") == "first\n"
    assert place.log.read_text(encoding="utf-8") == "second\n"


def test_a_server_has_nothing_of_karbs_environment(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODDS_API_KEY", "c4n4ry")
    program = "import os, pathlib; pathlib.Path('seen').write_text(repr(os.environ)); " + OBEDIENT
    running(place, program.replace("; import", "\nimport"))
    assert "c4n4ry" not in (place.data / "seen").read_text(encoding="utf-8")
    stop(place)


def test_a_server_that_will_not_stop_is_told_with_its_pid(place: Place) -> None:
    running(place, STUBBORN)
    pid = place.pid()
    with pytest.raises(StoreDownError, match=f"kill -9 {pid} ends it"):
        stop(place, limit=0.3)
    assert place.held()


def test_a_pid_that_became_somebody_elses_is_not_signalled(place: Place) -> None:
    """A child that outlives its server holds the lock; the number in it may be anybody's."""
    with subprocess.Popen(["sleep", "60"]) as stranger, place.lock.open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write(b"%d" % stranger.pid)
            lock.flush()
            with pytest.raises(StoreDownError, match="has not stopped"):
                stop(place, limit=0.2)
            time.sleep(0.05)
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_looking_at_a_place_does_not_look_like_a_server(place: Place) -> None:
    """Two who look at once see nothing, as each holds the lock for the blink of an eye."""
    with place.lock.open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert not place.held()


def test_no_server_lives_in_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not Place(tmp_path / "file" / "data", "x", "x", signal.SIGTERM).held()
