"""Kalshi from settings: the signer, the REST client, the stream."""

import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

from karb.adapters.kalshi.auth import Signer
from karb.adapters.kalshi.http import Http
from karb.adapters.kalshi.rest import KalshiRest
from karb.adapters.kalshi.session import Session
from karb.adapters.kalshi.stream import KalshiStream, Takers
from karb.config.keyfile import key_path, read_key
from karb.config.settings import Settings
from karb.errors import ConfigError, KarbError
from karb.wiring.clock import boot_time


def kalshi_signer(settings: Settings) -> Signer:
    """The user's key, ready to sign; `ConfigError` with what to type where there is none."""
    if settings.kalshi_key_id is None:
        raise _missing("KALSHI_KEY_ID")
    if settings.kalshi_private_key_path is None:
        raise _missing("KALSHI_PRIVATE_KEY_PATH")
    key = read_key(key_path(settings.kalshi_private_key_path), os.getuid())
    return Signer.of_pem(
        settings.kalshi_key_id.get_secret_value(), key.pem, salt=settings.karb_kalshi_salt
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


def _missing(name: str) -> ConfigError:
    return ConfigError(
        f"{name} is not set",
        means="Kalshi's prices come only to a key, so there is nothing to look at",
        do="make a key at Kalshi and set it in .env, or see karb without one: karb demo",
    )
