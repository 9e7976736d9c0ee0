"""Durations: what may be written, and that what karb shows can be typed back in."""

import pytest

from karb.cli.options import duration_option, path_options
from karb.config.durations import parse_duration
from karb.domain.edge.refusal import duration
from karb.domain.units import SECOND
from karb.errors import ConfigError, ExitCode, UsageError


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("500ms", SECOND // 2),
        ("90s", 90 * SECOND),
        ("3m10s", 190 * SECOND),
        ("1.5h", 5_400 * SECOND),
        ("1d2h3m4s5ms", 93_784_005 * SECOND // 1_000),
        ("0s", 0),
        (" 15m ", 900 * SECOND),
    ],
)
def test_a_duration_is_exact(text: str, nanos: int) -> None:
    assert parse_duration(text) == nanos


@pytest.mark.parametrize(
    "text", ["", "10", "m", "10 m", "-5s", "5s3m", "5s5s", "1e3s", "5S", "1.s"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize("seconds", [0, 45, 190, 7_199, 95_400])
def test_what_is_shown_can_be_typed(seconds: int) -> None:
    assert parse_duration(duration(seconds * SECOND)) == seconds * SECOND


def test_a_wrong_duration_at_a_flag_is_a_usage_error_that_names_it() -> None:
    assert duration_option("--max-skew", "10m") == 600 * SECOND
    with pytest.raises(UsageError, match="--max-skew: '10' is not a duration") as refused:
        duration_option("--max-skew", "10")
    assert refused.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("given", [[], [""], ["a", " "]])
def test_a_path_that_is_missing_or_empty_is_a_usage_error(given: list[str]) -> None:
    with pytest.raises(UsageError, match="--odds is"):
        path_options("--odds", given)
