"""Looking into Redis: which keys are there, and what is behind one, karb's own unpacked.

Text is shown as text, bytes that are none with backslashes. What is packed for karb's
processes is unpacked; what another version packed is said to be that.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple

import msgspec

from karb.adapters.redis.address import Address
from karb.adapters.redis.errors import check
from karb.adapters.redis.line import Line, opened
from karb.adapters.redis.names import SIGNALS, names_of
from karb.adapters.redis.packing import Unpacker, unpack_signal
from karb.adapters.redis.resp import command
from karb.errors import DecodeError
from karb.ports import Topic

NEWEST = 100
"""So many entries of a stream are read, the newest."""
_SCANNED = "1000"

_SIZES = {
    "string": "STRLEN",
    "hash": "HLEN",
    "set": "SCARD",
    "list": "LLEN",
    "zset": "ZCARD",
    "stream": "XLEN",
}
_TABLES = {names_of(topic, 0).table: topic for topic in Topic}

Unpack = Callable[[str, bytes], Any]


class Found(NamedTuple):
    """A key. `life` is in seconds, None for ever; `size` in bytes or members."""

    key: str
    kind: str
    life: int | None
    size: int | None


class Behind(NamedTuple):
    """What is behind a key: text, a dict of a hash or stream, or a list of members."""

    key: str
    kind: str
    life: int | None
    value: Any


class Look:
    """One connection to look through."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def keys(self, pattern: str) -> list[Found]:
        """The keys of a glob pattern by name; read piece by piece, so that nobody waits."""
        found: set[bytes] = set()
        cursor = b"0"
        while True:
            scan = ("SCAN", cursor, "MATCH", _bytes(pattern), "COUNT", _SCANNED)
            cursor, names = await self._ask(*scan)
            found.update(names)
            if cursor == b"0":
                break
        return await self._all(sorted(found))

    async def behind(self, key: str) -> Behind | None:
        """What is behind a key; None where there is none."""
        name = _bytes(key)
        listed = await self._all([name])
        if not listed:
            return None
        (found,) = listed
        return Behind(found.key, found.kind, found.life, await self._value(name, found.kind))

    async def _all(self, names: list[bytes]) -> list[Found]:
        """Type, life and size of some keys; one that has gone meanwhile is left out."""
        kinds = [_text(kind) for kind in await self._each(("TYPE", name) for name in names)]
        lives = await self._each(("TTL", name) for name in names)
        sizes = await self._each(
            (_SIZES.get(kind, "EXISTS"), name) for kind, name in zip(kinds, names, strict=True)
        )
        return [
            Found(_text(name), kind, life if life >= 0 else None, size if kind in _SIZES else None)
            for name, kind, life, size in zip(names, kinds, lives, sizes, strict=True)
            if kind != "none"
        ]

    async def _value(self, name: bytes, kind: str) -> Any:
        unpack = _unpacking(_text(name))
        match kind:
            case "string":
                return _text(await self._ask("GET", name) or b"")
            case "hash":
                fields = (await self._ask("HGETALL", name)).items()
                return _unpacked(sorted(fields) if _text(name) in _TABLES else fields, unpack)
            case "set":
                return sorted(map(_text, await self._ask("SMEMBERS", name)))
            case "list":
                return [_text(each) for each in await self._ask("LRANGE", name, "0", "-1")]
            case "zset":
                scored = await self._ask("ZRANGE", name, "0", "-1", "WITHSCORES")
                return {_text(member): score for member, score in scored}
            case "stream":
                entries = await self._ask("XREVRANGE", name, "+", "-", "COUNT", str(NEWEST))
                return {
                    _text(entry): _unpacked(zip(fields[::2], fields[1::2], strict=True), unpack)
                    for entry, fields in entries
                }
        return None

    async def _ask(self, *parts: str | bytes) -> Any:
        (reply,) = await self._each([parts])
        return reply

    async def _each(self, commands: Iterable[tuple[str | bytes, ...]]) -> list[Any]:
        """The replies to some commands, sent together."""
        packed = [command(*parts) for parts in commands]
        replies = await self._line.ask(b"".join(packed), len(packed))
        check(replies)
        return replies


@asynccontextmanager
async def looking(address: Address) -> AsyncIterator[Look]:
    """Look into the database at this address. Raises `StoreDownError`, `ConfigError`."""
    async with opened(address) as line:
        yield Look(line)


def _unpacking(key: str) -> Unpack:
    """How the values of this key are read."""
    if key == SIGNALS:
        return lambda _, data: msgspec.to_builtins(unpack_signal(data))
    if key in _TABLES:
        return partial(_entry, Unpacker(_TABLES[key]))
    return lambda _, data: _text(data)


def _entry(unpacker: Unpacker, key: str, data: bytes) -> dict[str, Any]:
    entry = unpacker.entry(key, data)
    value = msgspec.to_builtins(entry.value)
    return {"writer": entry.writer, "epoch": entry.epoch, "value": value}


def _unpacked(items: Iterable[tuple[bytes, bytes]], unpack: Unpack) -> dict[str, Any]:
    return {_text(name): _tried(_text(name), data, unpack) for name, data in items}


def _tried(name: str, data: bytes, unpack: Unpack) -> Any:
    try:
        return unpack(name, data)
    except DecodeError as error:
        return {"unreadable": str(error), "bytes": _text(data)}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _bytes(text: str) -> bytes:
    """As it was typed, also where it is no text."""
    return text.encode("utf-8", "surrogateescape")
