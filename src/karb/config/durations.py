"""Durations as people write them: `500ms`, `2s`, `15m`, `2h`, `1d`."""

import re

from karb.domain.units import Nanos
from karb.errors import ConfigError

_UNITS: dict[str, Nanos] = {
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}
_DURATION = re.compile(r"(\d{1,9})(?:\.(\d{1,6}))?(ms|s|m|h|d)", re.ASCII)


def parse_duration(text: str) -> Nanos:
    """Nanoseconds of `90s` or `1.5h`; a number without a unit is refused, not guessed."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ConfigError(f"{text[:40]!r} is not a duration", do="write 500ms, 90s, 15m, 2h or 1d")
    whole, fraction, unit = match.group(1), match.group(2) or "", match.group(3)
    # Six decimals of the smallest unit, a millisecond, are whole nanoseconds: nothing is lost.
    return int(whole + fraction.ljust(6, "0")) * _UNITS[unit] // 1_000_000
