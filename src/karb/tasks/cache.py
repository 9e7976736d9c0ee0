"""Look a key up in the hot cache, and say what is near where there is none."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Protocol, TypeVar

from karb.errors import UsageError

MOST = 3
"""Names that are proposed."""


class Named(Protocol):
    """A key that was found."""

    @property
    def key(self) -> str: ...  # noqa: D102 - its name


B_co = TypeVar("B_co", covariant=True)


class Cache(Protocol[B_co]):
    """What is looked into."""

    async def keys(self, pattern: str) -> Sequence[Named]:
        """The keys of a glob pattern."""
        ...

    async def behind(self, key: str) -> B_co | None:
        """What is behind a key; None where there is none."""
        ...


async def look_up(cache: Cache[B_co], key: str) -> B_co:
    """What is behind a key. Raises `UsageError` with the nearest names where there is none."""
    found = await cache.behind(key)
    if found is None:
        raise UsageError(
            f"there is no key {key!r} in Redis, or it has expired", do=await _hint(cache, key)
        )
    return found


async def _hint(cache: Cache[Any], key: str) -> str:
    """The nearest keys of the same family, such as `kalshi:*`."""
    family = key.partition(":")[0].lower()
    names = [each.key for each in await cache.keys(f"{_literal(family)}:*")]
    by_lower = {name.lower(): name for name in names}
    near = get_close_matches(key.lower(), by_lower, n=MOST)
    if near:
        return f"did you mean {' or '.join(by_lower[name] for name in near)}?"
    pattern = f"'{family}:*'" if names else ""
    return f"see karb cache keys {pattern}".rstrip()


def _literal(text: str) -> str:
    """A text as a pattern that fits it alone."""
    return "".join(f"\\{ch}" if ch in "*?[]^\\" else ch for ch in text)
