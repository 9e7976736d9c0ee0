"""Durations as people write them: `500ms`, `2s`, `3m10s`, `1.5h`, `1d`.

What karb shows as a time span (`3m10s`, `26.5h`) can be typed back in as it stands.
"""

import re

from karb.domain.units import Nanos
from karb.errors import ConfigError

DURATIONS = "write 500ms, 90s, 3m10s, 15m, 1.5h or 1d"

_UNITS: dict[str, Nanos] = {
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}
_PART = r"(\d{1,9})(?:\.(\d{1,6}))?%s"
_DURATION = re.compile("".join(f"(?:{_PART % unit})?" for unit in reversed(_UNITS)), re.ASCII)
"""The units from days down to milliseconds, each at most once."""


def parse_duration(text: str) -> Nanos:
    """Nanoseconds of `90s`, `1.5h` or `3m10s`; a number without a unit is refused."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or match.lastindex is None:
        raise ConfigError(f"{text[:40]!r} is not a duration", do=DURATIONS)
    pairs = zip(match.groups()[::2], match.groups()[1::2], reversed(_UNITS.values()), strict=True)
    # Six decimals of the smallest unit, a millisecond, are whole nanoseconds: nothing is lost.
    return sum(
        int(whole + (fraction or "").ljust(6, "0")) * unit // 1_000_000
        for whole, fraction, unit in pairs
        if whole
    )
