"""Settings, read and checked, each with the place it came from.

pydantic's report of what is wrong becomes one `ConfigError` here: the place to mend, the
variable, the value unless it is a secret, and what it may be.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, get_args

from pydantic import SecretStr, ValidationError

from karb.config.hosts import environment_of, host_of
from karb.config.origins import Layer, almost, collect
from karb.config.settings import Settings
from karb.domain.units import dollars
from karb.errors import ConfigError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PLACES = ("karb_data_dir", "karb_questdb_jar")
"""Settings that say where something is on this machine."""


class Loaded(NamedTuple):
    """Settings, where each given one was found, and what looks like a mistake."""

    settings: Settings
    found: Layer
    doubts: list[str]


def load_settings(
    flags: Mapping[str, str] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Loaded:
    """Flags, then environment, then `.env`, then `karb.toml`, then defaults.

    `flags` are by field name, such as `{"trading_profile": "SCALP"}`. The files are those of
    the current folder. Raises `ConfigError`.
    """
    variables = os.environ if environment is None else environment
    fields = Settings.model_fields
    found = collect(fields, flags or {}, variables, folder or Path())
    settings = _checked(found)
    _agree(settings, found)
    return Loaded(settings, found, almost(fields, variables))


def load_places() -> Settings:
    """Where things are on this machine, and every other setting's default.

    For what shares nothing else with the user's own karb: keys, limits and addresses that are
    set are not even looked at. Raises `ConfigError`.
    """
    found = collect(Settings.model_fields, {}, os.environ, Path())
    return _checked({name: held for name, held in found.items() if name in PLACES})


def _checked(found: Layer) -> Settings:
    try:
        return Settings.of({name: held.value for name, held in found.items()})
    except ValidationError as error:
        raise _told(error, found) from None


def is_secret(name: str) -> bool:
    """Whether a setting's value must never be shown."""
    return _holds_secret(Settings.model_fields[name].annotation)


def _holds_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(map(_holds_secret, get_args(annotation)))


def _told(error: ValidationError, found: Layer) -> ConfigError:
    """The first mistake in full, and how many more there are."""
    first, *more = error.errors(include_url=False, include_context=True)
    name = str(first["loc"][0])
    held = found[name]
    value = "" if is_secret(name) else f" = {str(held.value)[:60]!r}"
    rest = f"; {len(more)} more after that" if more else ""
    return ConfigError(
        f"{held.place}: {name.upper()}{value} {_problem(first['type'], first['msg'], first)}",
        means="nothing was started",
        do=f"set {name.upper()} ({Settings.model_fields[name].description}){rest}",
    )


def _problem(kind: str, message: str, detail: Mapping[str, object]) -> str:
    """Half a sentence that completes "LOG_LEVEL = 'LOUD' ..."."""
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind == "literal_error":
        context = detail.get("ctx")
        allowed = context.get("expected") if isinstance(context, dict) else ""
        return f"is not {allowed}"
    if kind.startswith("bool"):
        return "is neither true nor false"
    return "is not text" if kind == "string_type" else message[:1].lower() + message[1:]


def _agree(settings: Settings, found: Layer) -> None:
    """Refuse settings that are fine one by one and dangerous together."""
    if settings.live_trading and settings.paper_trading:
        raise ConfigError(
            f"{_place('live_trading', found)}: LIVE_TRADING and PAPER_TRADING are both true",
            means="nothing was started: karb does not guess whether money is real",
            do="set PAPER_TRADING=false for real money, or LIVE_TRADING=false",
        )
    for name in ("karb_risk_per_trade", "max_daily_loss"):
        _within_bankroll(name, settings, found)
    for name, url in (
        ("kalshi_base_url", settings.rest_url),
        ("karb_kalshi_ws_url", settings.ws_url),
        ("karb_odds_api_url", settings.karb_odds_api_url),
    ):
        _same_environment(name, url, settings, found)


def _within_bankroll(name: str, settings: Settings, found: Layer) -> None:
    limit, bankroll = getattr(settings, name), settings.trading_bankroll
    if limit > bankroll:
        given = name if name in found else "trading_bankroll"
        raise ConfigError(
            f"{_place(given, found)}: {name.upper()} ({dollars(limit)}) is above "
            f"TRADING_BANKROLL ({dollars(bankroll)})",
            means="nothing was started: the limit would limit nothing",
            do=f"set {name.upper()} to what you would lose at most, or TRADING_BANKROLL higher",
        )


def _same_environment(name: str, url: str, settings: Settings, found: Layer) -> None:
    place = _place(name, found)
    if url.startswith(("http:", "ws:")) and host_of(url) not in LOOPBACK:
        raise ConfigError(
            f"{place}: {name.upper()} is not encrypted ({url.split(':', maxsplit=1)[0]}://{host_of(url)})",
            means="nothing was started: the key would travel in the open",
            do="use https:// and wss://; only this machine itself may be plain",
        )
    if name == "karb_odds_api_url":
        return
    environment = environment_of(url)
    if environment and environment != settings.kalshi_env:
        raise ConfigError(
            f"{place}: {name.upper()} is a {environment} address ({host_of(url)}), "
            f"but KALSHI_ENV is {settings.kalshi_env}",
            means="nothing was started: orders would go to the other account",
            do=f"set KALSHI_ENV={environment}, or leave {name.upper()} out",
        )
    if not environment and settings.live_trading and host_of(url) not in LOOPBACK:
        raise ConfigError(
            f"{place}: {name.upper()} is not one of Kalshi's hosts ({host_of(url)})",
            means="nothing was started: real orders go to Kalshi only",
            do=f"leave {name.upper()} out: KALSHI_ENV sets it",
        )


def _place(name: str, found: Layer) -> str:
    return found[name].place if name in found else "the defaults"
