"""Opens a WebSocket, and gives every way in which that fails its name.

`picows` reads frames seven times faster than `websockets` and speaks its interface, so it is
taken where it is installed (`karb[fast]`). Everything that the two do differently ends here.

A message has a greatest length, compression is off (it costs more time than the bytes), and
there is no ping of our own: whether the stream lives is judged by its texts.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from socket import gaierror
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from karb.adapters.kalshi.errors import AGAIN, AGES, VENUE, refusal
from karb.adapters.kalshi.frames import MAX_MESSAGE
from karb.errors import UnreachableError

USER_AGENT = "karb"
OPEN_SECONDS, CLOSE_SECONDS = 10.0, 1.0
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

# At DEBUG it would write the headers of the upgrade, the key's id and signature among them.
_QUIET = logging.getLogger("karb.kalshi.websocket")
_QUIET.setLevel(logging.WARNING)


class Socket(Protocol):
    """What karb uses of a connection."""

    async def recv(self, decode: bool) -> Any:
        """The next message; as bytes, when it is not to be decoded."""
        ...

    async def send(self, message: str) -> None:
        """Send a text."""
        ...

    async def close(self) -> None:
        """Say goodbye, and hang up after a second even if nobody answers."""
        ...


class Library(NamedTuple):
    """One of the two: how to connect, and what its failures are called."""

    name: str
    connect: Callable[..., Awaitable[Socket]]
    closed: type[Exception]
    refused: type[Exception]
    failed: type[Exception]


def library(name: str | None = None) -> Library:
    """The faster one where it is installed, else the other; or the one of that name."""
    chosen = name or ("picows" if find_spec("picows") else "websockets")
    if chosen == "picows":
        client = errors = import_module("picows.websockets")
    else:
        client = import_module("websockets.asyncio.client")
        errors = import_module("websockets.exceptions")
    return Library(
        chosen,
        client.connect,
        errors.ConnectionClosed,
        errors.InvalidStatus,
        errors.WebSocketException,
    )


async def dial(
    url: str, headers: Mapping[str, str], through: Library, context: ssl.SSLContext | None = None
) -> Socket:
    """A connection that stands; an error of karb's where there is none.

    `context` says whose certificates are trusted, where not those of the system.
    """
    options: dict[str, Any] = {"ssl": context} if context is not None else {}
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            return await through.connect(
                url,
                additional_headers=dict(headers),
                compression=None,
                max_size=MAX_MESSAGE,
                open_timeout=OPEN_SECONDS,
                close_timeout=CLOSE_SECONDS,
                ping_interval=None,
                user_agent_header=USER_AGENT,
                proxy=_proxy(url),
                logger=_QUIET,
                **options,
            )
    except through.refused as error:
        answer = error.response  # type: ignore[attr-defined]
        told = {name.lower(): value for name, value in answer.headers.items()}
        raise refusal(answer.status_code, told, bytes(answer.body or b"")) from None
    except TimeoutError:
        raise _unreachable(url, "did not answer in time") from None
    except ssl.SSLError as error:
        raise _unreachable(url, f"cannot be trusted: {_said(error)}", _CERTIFICATE) from None
    except gaierror:
        raise _unreachable(url, "has no address: no network, or the name is wrong") from None
    except OSError as error:
        raise _unreachable(url, f"cannot be reached: {_said(error)}") from None
    except through.failed:
        raise _unreachable(url, "does not speak WebSocket") from None


_CERTIFICATE = "check the date of this machine, and who is between it and the exchange"


def _unreachable(url: str, what: str, do: str = AGAIN) -> UnreachableError:
    place = urlsplit(url).hostname
    return UnreachableError(f"{VENUE}'s stream at {place} {what}", means=AGES, do=do)


def _said(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _proxy(url: str) -> str | None:
    """The environment's proxy for this address; nothing of this machine goes through one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in LOOPBACK or proxy_bypass(host):
        return None
    proxies = getproxies()
    names = ("wss", "https", "all") if parts.scheme == "wss" else ("ws", "http", "all")
    return next((proxies[name] for name in names if name in proxies), None)
