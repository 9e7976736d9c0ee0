"""What `karb services` does: start, stop and look at the three stores, a row each.

A server that the settings name is looked at, never started or stopped. A store that fails
does not keep the others from being started, stopped or told about.
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from karb.errors import ExitCode, KarbError, StoreDownError
from karb.wiring.settings import current
from karb.wiring.store_kinds import Kind, kinds, own_kinds
from karb.wiring.stores import data_folder, extra, own_redis, quiet

if TYPE_CHECKING:
    from karb.adapters.embedded.archive import Progress
    from karb.config.settings import Settings


class State(StrEnum):
    """How a store is. Stopped: it is karb's own and nobody has started it."""

    RUNNING = "running"
    STOPPED = "stopped"
    DOWN = "down"


class Trouble(msgspec.Struct, frozen=True):
    """An error of karb's: what happened, what it means, what to do."""

    what: str
    means: str
    do: str


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A store as it was found or left.

    `own`: karb's, else the settings'. `done`: what this command did to it, empty for nothing.
    `where` is a socket, ports or an address without its password; `disk` is in bytes; `look`
    are command lines to look inside.
    """

    store: str
    state: State
    own: bool
    done: str = ""
    where: str = ""
    version: str = ""
    pid: int | None = None
    disk: int | None = None
    look: tuple[str, ...] = ()
    trouble: Trouble | None = None


def start(progress: "Progress" = quiet) -> list[Service]:
    """Start what is karb's own and not running, and look at all three.

    Raises `ConfigError` where the data folder cannot be used at all.
    """
    stores = kinds(current().settings, progress)
    for kind in stores:
        if kind.place is not None:
            kind.place.prepared()
    return [_started(kind) for kind in stores]


def stop() -> list[Service]:
    """Stop every server in the data folder, also one that the settings no longer use.

    Raises `ConfigError` where that folder cannot be read.
    """
    return stop_in(current().settings)


def stop_in(settings: "Settings") -> list[Service]:
    """The same in the data folder of these settings."""
    return [_stopped(kind) for kind in own_kinds(settings)]


def in_use() -> bool:
    """Whether anybody is connected to karb's own Redis, as every karb process that runs is."""
    with extra():
        from karb.adapters.embedded.valkey import valkey_place, valkey_socket
        from karb.adapters.versions import redis_clients

    data = data_folder(current().settings)
    if not valkey_place(data).held():
        return False
    try:
        return redis_clients(own_redis(valkey_socket(data)).url) > 0
    except StoreDownError:
        return False


def status() -> list[Service]:
    """Look at all three and change nothing.

    Raises `ConfigError` where the data folder of one of karb's own cannot be read.
    """
    return [_seen(kind) for kind in kinds(current().settings, quiet)]


def verdict(services: Iterable[Service], *, wanted: State, failed: ExitCode) -> ExitCode:
    """`failed` unless every store is in the wanted state."""
    return ExitCode.OK if all(each.state is wanted for each in services) else failed


def troubles(services: Sequence[Service]) -> list[Trouble]:
    """What is wrong, each thing once: a full disk stops three stores with one sentence."""
    return list(dict.fromkeys(each.trouble for each in services if each.trouble is not None))


def _started(kind: Kind) -> Service:
    ran = kind.place is None or kind.place.held()
    try:
        kind.start()
    except KarbError as error:
        return _down(kind, error)
    seen = _seen(kind)
    return seen if ran else msgspec.structs.replace(seen, done="started")


def _stopped(kind: Kind) -> Service:
    from karb.adapters.embedded.stopper import stop as end

    assert kind.place is not None  # noqa: S101 - karb's own all have one
    try:
        ran = end(kind.place)
    except StoreDownError as error:
        return _down(kind, error)
    return Service(store=kind.store, state=State.STOPPED, own=True, done="stopped" if ran else "")


def _seen(kind: Kind) -> Service:
    place = kind.place
    if place is not None and not place.held():
        return Service(store=kind.store, state=State.STOPPED, own=True, disk=_disk(place.home))
    try:
        found = kind.find()
    except KarbError as error:
        return _down(kind, error)
    return Service(
        store=kind.store,
        state=State.RUNNING,
        own=place is not None,
        where=found.where,
        version=found.version,
        pid=place.pid() if place is not None else None,
        disk=_disk(place.home) if place is not None else None,
        look=found.look,
    )


def _down(kind: Kind, error: KarbError) -> Service:
    place = kind.place
    return Service(
        store=kind.store,
        state=State.DOWN,
        own=place is not None,
        pid=place.pid() if place is not None else None,
        disk=_disk(place.home) if place is not None else None,
        trouble=Trouble(error.what, error.means, error.do),
    )


def _disk(folder: Path) -> int:
    """Bytes that a folder takes on the disk; its files come and go meanwhile."""
    total = 0
    for path, _, names in os.walk(folder.resolve()):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.lstat(Path(path, name)).st_blocks * 512
    return total
