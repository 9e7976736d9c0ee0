"""What options mean that more than one command has; what is wrong with one is a usage error."""

from collections.abc import Sequence
from pathlib import Path

from karb.domain.units import Nanos
from karb.errors import ConfigError, UsageError


def duration_option(name: str, text: str) -> Nanos:
    """The nanoseconds of an option such as `--max-skew 10m`; `UsageError` names the option."""
    from karb.config.durations import DURATIONS, parse_duration

    try:
        return parse_duration(text)
    except ConfigError as error:
        raise UsageError(f"{name}: {error.what}", do=DURATIONS) from None


def path_options(name: str, texts: Sequence[str], *, otherwise: str = "") -> list[Path]:
    """The paths of a repeatable option that is needed; an empty text would be the current folder.

    `otherwise` completes what to type instead, such as ", or try --example".
    """
    if not texts or not all(text.strip() for text in texts):
        what = "is empty" if texts else "is missing"
        raise UsageError(f"{name} {what}", do=f"add {name} PATH{otherwise}")
    return [Path(text) for text in texts]
