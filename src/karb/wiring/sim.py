"""The offline venue as a command: its key in the user's own data folder, its end on request."""

import errno
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

from karb.adapters.embedded.folders import private
from karb.domain.linking.tickers import parse_ticker
from karb.domain.market.leagues import Kind
from karb.errors import ConfigError, KarbError, UsageError
from karb.sim.auth import UnusableKeyError
from karb.sim.faults import PASSING, Fault, Faults
from karb.sim.recorded_files import RecordedError
from karb.sim.venue import SimOptions, Venue, open_venue
from karb.wiring.loop import run_until_stopped
from karb.wiring.settings import current
from karb.wiring.stores import data_folder

RANDOM = "random"
FAULTS = (*Fault, RANDOM)
"""What `--fault` can name; `random` is every passing one."""


class Wanted(NamedTuple):
    """What the command line asks for."""

    port: int
    seed: int
    speed: float
    faults: tuple[str, ...]
    static: Path | None


class Addresses(NamedTuple):
    """Where an open venue is and what its clients need; every value is one of this machine.

    `games` of its `markets` are winners of games, in the series that karb follows.
    """

    rest_url: str
    ws_url: str
    odds_url: str
    key_id: str
    key_path: Path
    odds_key: str
    markets: int
    games: int


def serve(wanted: Wanted, told: Callable[[Addresses], None]) -> None:
    """Open the venue, tell where it is, and keep it open until somebody asks to stop."""
    key = private(private(data_folder(current().settings)) / "sim") / "key.pem"
    options = SimOptions(
        port=wanted.port,
        seed=wanted.seed,
        speed=wanted.speed,
        faults=Faults(kinds=_faults(wanted.faults)),
        static=wanted.static,
        key_pem=_kept(key),
    )
    run_until_stopped(lambda: _serve(options, key, told))


async def _serve(options: SimOptions, key: Path, told: Callable[[Addresses], None]) -> None:
    async with AsyncExitStack() as stack:
        venue = await _opened(stack, options, key)
        if options.key_pem is None:
            _keep(key, venue.private_key_pem)
        told(
            Addresses(
                rest_url=venue.rest_url,
                ws_url=venue.ws_url,
                odds_url=venue.odds_url,
                key_id=venue.key_id,
                key_path=key,
                odds_key=venue.odds_key,
                markets=venue.markets,
                games=sum(map(_is_game, venue.tickers)),
            )
        )
        await venue.wait()


def _is_game(ticker: str) -> bool:
    read = parse_ticker(ticker)
    return read is not None and read.kind is Kind.GAME


async def _opened(stack: AsyncExitStack, options: SimOptions, key: Path) -> Venue:
    try:
        return await stack.enter_async_context(open_venue(options))
    except UnusableKeyError as error:
        raise _unusable(key, str(error)) from None
    except RecordedError as error:
        raise UsageError(
            f"--static {error}",
            means="the venue was not opened",
            do="give JSON files as Kalshi's REST API and The Odds API v4 answered them",
        ) from None
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        taken = error.errno == errno.EADDRINUSE
        raise KarbError(
            f"port {options.port} {'is in use' if taken else 'may not be opened by you'}",
            means="the venue was not opened",
            do="name another port with --port, or leave it out: a free one is taken",
        ) from None


def _faults(names: tuple[str, ...]) -> tuple[Fault, ...]:
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        known = ", ".join(FAULTS)
        raise UsageError(f"--fault {unknown[0]} does not exist", do=f"name one of {known}")
    chosen = [Fault(name) for name in names if name != RANDOM]
    return (*chosen, *(PASSING if RANDOM in names else ()))


def _kept(path: Path) -> bytes | None:
    """The key of the last time, so that what was typed once goes on working."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, _reason(error)) from None


def _keep(path: Path, pem: bytes) -> None:
    """Write a key that only its owner can read, whole or not at all."""
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
        draft.replace(path)
    except OSError as error:
        raise _unusable(path, _reason(error)) from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _unusable(path: Path, reason: str) -> ConfigError:
    return ConfigError(
        f"the venue's key {path} cannot be used: {reason}",
        means="the venue was not opened",
        do="remove it, or set KARB_DATA_DIR to a folder of yours",
    )
