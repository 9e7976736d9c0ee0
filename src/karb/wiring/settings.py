"""What commands ask about settings, answered from the process's environment and folder."""

from typing import NamedTuple

from karb.config.load import Loaded, load_settings
from karb.config.profiles import ProfileFile, open_profile
from karb.config.settings import Settings
from karb.config.show import Row, rows
from karb.domain.edge.profile import Profile
from karb.domain.edge.situation import Caps
from karb.domain.units import CONTRACT
from karb.errors import ConfigError


class Chosen(NamedTuple):
    """The settings in force and the profile that they or a flag name."""

    settings: Settings
    profile: Profile


def current(profile: str | None = None) -> Loaded:
    """The settings in force; `profile` is the value of `--profile`."""
    return load_settings({"trading_profile": profile} if profile else {})


def chosen(profile: str | None = None) -> Chosen:
    """Settings and profile, checked together."""
    loaded = current(profile)
    return Chosen(loaded.settings, profile_of(loaded).profile)


def caps_of(settings: Settings) -> Caps:
    """What sizing may use: paper money, so the balance is the bankroll."""
    return Caps(
        bankroll=settings.trading_bankroll,
        balance=settings.trading_bankroll,
        risk_per_trade=settings.karb_risk_per_trade,
        max_position=settings.max_position_size * CONTRACT,
    )


def profile_of(loaded: Loaded) -> ProfileFile:
    """The profile that the settings name; live trading refuses one that may not."""
    settings = loaded.settings
    opened = open_profile(settings.trading_profile)
    if settings.live_trading and not opened.profile.live_allowed:
        raise ConfigError(
            f"live trading refuses the profile {opened.profile.name}",
            means="nothing was started",
            do="choose another profile, or set LIVE_TRADING=false",
        )
    return opened


def shown(profile: str | None = None) -> tuple[list[Row], list[str]]:
    """Every setting, and what looks like a misspelt one."""
    loaded = current(profile)
    return list(rows(loaded)), loaded.doubts
