"""What options mean that more than one command has; what is wrong with one is a usage error."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from karb.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from karb.domain.units import Nanos

_SPEEDS = 0.1, 1_000.0


def duration_option(name: str, text: str) -> "Nanos":
    """The nanoseconds of an option such as `--max-skew 10m`; `UsageError` names the option."""
    from karb.config.durations import DURATIONS, parse_duration

    try:
        return parse_duration(text)
    except ConfigError as error:
        raise UsageError(f"{name}: {error.what}", do=DURATIONS) from None


def distance_option(name: str, text: str) -> "Nanos":
    """The same for what is done again and again: a second at least."""
    from karb.domain.units import SECOND

    distance = duration_option(name, text)
    if distance < SECOND:
        raise UsageError(f"{name} {text} is shorter than a second", do="write 60s")
    return distance


def path_options(name: str, texts: Sequence[str], *, otherwise: str = "") -> list[Path]:
    """The paths of a repeatable option that is needed; an empty text would be the current folder.

    `otherwise` completes what to type instead, such as ", or try --example".
    """
    if not texts or not all(text.strip() for text in texts):
        what = "is empty" if texts else "is missing"
        raise UsageError(f"{name} {what}", do=f"add {name} PATH{otherwise}")
    return [Path(text) for text in texts]


def refuse_unused(given: Mapping[str, object], reason: str, *, do: str) -> None:
    """`UsageError` for the first of these options that was given: here it would do nothing.

    `given` are values by option; None and False are what nobody typed.
    """
    for name, value in given.items():
        if value is not None and value is not False:
            raise UsageError(f"{name} {reason}", do=do)


def _speed(speed: float) -> float:
    low, high = _SPEEDS
    if not low <= speed <= high:
        raise UsageError(f"--speed {speed:g} is out of range", do=f"{low:g} to {high:g}")
    return speed


Speed = Annotated[
    float, typer.Option(help="Seconds that pass there in a real one.", callback=_speed)
]
