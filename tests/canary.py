"""Secrets to look for, in every spelling that a program gives them without meaning to.

A hit says where and in which spelling, and never what: a failing test must not leak either.
"""

import base64
import html
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, quote_plus

import psycopg
import redis

PIECE = 12
"""Letters and digits in a row that are enough to know a secret by."""
_PIECES = re.compile(rf"[A-Za-z0-9]{{{PIECE},}}")
_IGNORED = b"\0\r\n"
"""Zeros stand between the letters of UTF-16, line ends inside long base64, and empty pages hold
nothing else: without them all three are plain text."""


class Hit(NamedTuple):
    """A secret where it may not be."""

    where: str
    secret: str
    spelling: str


class Process(NamedTuple):
    """What anybody on the machine, or any child, can see of a process."""

    name: str
    arguments: bytes
    environment: bytes


def spellings(secret: str) -> dict[str, bytes]:
    """How a secret may be written, by the name of the way; two ways that agree are told once."""
    plain = {
        "raw": secret,
        "reversed": secret[::-1],
        "hex": secret.encode().hex(),
        "HEX": secret.encode().hex().upper(),
        "html": html.escape(secret),
        "URL": quote(secret, safe=""),
        "URL with slashes": quote(secret),
        "URL in small letters": _small(quote(secret, safe="")),
        "URL twice": quote(quote(secret, safe=""), safe=""),
        "form": quote_plus(secret),
        "JSON": json.dumps(secret)[1:-1],
        "JSON with slashes": json.dumps(secret)[1:-1].replace("/", r"\/"),
        "JSON in UTF-8": json.dumps(secret, ensure_ascii=False)[1:-1],
        "Python": repr(secret)[1:-1],
        "Python bytes": repr(secret.encode())[2:-1],
        "SQL": secret.replace("'", "''"),
        **{f"piece {n}": piece for n, piece in enumerate(_PIECES.findall(secret))},
    }
    ways = {name: text.encode() for name, text in plain.items()}
    for name in ("raw", "URL"):
        for start in range(3):
            coded = _base64(ways[name], start)
            ways[f"base64 of {name} from {start}"] = coded
            ways[f"URL-safe base64 of {name} from {start}"] = coded.translate(_URL_SAFE)
    first: dict[bytes, str] = {}
    for name, needle in ways.items():
        first.setdefault(needle, name)
    return {name: needle for needle, name in first.items()}


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _small(quoted: str) -> str:
    return re.sub(r"%..", lambda found: found[0].lower(), quoted)


def _base64(data: bytes, start: int) -> bytes:
    """What of the data survives in the base64 of a text where it begins at byte 3n + `start`."""
    coded = base64.b64encode(bytes(start) + data).rstrip(b"=")
    mixed_after = 1 if (start + len(data)) % 3 else 0
    return coded[(0, 2, 3)[start] : len(coded) - mixed_after]


class Canaries:
    """Secrets by name, to be looked for. `pem` is a private key: each line of it is a secret."""

    def __init__(self, secrets: Mapping[str, str], pem: str = "") -> None:
        needles: dict[bytes, tuple[str, str]] = {}
        for name, secret in secrets.items():
            for way, needle in spellings(secret).items():
                needles.setdefault(needle, (name, way))
        for number, line in enumerate(pem.splitlines()):
            if line and "-----" not in line:
                needles[line.encode()] = (f"line {number} of the key", "raw")
                needles[quote(line, safe="").encode()] = (f"line {number} of the key", "URL")
                needles[base64.b64decode(line)] = (f"line {number} of the key", "decoded")
        self._needles = {needle.translate(None, _IGNORED): it for needle, it in needles.items()}

    def in_bytes(self, where: str, data: bytes) -> list[Hit]:
        """What is found in some bytes."""
        thin = data.translate(None, _IGNORED)
        return [Hit(where, *it) for needle, it in self._needles.items() if needle in thin]

    def in_text(self, where: str, text: str) -> list[Hit]:
        """What is found in a text."""
        return self.in_bytes(where, text.encode())

    def in_files(self, folder: Path, spare: Collection[Path] = ()) -> list[Hit]:
        """What is found in the files below a folder, their names included; links are names."""
        hits = []
        for path in sorted(folder.rglob("*")):
            hits += self.in_text("a file's name", path.name)
            if path.is_file() and not path.is_symlink() and path not in spare:
                with suppress(FileNotFoundError):  # a server clears away behind itself
                    hits += self.in_bytes(str(path.relative_to(folder)), path.read_bytes())
        return hits

    def in_processes(self, processes: Iterable[Process]) -> list[Hit]:
        """What is found in command lines and environments."""
        hits = []
        for process in processes:
            hits += self.in_bytes(f"command line of {process.name}", process.arguments)
            hits += self.in_bytes(f"environment of {process.name}", process.environment)
        return hits


def running(without: Collection[int] = ()) -> list[Process]:
    """Every process of the machine that may be looked into, but for those left out."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) in without:
            continue
        with suppress(OSError):  # it has ended, or is another user's
            parts = [(folder / part).read_bytes() for part in ("cmdline", "environ")]
            found.append(Process(f"{folder.name} {parts[0][:40]!r}", parts[0], parts[1]))
    return found


def redis_text(url: str) -> str:
    """All that a Redis holds, and what it remembers of its clients and their commands."""
    with redis.Redis.from_url(url, protocol=3) as client:
        held = [repr((key, _READ[client.type(key)](client, key))) for key in client.scan_iter()]
        held += [repr(client.client_list()), repr(client.slowlog_get(1_000))]
        return "\n".join([*held, repr(client.acl_log())])


_READ: Mapping[bytes, Callable[["redis.Redis", bytes], object]] = MappingProxyType(
    {
        b"string": lambda client, key: client.get(key),
        b"hash": lambda client, key: client.hgetall(key),
        b"set": lambda client, key: client.smembers(key),
        b"zset": lambda client, key: client.zrange(key, 0, -1, withscores=True),
        b"list": lambda client, key: client.lrange(key, 0, -1),
        b"stream": lambda client, key: (client.xrange(key), client.xinfo_groups(key)),
    }
)


def postgres_text(conninfo: str) -> str:
    """Every row of every table that is not the server's own, and what its clients last asked."""
    with psycopg.connect(conninfo) as server:
        tables = server.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        names = [name for (name,) in tables]
        return "\n".join(_rows(server, [*names, "pg_stat_activity"]))


def questdb_text(conninfo: str) -> str:
    """Every row of every table, and the questions that are being answered."""
    with psycopg.connect(conninfo, autocommit=True, prepare_threshold=None) as server:
        tables = server.execute("SELECT table_name FROM tables()").fetchall()
        names = [f'"{name}"' for (name,) in tables]
        return "\n".join(_rows(server, [*names, "query_activity()"]))


def _rows(server: "psycopg.Connection[tuple[object, ...]]", tables: Iterable[str]) -> Iterator[str]:
    for name in tables:
        yield name
        yield from map(repr, server.execute(f"SELECT * FROM {name}".encode()))  # noqa: S608 - the catalogue's
