"""TOML files as people leave them: missing, empty, huge, in the wrong encoding, half-written.

Every one of those ends in one `ConfigError` that names the file. Decimal numbers come as
`Digits`, the text that was written, because 2.5 cents must become an exact integer.
"""

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from karb.errors import ConfigError

MAX_BYTES = 1 << 20


class Digits(str):
    """A decimal number as it stands in the file: `2.5` keeps its digits."""

    __slots__ = ()


def read_text(path: Path) -> str:
    """A small UTF-8 file; anything else is a `ConfigError`."""
    if not path.exists():
        raise ConfigError(f"{path} does not exist", do="check the name, or leave it out")
    if not path.is_file():
        raise ConfigError(f"{path} is not a file", do="name a file")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ConfigError(f"{path} is larger than 1 MiB", means="it is not a settings file")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text", do="save it as UTF-8") from error


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file, decimal numbers as `Digits`."""
    text = read_text(path)
    try:
        return tomllib.loads(text, parse_float=Digits)
    except RecursionError as error:
        raise ConfigError(f"{path} is nested too deeply") from error
    except ValueError as error:  # TOMLDecodeError, and integers of thousands of digits
        raise ConfigError(f"{path} is not valid TOML: {error}", do="mend that line") from error


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that points to the nearest known name, or an empty one."""
    lowered: Mapping[str, str] = {option.lower(): option for option in known}
    near = get_close_matches(name.lower(), lowered, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(lowered[match] for match in near)}?" if near else ""
