"""Kalshi from settings: the signer, the REST client, the stream."""

import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from karb.adapters.kalshi.auth import Signer
from karb.adapters.kalshi.http import Http
from karb.adapters.kalshi.rest import KalshiRest
from karb.adapters.kalshi.session import Session
from karb.adapters.kalshi.stream import KalshiStream, Takers
from karb.config.keyfile import key_kind
from karb.config.settings import Settings
from karb.domain.units import Nanos
from karb.errors import ConfigError, KarbError

_BOOT_TIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boot_time() -> Nanos:
    """A clock that nobody sets and that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime_ns(_BOOT_TIME)


def kalshi_signer(settings: Settings) -> Signer:
    """The user's key, ready to sign; `ConfigError` with what to type where there is none."""
    if settings.kalshi_key_id is None:
        raise _missing("KALSHI_KEY_ID")
    if settings.kalshi_private_key_path is None:
        raise _missing("KALSHI_PRIVATE_KEY_PATH")
    path = _home(settings.kalshi_private_key_path)
    key_kind(path, os.getuid())
    return Signer.of_pem(
        settings.kalshi_key_id.get_secret_value(),
        path.read_bytes(),
        salt=settings.karb_kalshi_salt,
    )


@asynccontextmanager
async def kalshi_rest(
    settings: Settings, signer: Signer | None, trouble: Callable[[KarbError], object]
) -> AsyncIterator[KalshiRest]:
    """The REST API, without a key what is public of it; its connections are closed afterwards."""
    async with Http(
        settings.rest_url,
        signer=signer,
        now=time.time_ns,
        clock=boot_time,
        random=_chance(),
        trouble=trouble,
    ) as http:
        yield KalshiRest(http)


def kalshi_stream(
    settings: Settings, signer: Signer, session: Session, takers: Takers
) -> KalshiStream:
    """The stream of prices; it connects when it runs."""
    return KalshiStream(
        settings.ws_url,
        session,
        takers,
        signer=signer,
        now=time.time_ns,
        clock=boot_time,
        random=_chance(),
    )


def _chance() -> Random:
    return Random()  # noqa: S311 - it spreads retries, it guards nothing


def _home(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise ConfigError(
            f"KALSHI_PRIVATE_KEY_PATH ({path}) begins with ~, and there is no home folder to it",
            means="karb cannot sign requests, so it gets no prices",
            do="write the whole path",
        ) from None


def _missing(name: str) -> ConfigError:
    return ConfigError(
        f"{name} is not set",
        means="Kalshi's prices come only to a key, so there is nothing to look at",
        do="make a key at Kalshi and set it in .env, or see karb without one: karb demo",
    )
