"""QuestDB's program, a Java archive of 30 MB: where it is here already, else from Maven Central.

jgo fetches it, and checks nothing; so every copy is compared with the pinned sum before it is
moved to where it is used. Half a download lies in a folder of its own and is never seen.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import requests
from jgo.constants import default_maven_repo
from jgo.maven import MavenContext, PythonResolver

from karb.adapters.embedded.folders import private
from karb.adapters.embedded.trouble import refused
from karb.errors import ConfigError, StoreDownError

VERSION = "9.3.4"
SHA256 = "939bc53ab22f93dbaa6545143a6e7c536d4904c07b7f2d381e8eef10436be062"
Progress = Callable[[int, int], None]
"""Told the bytes that have come and how many there are."""


def questdb_jar(data: Path, setting: str | None, progress: Progress) -> Path:
    """The archive: the setting's, else this data folder's, else fetched into it, once.

    Raises `ConfigError` where the setting names no such archive, and `StoreDownError`, which a
    retry may mend, where it cannot be fetched.
    """
    if setting:
        return _given(setting)
    kept = data / f"questdb-{VERSION}.jar"
    try:
        with _alone(private(private(data) / "run") / "archive.lock"):
            if not (kept.exists() and _sum(kept) == SHA256):
                _fetch(kept, data / "fetching", progress)
    except OSError as error:
        raise refused(data, error) from None
    return kept


def _given(setting: str) -> Path:
    try:
        path = Path(setting).expanduser()
        found = _sum(path)
    except OSError as error:
        raise _wrong(setting, (error.strerror or str(error)).lower()) from None
    except RuntimeError:
        raise _wrong(setting, "there is no such home folder") from None
    if found != SHA256:
        raise _wrong(setting, "it is another file")
    return path


def _wrong(setting: str, reason: str) -> ConfigError:
    return ConfigError(
        f"KARB_QUESTDB_JAR ({setting}) is not QuestDB {VERSION}: {reason}",
        means="history is kept in karb's spool until there is a QuestDB",
        do=f"point it at org.questdb:questdb:{VERSION} from Maven Central, or leave it out",
    )


def _fetch(kept: Path, work: Path, progress: Progress) -> None:
    shutil.rmtree(work, ignore_errors=True)  # jgo would take a killed one's half for the whole
    try:
        got = _resolve(private(work), progress)
        if _sum(got) != SHA256:
            raise _not_fetched(f"what came is not QuestDB {VERSION}: its SHA-256 differs")
        shutil.copyfile(got, work / kept.name)
        (work / kept.name).replace(kept)
    except requests.RequestException as error:
        raise _not_fetched(_network(error)) from None
    except RuntimeError as error:  # jgo's own: no repository has it
        raise _not_fetched(str(error).partition(" in remote")[0]) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _resolve(work: Path, progress: Progress) -> Path:
    """The archive out of Maven's own cache in the home folder, else downloaded below `work`."""
    context = MavenContext(
        resolver=PythonResolver(progress_callback=_told(progress)),
        repo_cache=work,
        local_repos=[default_maven_repo()],
    )
    return context.project("org.questdb", "questdb").at_version(VERSION).artifact().resolve()


def _told(
    progress: Progress,
) -> Callable[[str, int], AbstractContextManager[Callable[[int], None]]]:
    """jgo's way of telling progress, a context that counts up, as ours."""

    @contextmanager
    def counting(_name: str, total: int) -> Iterator[Callable[[int], None]]:
        done = 0

        def more(count: int) -> None:
            nonlocal done
            done += count
            progress(done, total)

        yield more

    return counting


def _network(error: requests.RequestException) -> str:
    """What failed, without the address and the library's own words."""
    if isinstance(error, requests.Timeout):
        return "Maven Central did not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "Maven Central's certificate is not trusted here"
    return "Maven Central cannot be reached"


def _not_fetched(reason: str) -> StoreDownError:
    return StoreDownError(
        f"QuestDB's Java archive could not be fetched: {reason}",
        means="history is kept in karb's spool and delivered once there is a QuestDB",
        do="it is tried again when it is next needed; without a network set KARB_QUESTDB_JAR",
    )


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process at a time; who waits finds the archive there."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
