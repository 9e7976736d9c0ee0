"""`karb doctor` and `karb config check`: which checks there are, and which are asked together.

The modules behind it are imported when their turn comes: `karb config check` needs no client
of any store, and without a key there is no venue to ask.
"""

from collections.abc import Callable
from functools import cache

from karb.config.load import Loaded
from karb.errors import ConfigError
from karb.tasks.doctor import (
    Row,
    State,
    Survey,
    examine,
    examine_together,
    not_checked,
    row_of,
)
from karb.wiring.checks_offline import DATA, configured, offline
from karb.wiring.settings import current

PATIENCE = 5.0
"""Seconds that any store, the venue and the odds source are waited for, all at the same time."""


def check_config(profile: str | None) -> list[Row]:
    """Settings, profile and the data files that decisions are made with."""
    return examine([*configured(_settings_once(profile)), *DATA])


def doctor(profile: str | None, *, networked: bool) -> list[Row]:
    """This machine, the settings, the keys and the stores; `networked`: whoever is far as well.

    Without that only stores of karb's own are looked at. Nothing is started.
    """
    settings = _settings_once(profile)
    rows = examine(offline(settings))
    try:
        loaded = settings()
    except ConfigError:
        return [*rows, row_of("stores", not_checked("the settings"))]
    surveys = _stores(loaded, own_only=not networked)
    if networked:
        fine = {row.check for row in rows if row.state is State.FINE}
        surveys |= _far(loaded, fine)
    return [*rows, *examine_together(surveys, within=PATIENCE)]


def stores() -> list[Row]:
    """The stores alone, as `doctor` sees them.

    Raises `ConfigError` where the settings cannot be used.
    """
    return examine_together(_stores(current(), own_only=False), within=PATIENCE)


def _settings_once(profile: str | None) -> Callable[[], Loaded]:
    return cache(lambda: current(profile))


def _stores(loaded: Loaded, *, own_only: bool) -> dict[str, Survey]:
    from karb.wiring.checks_stores import store_surveys

    return store_surveys(loaded.settings, own_only=own_only)


def _far(loaded: Loaded, fine: set[str]) -> dict[str, Survey]:
    """The venue and the odds source, each where there is a key to ask with."""
    surveys: dict[str, Survey] = {}
    if "kalshi key" in fine:
        from karb.wiring.checks_kalshi import kalshi_survey

        surveys["kalshi exchange"] = kalshi_survey(loaded.settings)
    if {"odds key", "profile"} <= fine:
        from karb.wiring.checks_odds import odds_survey

        surveys["odds source"] = odds_survey(loaded)
    return surveys
