"""The checks of `karb doctor` and `karb config check`: what can be known without a network.

Each is a small function that says what it found, or raises. Checks that need the settings
say so when those are wrong, instead of telling the same mistake twice.
"""

import os
import platform
import stat
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import karb
from karb.config.hosts import environment_of, host_of
from karb.config.keyfile import key_kind
from karb.config.load import LOOPBACK, Loaded, is_secret
from karb.errors import ConfigError
from karb.tasks.doctor import Check, DoubtError, Row, examine
from karb.wiring.settings import current, profile_of

Checks = list[tuple[str, Check]]


def check_config(profile: str | None) -> list[Row]:
    """Settings, profile and the data files that decisions are made with."""
    return examine([*_configured(_settings_once(profile)), *_DATA])


def doctor(profile: str | None) -> list[Row]:
    """Everything that can be checked offline."""
    settings = _settings_once(profile)
    return examine(
        [
            ("python", _python),
            ("karb", _karb),
            ("terminal", _terminal),
            ("time zones", _time_zones),
            *_configured(settings),
            *_DATA,
            ("kalshi address", _after(settings, _kalshi)),
            ("kalshi key", _after(settings, _kalshi_key)),
            ("odds key", _after(settings, _odds_key)),
            ("data folder", _after(settings, _data_folder)),
        ]
    )


def _settings_once(profile: str | None) -> Callable[[], Loaded]:
    return cache(lambda: current(profile))


def _configured(settings: Callable[[], Loaded]) -> Checks:
    return [
        ("settings", lambda: _settings(settings())),
        ("trading", _after(settings, _trading)),
        ("profile", _after(settings, _profile)),
        ("secrets", _after(settings, _secrets)),
    ]


def _after(settings: Callable[[], Loaded], check: Callable[[Loaded], str]) -> Check:
    """A check that needs settings; without them there is nothing it could say."""

    def run() -> str:
        try:
            loaded = settings()
        except ConfigError:
            raise DoubtError("not checked: it needs the settings", do="mend those first") from None
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
        mode = stat.S_IMODE(Path(name).stat().st_mode)
        if mode & 0o077:
            raise DoubtError(
                f"{name} holds secrets and has mode {mode:04o}",
                means="other users of this machine may read them",
                do=f"chmod 600 {name}",
            )
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


_DATA: Checks = [("team tables", _teams), ("fee schedule", _fees)]


def _python() -> str:
    return f"{platform.python_version()} on {platform.system()}"


def _karb() -> str:
    return f"{karb.__version__}, in {Path(karb.__file__).resolve().parent}"


def _terminal() -> str:
    encoding = (sys.stdout.encoding or "none").lower()
    kind = "a terminal" if sys.stdout.isatty() else "not a terminal: plain output"
    if encoding.replace("-", "") != "utf8":
        raise DoubtError(
            f"{kind}, encoding {encoding}",
            means="names with accents cannot be printed",
            do="export PYTHONUTF8=1",
        )
    return f"{kind}, encoding {encoding}"


def _time_zones() -> str:
    """Game dates are those of New York; a slim container may not know that zone."""
    try:
        ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        raise ConfigError(
            "the time zone America/New_York is unknown",
            means="no game can be given its date",
            do="pip install tzdata",
        ) from None
    return "America/New_York is known"


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
            means="karb works on recorded files; live prices need a key",
            do="set KALSHI_KEY_ID and KALSHI_PRIVATE_KEY_PATH",
        )
    if path is None or name is None:
        missing = "KALSHI_KEY_ID" if name is None else "KALSHI_PRIVATE_KEY_PATH"
        raise ConfigError(f"{missing} is not set, its partner is", do=f"set {missing}")
    kind = key_kind(_home(path), os.getuid())
    return f"{kind} key in {path}, readable by you alone"


def _odds_key(loaded: Loaded) -> str:
    if loaded.settings.odds_api_key is None:
        raise DoubtError(
            "not set",
            means="karb works on recorded files; live odds need a key",
            do="set ODDS_API_KEY",
        )
    return "set (hidden)"


def _home(path: str) -> Path:
    """A path with `~` written out; a user without a home must write it out himself."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise ConfigError(
            f"{path} begins with ~, and this user has no home folder", do="write the whole path"
        ) from None


def _data_folder(loaded: Loaded) -> str:
    folder = _home(loaded.settings.karb_data_dir).absolute()
    try:
        if not folder.exists():
            _try_to_write(next(parent for parent in folder.parents if parent.exists()))
            return f"{folder}, made when it is first needed"
        _try_to_write(folder)
        mode = stat.S_IMODE(folder.stat().st_mode)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"{folder} is not a folder that you may write to, and cannot become one: {reason}",
            means="karb could keep nothing",
            do="set KARB_DATA_DIR to a folder of yours",
        ) from None
    if mode & 0o077:
        raise DoubtError(
            f"{folder} has mode {mode:04o}",
            means="other users of this machine may look inside",
            do=f"chmod 700 {folder}",
        )
    return f"{folder}, yours alone"


def _try_to_write(folder: Path) -> None:
    """Make a folder inside and remove it: permissions alone say little to root and on /proc."""
    Path(tempfile.mkdtemp(prefix=".karb-", dir=folder)).rmdir()
