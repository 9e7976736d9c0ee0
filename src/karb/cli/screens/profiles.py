"""How profiles look: side by side, or one in full with its units."""

from collections.abc import Sequence
from typing import Any

from karb.cli.output import document, emit, table
from karb.config.profile_keys import KEYS
from karb.config.profiles import DEFAULT, ProfileFile, open_profile, profile_names
from karb.config.toml_files import Digits

_HEADING = ("name", "summary", "live_allowed")
_GLUED = frozenset({"c", "h"})
_LABELS = {
    "min_edge_agreeing_cents": "edge agreeing",
    "max_book_spread_cents": "book spread",
    "max_kalshi_spread_cents": "kalshi spread",
    "kelly_fraction": "kelly",
}


def show_profiles(name: str | None, *, as_json: bool) -> None:
    """Print the six profiles, or the one named (a name, or the path of a file)."""
    names = [name] if name else profile_names()
    opened = [open_profile(each) for each in names]
    if as_json:
        document(
            "karb.profiles/1", {"default": DEFAULT, "profiles": [_nested(each) for each in opened]}
        )
    elif name:
        _one(opened[0])
    else:
        _side_by_side(opened)


def _side_by_side(opened: Sequence[ProfileFile]) -> None:
    """Only the keys in which they differ: those are what a person chooses between."""
    keys = [
        key
        for key in KEYS
        if key not in _HEADING and len({str(each.keys[key]) for each in opened}) > 1
    ]
    names = [each.profile.name + ("*" if each.profile.name == DEFAULT else "") for each in opened]
    table(
        ("", *names),
        [(_label(key), *(_short(key, each.keys[key]) for each in opened)) for key in keys],
        right=names,
        tight=True,
    )
    for each in opened:
        paper = "" if each.profile.live_allowed else "; never live"
        emit(f"{each.profile.name}: {each.profile.summary}{paper}")
    emit(f"* the default. `karb profiles {DEFAULT}` shows every key.")


def _one(opened: ProfileFile) -> None:
    default = open_profile(DEFAULT)
    emit(f"{opened.profile.name}: {opened.profile.summary}")
    emit(f"{opened.path}; {_allowed(opened)}")
    emit("")
    table(
        ("section", "key", "value", f"in {DEFAULT}"),
        [_compared(key, opened, default) for key in KEYS if key not in _HEADING],
        right=("value", f"in {DEFAULT}"),
    )


def _allowed(opened: ProfileFile) -> str:
    return "may trade live, once karb can" if opened.profile.live_allowed else "never trades live"


def _compared(key: str, opened: ProfileFile, default: ProfileFile) -> tuple[str, str, str, str]:
    """A key's row; the default's value stands beside it only where it differs."""
    section, _, name = key.partition(".")
    here, there = _value(key, opened.keys[key]), _value(key, default.keys[key])
    return section, name, here, "" if here == there else there


def _label(key: str) -> str:
    """A key in at most thirteen letters, so that the six fit into 80 columns."""
    section, _, name = key.partition(".")
    label = _LABELS.get(name) or name.removesuffix("_cents").removesuffix("_contracts")
    return f"tier {label}" if section == "confidence" else label.replace("_", " ")


def _short(key: str, raw: Any) -> str:
    return _value(key, raw) if KEYS[key].unit in _GLUED else _joined(raw)


def _value(key: str, raw: Any) -> str:
    """A value as written, with its unit: `2.5c`, `500 contracts`, `0-6000h`."""
    unit = KEYS[key].unit
    if isinstance(raw, bool):
        return "on" if raw else "off"
    text = "-".join(map(str, raw)) if isinstance(raw, list) and unit else _joined(raw)
    return f"{text}{unit}" if unit in _GLUED else f"{text} {unit}".rstrip()


def _joined(raw: Any) -> str:
    return ", ".join(raw) if isinstance(raw, list) else str(raw)


def _nested(opened: ProfileFile) -> dict[str, Any]:
    """A profile in the shape of its file; the unit of a number stands in its key."""
    body: dict[str, Any] = {}
    for key, raw in opened.keys.items():
        section, _, name = key.rpartition(".")
        into = body.setdefault(section, {}) if section else body
        into[name] = float(raw) if isinstance(raw, Digits) else raw
    return body
