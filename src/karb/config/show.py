"""Settings as they are shown: one row each, secrets hidden, with where each came from."""

from collections.abc import Iterator

import msgspec
from pydantic import SecretStr

from karb.config.hosts import without_password
from karb.config.load import Loaded
from karb.config.settings import MONEY, Settings
from karb.domain.units import dollars

_ADDRESSES = frozenset({"database_url", "redis_url"})
"""Secrets of which all but the password is shown; in any other, each part may be a secret."""
_DERIVED = {"kalshi_base_url": "rest_url", "karb_kalshi_ws_url": "ws_url"}


class Row(msgspec.Struct, frozen=True):
    """One setting. `value` is text for people; empty when unset."""

    name: str
    value: str
    source: str
    place: str
    note: str


def rows(loaded: Loaded) -> Iterator[Row]:
    """Every setting in the order of the specification."""
    for name, field in Settings.model_fields.items():
        found = loaded.found.get(name)
        value, source = _value(name, loaded.settings)
        yield Row(
            name=name.upper(),
            value=value,
            source=found.source if found else source,
            place=found.place if found else "",
            note=field.description or "",
        )


def _value(name: str, settings: Settings) -> tuple[str, str]:
    """A setting as text, and its source when nobody set it."""
    value = getattr(settings, name)
    if value is None and name in _DERIVED:
        return getattr(settings, _DERIVED[name]), "KALSHI_ENV"
    if value is None:
        return "", "default"
    if isinstance(value, SecretStr):
        shown = without_password(value.get_secret_value()) if name in _ADDRESSES else "(hidden)"
        return shown, "default"
    if isinstance(value, bool):
        return str(value).lower(), "default"
    if isinstance(value, tuple):
        return ",".join(map(str, value)), "default"
    return (dollars(value) if name in MONEY else str(value)), "default"
