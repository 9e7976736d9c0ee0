"""Odd places for the servers: long and strange paths, two folders, full disks, other users."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from karb.adapters.embedded.folders import short
from karb.adapters.embedded.launch import NOBODY
from karb.adapters.embedded.postgres import postgres_place, postgres_programs, start_postgres
from karb.adapters.embedded.questdb import running_questdb, start_questdb
from karb.adapters.embedded.stopper import stop
from karb.adapters.embedded.valkey import start_valkey, valkey_place
from karb.errors import ExitCode, StoreDownError
from karb_process import clean_environment, karb
from servers import jar, own_servers

ROOT = os.geteuid() == 0
PROGRAM = """
import sys
from pathlib import Path
import psycopg
from karb.adapters.embedded.postgres import postgres_place, start_postgres
from karb.adapters.embedded.stopper import stop
from karb.adapters.embedded.valkey import start_valkey, valkey_place

data = Path(sys.argv[1])
start_valkey(data)
try:
    with psycopg.connect(host=str(start_postgres(data)), user="karb", dbname="postgres") as client:
        print(client.execute("select session_user").fetchone()[0], (data / "pg").is_symlink())
finally:
    stop(valkey_place(data))
    stop(postgres_place(data))
"""


@pytest.mark.parametrize("name", ["x" * 130, "a b, c:d 'e' é", "100%"], ids=["long", "odd", "%"])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    """A socket's address has room for 107 bytes; libpq splits at a comma, -cp at a colon."""
    folder = tmp_path / name
    with own_servers(folder / "karb") as data:
        socket, host = start_valkey(data), start_postgres(data)
        with closing(redis.Redis(unix_socket_path=str(socket))) as client:
            assert client.ping()
        with psycopg.connect(host=str(host), user="karb", dbname="postgres") as line:
            assert line.execute("select 1").fetchone() == (1,)
    if short(data / "run") != data / "run":
        short(data / "run").unlink()


def test_questdb_stands_any_path(tmp_path: Path, questdb_archive: Path) -> None:
    brought = tmp_path / "a:b c" / "brought.jar"
    brought.parent.mkdir()
    shutil.copyfile(questdb_archive, brought)
    with own_servers(tmp_path / "a:b c" / ("x" * 130)) as data:
        start_questdb(data, brought)
        assert running_questdb(data)


def test_two_data_folders_know_nothing_of_each_other(tmp_path: Path) -> None:
    with own_servers(tmp_path / "one") as one, own_servers(tmp_path / "other") as other:
        start_valkey(one)
        with closing(redis.Redis(unix_socket_path=str(start_valkey(other)))) as client:
            client.set("word", "kept")
            assert stop(valkey_place(one))
            assert client.get("word") == b"kept"
        assert not valkey_place(one).held()


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system with so little room."""
    folder.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", folder], check=True
    )
    try:
        with own_servers(folder) as data:
            yield data
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(not ROOT, reason="only root can mount a small file system")
@pytest.mark.parametrize("room", ["64k", "4m", "36m"])
def test_a_full_disk_is_one_sentence_and_exit_8(tmp_path: Path, room: str) -> None:
    """Whichever of the stores still finds room, and however each of them words it."""
    with disk(tmp_path / "small", room) as data:
        given = {"KARB_DATA_DIR": str(data), "KARB_QUESTDB_JAR": str(jar())}
        done = karb("services", "start", folder=tmp_path, **given)
    assert done.returncode == ExitCode.STORE_DOWN
    assert done.stderr.splitlines() == [
        f"karb: the disk under {data} is full; the store is not running; what it holds is safe; "
        "make room there; what runs starts it then, else type the same again"
    ]


@pytest.mark.skipif(not ROOT, reason="only root can mount a small file system")
def test_a_store_starts_again_once_there_is_room(tmp_path: Path) -> None:
    with disk(tmp_path / "small", "64m") as data:
        filler = data / "filler"
        filler.write_bytes(b"x" * 60 * 2**20)
        with pytest.raises(StoreDownError, match=f"the disk under {data} is full"):
            start_postgres(data)
        filler.unlink()
        start_postgres(data)
        assert postgres_place(data).held()


@pytest.mark.skipif(not ROOT, reason="an ordinary user has run all the others")
def test_an_ordinary_user_needs_nothing_of_root() -> None:
    """He may read root's folders, as this Python may lie in one; he may write in none."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        os.chown(folder, NOBODY, NOBODY)
        done = subprocess.run(
            [
                *("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"),
                *("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"),
                *(sys.executable, "-c", PROGRAM, f"{folder}/karb"),
            ],
            env=clean_environment(HOME=folder),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=25,
        )
    assert (done.stdout, done.returncode) == ("karb False\n", 0), done.stderr


@pytest.mark.skipif(not ROOT, reason="only root needs to become somebody else")
def test_where_no_user_namespace_is_allowed_roots_postgres_is_nobodys(tmp_path: Path) -> None:
    """Inside a chroot the kernel refuses user namespaces, as containers do.

    The cluster then lies where nobody may enter, and root's folder has a link to it.
    """
    if not _others_may_run(postgres_programs() / "initdb"):
        pytest.skip("these programs lie where other users cannot reach them")
    root, data = tmp_path / "root", tmp_path / "data"
    root.mkdir()
    inside = f"mount --rbind / {root} && exec chroot {root} $0 -c '{{}}' {data}"
    done = subprocess.run(
        [
            "unshare",
            "-m",
            "sh",
            "-c",
            inside.replace("{}", PROGRAM.replace("'", '"')),
            sys.executable,
        ],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=25,
    )
    home = (data / "pg").resolve().parent
    try:
        assert (done.stdout, done.returncode) == ("karb True\n", 0), done.stderr
        assert (home.parent, home.stat().st_uid) == (Path("/var/lib/karb"), NOBODY)
        assert home.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(home)


def _others_may_run(program: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in (program, *program.parents))


@pytest.mark.skipif(not ROOT, reason="only root can give a folder away")
def test_another_users_data_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(0o700)
    os.chown(tmp_path / "data", 12345, 12345)
    done = karb("services", "start", folder=tmp_path, KARB_DATA_DIR=str(tmp_path / "data"))
    assert (done.returncode, done.stdout) == (ExitCode.CONFIG, "")
    assert "belongs to another user" in done.stderr
    assert list((tmp_path / "data").iterdir()) == []
