"""How keys of Redis look, and what is behind one."""

from typing import Any

import msgspec

from karb.cli.output import clean, document, emit, note, table
from karb.domain.edge.refusal import duration
from karb.domain.units import SECOND
from karb.wiring import cache


def show_keys(pattern: str, *, as_json: bool) -> None:
    """Print the keys of a pattern."""
    found = cache.keys(pattern)
    if as_json:
        rows = [
            {"key": each.key, "type": each.kind, "ttl_seconds": each.life, "size": each.size}
            for each in found
        ]
        document("karb.cache.keys/1", {"pattern": pattern, "keys": rows})
        return
    table(
        ("type", "size", "expires in", "key"),
        [
            (each.kind, "-" if each.size is None else str(each.size), _life(each.life), each.key)
            for each in found
        ],
        right=("size", "expires in"),
    )
    note(f"{len(found)} keys")


def show_value(key: str, *, as_json: bool) -> None:
    """Print what is behind a key."""
    found = cache.get(key)
    if as_json:
        body = {"key": found.key, "type": found.kind, "ttl_seconds": found.life}
        document("karb.cache.get/1", {**body, "value": found.value})
        return
    match found.value:
        case dict():
            columns = {"stream": ("id", "entry"), "zset": ("member", "score")}
            heads = columns.get(found.kind, ("field", "value"))
            table(heads, [(name, _told(value)) for name, value in found.value.items()])
        case list():
            for member in found.value:
                emit(_told(member))
        case _:
            emit(_told(found.value))
    life = "never expires" if found.life is None else f"expires in {_life(found.life)}"
    note(f"{found.key}: {found.kind}, {life}")


def _told(value: Any) -> str:
    """Text as it is, cleaned; anything else as JSON on one line."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return clean(text)


def _life(seconds: int | None) -> str:
    return "never" if seconds is None else duration(seconds * SECOND)
