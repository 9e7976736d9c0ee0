"""`karb sim`: where the venue is, and what to type to use it."""

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from karb.cli.output import document, emit, note
from karb.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from karb.wiring.sim import Addresses

_PORTS = 65_535


def run(
    *,
    port: int,
    seed: int,
    speed: float,
    faults: Sequence[str],
    static: str | None,
    as_json: bool,
) -> ExitCode:
    """Serve until asked to stop."""
    from pathlib import Path

    from karb.wiring.sim import Wanted, serve

    if not 0 <= port <= _PORTS:
        raise UsageError(f"--port {port} is not a port", do="0 (any free one) to 65535")
    wanted = Wanted(port, seed, speed, tuple(faults), Path(static) if static else None)
    serve(wanted, _as_document if as_json else _as_lines)
    return ExitCode.OK


def environment(at: "Addresses") -> dict[str, str]:
    """karb's settings for this venue."""
    return {
        "KALSHI_BASE_URL": at.rest_url,
        "KARB_KALSHI_WS_URL": at.ws_url,
        "KALSHI_KEY_ID": at.key_id,
        "KALSHI_PRIVATE_KEY_PATH": str(at.key_path),
        "KARB_ODDS_API_URL": at.odds_url,
        "ODDS_API_KEY": at.odds_key,
    }


def _as_lines(at: "Addresses") -> None:
    emit(
        f"The offline venue is open: {at.markets} markets are listed, {at.games} of them winners "
        "of games, which karb follows."
    )
    emit("")
    emit(f"Kalshi's REST API    {at.rest_url}")
    emit(f"Kalshi's WebSocket   {at.ws_url}")
    emit(f"The Odds API v4      {at.odds_url}")
    emit("")
    emit("To use it, type this in another terminal (the keys open nothing else):")
    emit("")
    for name, value in environment(at).items():
        emit(f"export {name}={shlex.quote(value)}")
    emit("")
    sys.stdout.flush()
    note("Ctrl-C closes it.")


def _as_document(at: "Addresses") -> None:
    counts = {"markets": at.markets, "games": at.games}
    document("karb.sim/1", {**counts, "environment": environment(at)})
    sys.stdout.flush()
