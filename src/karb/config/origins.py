"""Where settings come from: flags, environment, `.env`, `karb.toml`; the first one wins.

karb reads the sources itself, because pydantic-settings cannot say where a value was found,
passes over names it does not know, and replaces `${...}` inside a password in `.env`.
Nothing here knows types; a `Found` is a raw value and the place to mend it.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from karb.config.toml_files import nearest, read_text, read_toml
from karb.errors import ConfigError

OURS = "KARB_"
NOT_SETTINGS = frozenset({"KARB_DATA", "KARB_DIST"})
"""Names under our prefix that karb's own tests use."""

IN_CENTS = {
    "max_daily_loss_cents": "max_daily_loss",
    "max_risk_per_trade_cents": "karb_risk_per_trade",
}
"""The specification spells these limits in cents too; both spellings are read, everywhere a
setting may stand. `.env.example` says so beside the limits."""

ALMOST = 0.85


class Found(NamedTuple):
    """A raw value and its origin: what kind of source it is, and where in it."""

    value: Any
    source: str
    place: str


Layer = dict[str, Found]


def collect(
    known: Iterable[str], flags: Mapping[str, str], environment: Mapping[str, str], folder: Path
) -> Layer:
    """Every setting that was given, by field name, from the strongest source that has it."""
    names = frozenset(known)
    layers = (
        {name: Found(value, "flag", f"--{name}") for name, value in flags.items()},
        _environment(names, environment),
        _dotenv(names, folder / ".env"),
        _toml(names, folder / "karb.toml"),
    )
    merged: Layer = {}
    for layer in reversed(layers):
        merged |= _dollars_from_cents(layer)
    return merged


def almost(known: Iterable[str], environment: Mapping[str, str]) -> list[str]:
    """Variables that look like ours and are not: `KALSHI_KEYID`. One sentence each."""
    names = {name.upper() for name in known}
    strangers = sorted(name for name in environment if name not in names)
    return [_misspelt(name, near) for name in strangers if (near := _near(name, names))]


def _near(name: str, names: Iterable[str]) -> str | None:
    """The known name that this one all but is."""
    spelled = [*names, *(alias.upper() for alias in IN_CENTS)]
    return next(iter(get_close_matches(name, spelled, n=1, cutoff=ALMOST)), None)


def _misspelt(name: str, near: str) -> str:
    return f"{name} is not read; did you mean {near}?"


def _environment(known: frozenset[str], variables: Mapping[str, str]) -> Layer:
    layer: Layer = {}
    for name, value in variables.items():
        field = name.lower()
        if field in known or field in IN_CENTS:
            if field in layer:
                raise ConfigError(
                    f"the environment: {name} is set twice, in capitals and in small letters",
                    means="nobody can tell which of the two is meant",
                    do=f"unset one of them; {name.upper()} is the usual one",
                )
            layer[field] = Found(value.strip(), "environment", "the environment")
        elif name.startswith(OURS) and name not in NOT_SETTINGS:
            raise _unknown("the environment", name, known)
    return _filled(layer)


def _dotenv(known: frozenset[str], path: Path) -> Layer:
    """Variables of `.env`. Other programs' names are theirs; one that is almost ours is not."""
    if not path.exists():
        return {}
    layer: Layer = {}
    for line, name, value in _bindings(path):
        field = name.lower()
        if field in known or field in IN_CENTS:
            if field in layer:
                raise ConfigError(
                    f"{path} line {line}: {name} is set twice; first in {layer[field].place}",
                    means="nobody can tell which of the two is meant",
                    do="keep one of them",
                )
            layer[field] = Found(value.strip(), ".env", f"{path} line {line}")
        elif (name.startswith(OURS) and name not in NOT_SETTINGS) or _near(
            name.upper(), (setting.upper() for setting in known)
        ):
            raise _unknown(f"{path} line {line}", name, known)
    return _filled(layer)


def _bindings(path: Path) -> Iterable[tuple[int, str, str]]:
    """Line, name and value of each assignment, `${...}` left as it stands."""
    import io

    from dotenv.parser import parse_stream

    for binding in parse_stream(io.StringIO(read_text(path))):
        if binding.error:
            raise ConfigError(
                f"{path} line {binding.original.line} is not NAME=value",
                means="what it should set would be missing",
                do="mend that line, or begin it with #",
            )
        if binding.key and binding.value is not None:
            yield binding.original.line, binding.key, binding.value


def _toml(known: frozenset[str], path: Path) -> Layer:
    """`karb.toml`: a variable in lower case, or split as `[kalshi] env`, by one rule."""
    if not path.exists():
        return {}
    layer: Layer = {}
    for field, place, value in _entries(read_toml(path)):
        if field not in known and field not in IN_CENTS:
            raise _unknown(f"{path}", place, known, field)
        if field in layer:
            raise ConfigError(f"{path}: {field} is set twice, as {layer[field].place} and {place}")
        layer[field] = Found(value, "karb.toml", f"{path}: {place}")
    return layer


def _entries(tables: Mapping[str, Any]) -> Iterable[tuple[str, str, Any]]:
    for name, value in tables.items():
        if isinstance(value, dict):
            for inner, held in value.items():
                yield f"{name}_{inner}".lower(), f"[{name}] {inner}", held
        else:
            yield name.lower(), name, value


def _filled(layer: Layer) -> Layer:
    """Without the empty ones: `ODDS_API_KEY=` in a copied example sets nothing."""
    return {field: found for field, found in layer.items() if found.value}


def _dollars_from_cents(layer: Layer) -> Layer:
    """Settings spelled in cents, under their dollar name; both spellings must agree."""
    result = dict(layer)
    for alias, field in IN_CENTS.items():
        if not (found := result.pop(alias, None)):
            continue
        text = str(found.value)
        if not (text.isascii() and text.isdigit()):
            raise ConfigError(f"{found.place}: {alias.upper()} is not a whole number of cents")
        dollars = f"{int(text) // 100}.{int(text) % 100:02d}"
        if field in result and _plain(result[field].value) != _plain(dollars):
            raise ConfigError(
                f"{found.place}: {alias.upper()} contradicts {field.upper()}",
                means="one of two different limits would be forgotten",
                do="keep one of them",
            )
        result[field] = Found(dollars, found.source, found.place)
    return result


def _plain(amount: object) -> str:
    text = str(amount)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unknown(where: str, name: str, known: Iterable[str], field: str = "") -> ConfigError:
    names = [*(setting.upper() for setting in known), *(alias.upper() for alias in IN_CENTS)]
    return ConfigError(
        f"{where}: there is no setting {name}",
        means="what it should set would be missing",
        do=nearest(field or name, names) or "`karb config show` lists every setting",
    )
