"""A venue and three stores behind passwords, with karb in a folder of its own against them.

Secrets come by `.env`, so no process at all has one in its environment; only the embedded
servers are started by a karb that has them there, to see that it does not hand them on.
"""

import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from canary import Canaries, Hit
from canary_karb import CHILDREN, children
from karb.adapters.embedded.postgres import postgres_host
from karb.adapters.embedded.questdb import QuestDBAt, running_questdb
from karb.sim.venue import SimOptions
from karb_process import clean_environment
from own_valkey import own_valkey
from running_karb import settings_for, venue_in_thread, wait_for
from servers import own_servers

TESTS = Path(__file__).resolve().parent
ROLE = "canary"
PATIENCE, START = 22.0, 60.0
"""Seconds in which a command must end, and in which three servers and a day must begin."""


def password() -> str:
    """One that no way of quoting leaves as it is."""
    return f"c4n4ry{secrets.token_hex(8)}/p@:?#&=+ '\"\\{secrets.token_hex(8)}ö%zz"


class Karb:
    """karb in a folder, told everything by a `.env` there; what it says stays there too.

    Nothing that was started runs after the `with`.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder, self.settings = folder, dict(settings)
        self.children = folder / "children"
        self._started: list[Running] = []
        self._dotenv = folder / ".env"
        self._dotenv.touch(0o600)
        lines = [f"{name}='{_escaped(value)}'\n" for name, value in settings.items()]
        self._dotenv.write_text("".join(lines))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            process.kill()

    def start(self, *arguments: str, **environment: str) -> "Running":
        """Start a command."""
        process = Running(self, arguments, environment)
        self._started.append(process)
        return process

    def leaks(self, canaries: Canaries) -> list[Hit]:
        """The secrets in what it said and kept, and in what its children were given."""
        told = canaries.in_processes(children(self.children))
        return told + canaries.in_files(self.folder, {self._dotenv})


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


class Running:
    """A command that was started."""

    def __init__(
        self, karb: Karb, arguments: tuple[str, ...], environment: Mapping[str, str]
    ) -> None:
        stem = f"{'-'.join(arguments[:2])}.{secrets.token_hex(3)}"
        self._out, self._err = karb.folder / f"{stem}.out", karb.folder / f"{stem}.err"
        loud = {
            "PYTHONPATH": str(TESTS),
            "PYTHONASYNCIODEBUG": "1",
            "PYTHONWARNINGS": "default",
            "LOG_LEVEL": "DEBUG",
            CHILDREN: str(karb.children),
        }
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "canary_karb", *arguments],
                cwd=karb.folder,
                env=clean_environment(**loud, **environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    @property
    def out(self) -> str:
        """What it has said so far."""
        return self._out.read_text()

    @property
    def err(self) -> str:
        """The same on stderr."""
        return self._err.read_text()

    def wait(self, patience: float = PATIENCE) -> int:
        """Its exit code, once it has ended by itself."""
        return self._process.wait(patience)

    def kill(self) -> None:
        """Gone, if it was not already."""
        self._process.kill()
        self._process.wait()

    def tells(self, text: str) -> None:
        """Wait until it has said something on stdout."""
        ended = self._process.poll
        wait_for(lambda: text in self.out or ended() is not None, f"it says {text}", within=START)
        assert text in self.out

    def stop(self) -> int:
        """Ask it to end."""
        self._process.terminate()
        return self.wait()


class World(NamedTuple):
    """What there is, and what must stay secret about it.

    `starter` is the karb that started the embedded servers. What opens nothing: `stray`, a
    password, `stray_word`, which may stand in a header, and `proxy`, a password for one.
    """

    stores: Path
    settings: Mapping[str, str]
    canaries: Canaries
    starter: Karb
    stray: str
    stray_word: str
    proxy: str

    @property
    def questdb(self) -> QuestDBAt:
        """The QuestDB, whose password is made up by karb."""
        at = running_questdb(self.stores)
        assert at is not None
        return at

    @property
    def postgres(self) -> str:
        """The database's address, as libpq reads it."""
        return self.settings["DATABASE_URL"].replace("+psycopg", "")

    def karb(self, folder: Path, **changes: str) -> Karb:
        """karb in this world; `changes` are settings that are different."""
        own = {"KARB_DATA_DIR": str(folder / "data")}
        return Karb(folder, {**self.settings, **own, **changes})


@contextmanager
def canary_world(folder: Path) -> Iterator[World]:
    """A world that is gone afterwards."""
    stores, keys = folder / "stores", folder / "keys"
    keys.mkdir(0o700)
    known = {name: password() for name in ("redis", "postgres", "notify", "proxy", "stray")}
    known |= {name: secrets.token_hex(16) for name in ("stray word", "hook")}
    with ExitStack() as stack:
        venue = stack.enter_context(venue_in_thread(SimOptions(seed=5, edges_per_minute=60.0)))
        stack.enter_context(own_servers(stores))
        known |= {"key id": venue.key_id, "odds key": venue.odds_key}
        settings = settings_for(venue, keys)
        starter = _started(folder, stores, settings)
        settings["DATABASE_URL"] = _guarded_postgres(stores, known["postgres"])
        settings["REDIS_URL"] = stack.enter_context(_guarded_redis(keys, known["redis"]))
        word = quote(known["notify"], safe="")
        settings["KARB_NOTIFY_URL"] = f"json://me:{word}@127.0.0.1:9/{known['hook']}"
        at = running_questdb(stores)
        assert at is not None
        settings |= _questdb(at)
        known["questdb"] = at.password
        yield World(
            stores=stores,
            settings=settings,
            canaries=Canaries(known, venue.private_key_pem.decode()),
            starter=starter,
            stray=known["stray"],
            stray_word=known["stray word"],
            proxy=known["proxy"],
        )


def _started(folder: Path, stores: Path, settings: Mapping[str, str]) -> Karb:
    """karb has started its own servers, with secrets in its environment."""
    home = folder / "starter"
    home.mkdir(0o700)
    with Karb(home, {}) as karb:
        told = karb.start("services", "start", **{**settings, "KARB_DATA_DIR": str(stores)})
        assert told.wait(START) == 0, told.err[-2_000:]
        return karb


def _guarded_postgres(stores: Path, word: str) -> str:
    """A database of a role with a password, which travels and is kept only as a proof of it."""
    host = postgres_host(stores)
    with psycopg.connect(f"host={host} user=karb dbname=postgres", autocommit=True) as server:
        proof = server.pgconn.encrypt_password(word.encode(), ROLE.encode(), b"scram-sha-256")
        name = sql.Identifier(ROLE)
        server.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(proof.decode()))
        )
        server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
        with (stores / "pg" / "pg_hba.conf").open("a") as rules:
            rules.write(f"local {ROLE} {ROLE} scram-sha-256\n")
        server.execute("SELECT pg_reload_conf()")
    return f"postgresql+psycopg://{ROLE}:{quote(word, safe='')}@/{ROLE}?host={quote(str(host))}"


@contextmanager
def _guarded_redis(folder: Path, word: str) -> Iterator[str]:
    """A Valkey that is told its password by its socket: its command line is not karb's."""
    with own_valkey(folder) as server:
        server.ask("CONFIG", "SET", "requirepass", word)
        yield f"unix://{quote(str(server.socket))}?password={quote(word, safe='')}"


def _questdb(at: QuestDBAt) -> dict[str, str]:
    """karb's own server as somebody else's, whose password a user has to write down."""
    return {
        "QUESTDB_PG_HOST": "127.0.0.1",
        "QUESTDB_PG_PORT": str(at.pg),
        "QUESTDB_HTTP_PORT": str(at.http),
        "QUESTDB_PG_USER": at.user,
        "QUESTDB_PG_PASSWORD": at.password,
    }
