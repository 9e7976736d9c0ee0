"""Trading profiles from TOML: the six that ship, and a user's own.

`load_profile("standard")` or `load_profile("./mine.toml")`. A file either has every key or
begins with `inherits = "STANDARD"` (or with the path of another file) and says only what
differs. Nothing is guessed: a key that is unknown, of the wrong type or out of range is a
`ConfigError` that names file and key. Only the standard library and msgspec are needed, so
`karb profiles` starts at once.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

import karb
from karb.config.profile_keys import KEYS, SECTIONS, UnfitError
from karb.config.toml_files import nearest, read_toml
from karb.domain.edge.profile import ConfidenceRules, Guard, Profile
from karb.domain.fair.rules import FairRules
from karb.errors import ConfigError

DEFAULT = "STANDARD"
SHIPPED = ("CONSERVATIVE", "STANDARD", "AGGRESSIVE", "VERY_AGGRESSIVE", "ANY_EDGE", "SCALP")


class ProfileFile(msgspec.Struct, frozen=True):
    """A profile with the values as they were written, for showing it in its own units.

    `keys` holds every `section.name`; those that the file inherits too.
    """

    profile: Profile
    keys: Mapping[str, Any]
    path: Path


def profile_names() -> tuple[str, ...]:
    """The profiles that ship, from careful to bold, SCALP last."""
    return SHIPPED


def load_profile(name_or_path: str) -> Profile:
    """A profile by name, in any case, or by the path of a TOML file."""
    return open_profile(name_or_path).profile


def shipped() -> dict[str, Profile]:
    """The six profiles that ship, by name."""
    return {name: load_profile(name) for name in SHIPPED}


def open_profile(name_or_path: str) -> ProfileFile:
    """A profile together with its keys as written."""
    if is_path(name_or_path):
        return _own(Path(name_or_path).expanduser(), ())
    return _shipped(name_or_path)


def is_path(name_or_path: str) -> bool:
    """Whether a profile is named by its file."""
    return name_or_path.endswith(".toml") or "/" in name_or_path


def canonical(name: str) -> str:
    """A shipped profile's name as it is written everywhere: `very-aggressive` in capitals."""
    return "_".join(name.upper().replace("-", " ").replace("_", " ").split())


def folder() -> Path:
    """`profiles/` beside `src` in a checkout, `karb/_profiles` once installed."""
    package = Path(karb.__file__).resolve().parent
    checkout = package.parent.name == "src"
    return package.parents[1] / "profiles" if checkout else package / "_profiles"


def _shipped(name: str) -> ProfileFile:
    known = canonical(name)
    if known not in SHIPPED:
        raise ConfigError(
            f"there is no profile {name[:60]!r}",
            means="nothing was decided with it",
            do=nearest(name, SHIPPED) or f"take one of {', '.join(SHIPPED)}, or a .toml file",
        )
    path = folder() / f"{known.lower()}.toml"
    tables = read_toml(path)
    base = _base(path, tables.pop("inherits", None), ())
    return _build(path, _over(base, _flat(path, tables)))


def _own(path: Path, heirs: tuple[Path, ...]) -> ProfileFile:
    """A user's file; `heirs` are the files that led here, by their true paths."""
    tables = read_toml(path)
    base = _base(path, tables.pop("inherits", None), (*heirs, path.resolve()))
    keys = _over(base, _flat(path, {"name": path.stem.upper(), **tables}))
    if canonical(str(keys["name"])) in SHIPPED:
        raise ConfigError(
            f"{path}: the name {keys['name']!r} belongs to a profile that ships with karb",
            means="every signal would carry a name that promises other numbers",
            do='give it a name of its own: name = "MINE"',
        )
    if keys.get("live_allowed") is True and base and not base.profile.live_allowed:
        raise ConfigError(
            f"{path}: live_allowed = true, but {base.profile.name} may never trade live",
            do="inherit from another profile, or take that line out",
        )
    return _build(path, keys)


def _over(base: ProfileFile | None, keys: dict[str, Any]) -> dict[str, Any]:
    return {**base.keys, **keys} if base else keys


def _base(path: Path, named: object, heirs: tuple[Path, ...]) -> ProfileFile | None:
    """The profile that a file inherits from: a shipped one by name, another file by its path.

    A path counts from the folder of the file it stands in.
    """
    if named is None:
        return None
    problem, do = "is not the name of a profile", f"take one of {', '.join(SHIPPED)}"
    if isinstance(named, str) and is_path(named):
        file = path.parent / Path(named).expanduser()
        if file.resolve() not in heirs:
            return _parent(path, named, file, heirs)
        problem, do = "leads back to itself", "let one of these files inherit from STANDARD"
    elif isinstance(named, str):
        if canonical(named) in SHIPPED:
            return _shipped(named)
        do = nearest(named, SHIPPED) or f"{do}, or the path of a .toml file"
    raise ConfigError(
        f"{path}: inherits = {str(named)[:60]!r} {problem}", means="the profile is not used", do=do
    )


def _parent(path: Path, named: str, file: Path, heirs: tuple[Path, ...]) -> ProfileFile:
    try:
        return _own(file, heirs)
    except ConfigError as error:
        raise ConfigError(
            f"{path}: inherits = {named!r}: {error.what}", means=error.means, do=error.do
        ) from None


def _flat(path: Path, tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables as `section.name`; an unknown name is refused with the nearest known one."""
    keys: dict[str, Any] = {}
    for name, value in tables.items():
        if isinstance(value, dict) and name in SECTIONS:
            keys |= {f"{name}.{inner}": held for inner, held in value.items()}
        else:
            keys[name] = value
    for key in keys:
        if key not in KEYS:
            raise ConfigError(
                f"{path}: there is no key {_spelled(key)}",
                means="the profile is not used: what the key should do would be missing",
                do=_hint(key),
            )
    return keys


def _hint(key: str) -> str:
    """The nearest known key, in whatever section it lives."""
    name = key.rpartition(".")[2]
    spelled = {known.rpartition(".")[2]: known for known in KEYS} | {s: s for s in SECTIONS}
    if name in spelled:
        return f"did you mean {_spelled(spelled[name])}?"
    return nearest(name, spelled) or "`karb profiles STANDARD` lists every key"


def _spelled(key: str) -> str:
    """A key as it stands in the file: `[entry] min_edge_cents`."""
    section, dot, name = key.partition(".")
    return f"[{section}] {name}" if dot else section


def _build(path: Path, keys: Mapping[str, Any]) -> ProfileFile:
    missing = [_spelled(key) for key in KEYS if key not in keys]
    if missing:
        raise ConfigError(
            f"{path}: {len(missing)} keys are missing, first {', '.join(missing[:3])}",
            do='begin the file with inherits = "STANDARD" and keep only what differs',
        )
    ordered = {key: keys[key] for key in KEYS}
    profile = _assemble({key: _read(path, key, raw) for key, raw in ordered.items()})
    _agree(path, profile)
    return ProfileFile(profile, ordered, path)


def _read(path: Path, key: str, raw: object) -> Any:
    try:
        return KEYS[key].read(raw)
    except UnfitError as problem:
        raise ConfigError(
            f"{path}: {_spelled(key)} = {str(raw)[:60]} {problem}",
            means="the profile is not used",
            do="`karb profiles STANDARD` shows every key with a value that works",
        ) from None


def _assemble(v: Mapping[str, Any]) -> Profile:
    """The one place where a key meets its field."""
    champion_min, champion_max = v["entry.champion_hours"]
    return Profile(
        name=v["name"],
        summary=v["summary"],
        live_allowed=v["live_allowed"],
        min_edge=v["entry.min_edge_cents"],
        min_edge_agreeing=v["entry.min_edge_agreeing_cents"],
        agreeing_books=v["entry.agreeing_books"],
        agreeing_range=v["entry.agreeing_range_cents"],
        min_books=v["entry.min_books"],
        max_book_spread=v["entry.max_book_spread_cents"],
        max_kalshi_spread=v["entry.max_kalshi_spread_cents"],
        min_volume=v["entry.min_volume_contracts"],
        min_time=v["entry.min_hours"],
        max_time=v["entry.max_hours"],
        min_price=v["entry.min_price_cents"],
        max_price=v["entry.max_price_cents"],
        markets=v["entry.markets"],
        champion_min_time=champion_min,
        champion_max_time=champion_max,
        kelly=v["size.kelly_fraction"],
        confidence=_confidence(v),
        fair=_fair(v),
        guards=frozenset(guard for guard in Guard if v[f"guards.{guard}"]),
        max_quote_age=v["guards.max_quote_age"],
        too_good=v["guards.too_good_cents"],
        rest=v["orders.rest"],
        max_hold=v["exits.max_hold"],
        in_play=v["exits.in_play"],
        reentry=v["exits.reentry_minutes"],
    )


def _confidence(v: Mapping[str, Any]) -> ConfidenceRules:
    return ConfidenceRules(
        high=v["confidence.high"],
        medium=v["confidence.medium"],
        low=v["confidence.low"],
        base=v["confidence.base"],
        books_agree=v["confidence.books_agree"],
        tight_books=v["confidence.tight_books"],
        tight_range=v["confidence.tight_range_cents"],
        high_volume=v["confidence.high_volume"],
        volume=v["confidence.volume_contracts"],
        near_event=v["confidence.near_event"],
        near=v["confidence.near_hours"],
        extreme_price=v["confidence.extreme_price"],
        extreme_low=v["confidence.extreme_low_cents"],
        extreme_high=v["confidence.extreme_high_cents"],
        two_books=v["confidence.two_books"],
    )


def _fair(v: Mapping[str, Any]) -> FairRules:
    return FairRules(
        method=v["fair.devig"],
        k=v["fair.interval_k"],
        drift=v["fair.drift_cents_per_root_hour"],
        outlier=v["fair.outlier_cents"],
        sharp_weight=v["fair.sharp_weight"],
    )


def _agree(path: Path, profile: Profile) -> None:
    """Refuse values that are fine one by one and cannot be true together."""
    rules = profile.confidence
    conditions = {
        "min_edge_agreeing_cents is above min_edge_cents": (
            profile.min_edge_agreeing > profile.min_edge
        ),
        "min_hours is not below max_hours": profile.min_time >= profile.max_time,
        "min_price_cents is not below max_price_cents": profile.min_price >= profile.max_price,
        "the tiers high, medium, low do not descend": not rules.high > rules.medium > rules.low,
        "extreme_low_cents is above extreme_high_cents": rules.extreme_low > rules.extreme_high,
    }
    for problem, broken in conditions.items():
        if broken:
            raise ConfigError(
                f"{path}: {problem}", means="nothing could ever pass", do="mend one of the two"
            )
