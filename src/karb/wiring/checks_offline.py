"""The checks that need no network: settings, data files, addresses, keys, the data folder.

Checks that need the settings say so when those are wrong, instead of telling the same
mistake twice.
"""

import os
from collections.abc import Callable
from pathlib import Path

from karb.config.hosts import environment_of, host_of
from karb.config.keyfile import key_kind, key_path
from karb.config.load import LOOPBACK, Loaded, is_secret
from karb.errors import ConfigError
from karb.tasks import doctor_machine as machine
from karb.tasks.doctor import Check, DoubtError, not_checked
from karb.wiring.settings import profile_of
from karb.wiring.stores import data_folder

Checks = list[tuple[str, Check]]
OnceLoaded = Callable[[], Loaded]
"""The settings, read at the first call; `ConfigError` at every one when they are wrong."""


def configured(settings: OnceLoaded) -> Checks:
    """What the settings say, and whether it fits together."""
    return [
        ("settings", lambda: _settings(settings())),
        ("trading", _after(settings, _trading)),
        ("profile", _after(settings, _profile)),
        ("secrets", _after(settings, _secrets)),
    ]


def offline(settings: OnceLoaded) -> Checks:
    """Everything that can be known without asking anybody."""
    return [
        ("python", machine.python),
        ("karb", machine.version),
        ("terminal", machine.terminal),
        ("time zones", machine.time_zones),
        *configured(settings),
        *DATA,
        ("kalshi address", _after(settings, _kalshi)),
        ("kalshi key", _after(settings, _kalshi_key)),
        ("odds key", _after(settings, _odds_key)),
        ("data folder", _after(settings, _data_folder)),
    ]


def _after(settings: OnceLoaded, check: Callable[[Loaded], str]) -> Check:
    """A check that needs settings; without them there is nothing it could say."""

    def run() -> str:
        try:
            loaded = settings()
        except ConfigError:
            raise not_checked("the settings") from None
        return check(loaded)

    return run


def _settings(loaded: Loaded) -> str:
    if loaded.doubts:
        raise DoubtError(" ".join(loaded.doubts), do="rename or unset it")
    sources = sorted({found.source for found in loaded.found.values()})
    given = f"{len(loaded.found)} from {', '.join(sources)}" if sources else "all defaults"
    return f"valid, {given}; Kalshi {loaded.settings.kalshi_env}"


def _trading(loaded: Loaded) -> str:
    settings = loaded.settings
    if settings.live_trading:
        raise DoubtError(
            "LIVE_TRADING is true, but this version of karb places no orders at all",
            means="nothing is traded, neither with real money nor on paper",
            do="set LIVE_TRADING=false and PAPER_TRADING=true until a version that does",
        )
    if settings.paper_trading:
        return "paper: no real money"
    return "no trading: LIVE_TRADING and PAPER_TRADING are both false"


def _profile(loaded: Loaded) -> str:
    opened = profile_of(loaded)
    return f"{opened.profile.name}, from {opened.path}"


def _secrets(loaded: Loaded) -> str:
    """Files that hold secrets, by the mode they have."""
    held = {found.source for name, found in loaded.found.items() if is_secret(name)}
    for name in sorted(held & {".env", "karb.toml"}):
        machine.private_file(Path(name))
    return f"from {', '.join(sorted(held))}" if held else "none are set"


def _teams() -> str:
    from karb.config.teams import team_tables

    tables = team_tables()
    counts = ", ".join(f"{league} {len(table.teams)}" for league, table in tables.items())
    return f"{counts} teams"


def _fees() -> str:
    from karb.config.fees import load_fee_schedule

    schedule = load_fee_schedule()
    return f"{len(schedule.series)} series with a rule of their own"


DATA: Checks = [("team tables", _teams), ("fee schedule", _fees)]
"""The data files that decisions are made with."""


def _kalshi(loaded: Loaded) -> str:
    settings = loaded.settings
    for url in (settings.rest_url, settings.ws_url):
        if not environment_of(url) and host_of(url) not in LOOPBACK:
            raise DoubtError(
                f"{host_of(url)} is not one of Kalshi's hosts",
                do="leave KALSHI_BASE_URL and KARB_KALSHI_WS_URL out, unless you mean it",
            )
    return f"{host_of(settings.rest_url)} and {host_of(settings.ws_url)}"


def _kalshi_key(loaded: Loaded) -> str:
    settings = loaded.settings
    path, name = settings.kalshi_private_key_path, settings.kalshi_key_id
    if path is None and name is None:
        raise DoubtError(
            "not set",
            means="`karb stream`, `karb run` and live detection need one; `karb demo` and recorded "
            "files do not",
            do="make one on the site of Kalshi or of its demo (Account, API keys); set "
            "KALSHI_KEY_ID, KALSHI_PRIVATE_KEY_PATH and KALSHI_ENV in .env",
        )
    if path is None or name is None:
        missing = "KALSHI_KEY_ID" if name is None else "KALSHI_PRIVATE_KEY_PATH"
        raise ConfigError(f"{missing} is not set, its partner is", do=f"set {missing}")
    kind = key_kind(key_path(path), os.getuid())

    from karb.wiring.kalshi import kalshi_signer

    kalshi_signer(settings)
    return f"{kind} key in {path}, readable by you alone"


def _odds_key(loaded: Loaded) -> str:
    if loaded.settings.odds_api_key is None:
        raise DoubtError(
            "not set",
            means="`karb ingest-odds` and `karb run` need one; `karb demo` and recorded files "
            "do not",
            do="get one at the-odds-api.com, the free one has 500 credits a month; set "
            "ODDS_API_KEY in .env",
        )
    return "set (hidden)"


def _data_folder(loaded: Loaded) -> str:
    return machine.data_folder(data_folder(loaded.settings))
