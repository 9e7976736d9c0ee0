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
from contextlib import suppress
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from socket import gaierror
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from karb.adapters.asking import proxy_unusable
from karb.adapters.kalshi.errors import AGAIN, AGES, VENUE, refusal
from karb.adapters.kalshi.frames import MAX_MESSAGE
from karb.errors import UnreachableError

USER_AGENT = "karb"
OPEN_SECONDS, CLOSE_SECONDS = 10.0, 1.0
FAST, PLAIN = "picows", "websockets"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

# Nothing of the libraries is logged: at DEBUG the headers of the upgrade would be, the key's id
# and signature among them; and what goes wrong comes as an error and is told once.
_QUIET = logging.getLogger("karb.kalshi.websocket")
_QUIET.setLevel(logging.CRITICAL)


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
    """One of the two: how to connect, and what its failures are called.

    `closed` are the errors of a connection that was opened through it; `no_proxy` and `proxy`
    those of a proxy that cannot be one, and of one that does not connect.
    """

    name: str
    connect: Callable[..., Awaitable[Socket]]
    closed: tuple[type[Exception], ...]
    refused: type[Exception]
    no_proxy: type[Exception]
    proxy: type[Exception]
    failed: tuple[type[Exception], ...]


@cache
def library(name: str | None = None) -> Library:
    """The faster one where it is installed, else the other; or the one of that name."""
    if name == PLAIN or (name is None and find_spec(FAST) is None):
        return _plain()
    client: Any = import_module("picows.websockets")
    socks: Any = import_module("python_socks")
    return Library(
        FAST,
        partial(client.connect, max_redirects=0),
        # Where the upgrade is refused, the connection may have come through the other one.
        (client.ConnectionClosed, *_plain().closed),
        client.InvalidStatus,
        client.InvalidProxy,
        client.ProxyError,
        # It asserts where the other side hangs up in the middle of the upgrade, and leaves the
        # errors of a proxy to those who made them.
        (client.WebSocketException, AssertionError, socks.ProxyError),
    )


def _plain() -> Library:
    from websockets import exceptions
    from websockets.asyncio.client import connect

    class Straight(connect):
        """Connects to where it was sent: a redirect could carry the signature off."""

        def process_redirect(self, exc: Exception) -> Exception:
            return exc

    return Library(
        PLAIN,
        Straight,
        (exceptions.ConnectionClosed,),
        exceptions.InvalidStatus,
        exceptions.InvalidProxy,
        exceptions.ProxyError,
        (exceptions.WebSocketException,),
    )


async def dial(
    url: str, headers: Mapping[str, str], through: Library, context: ssl.SSLContext | None = None
) -> Socket:
    """A connection that stands; an error of karb's where there is none.

    A proxy of the environment that cannot be one is `ConfigError`: trying again is no help.
    `context` says whose certificates are trusted, where not those of the system.
    """
    if through.name == FAST:
        # It does not hand on what a refusal says, so the other one is asked to hear why.
        with suppress(*through.failed):
            return await _dial(url, headers, through, context)
        through = library(PLAIN)
    try:
        return await _dial(url, headers, through, context)
    except through.refused as error:
        answer = error.response  # type: ignore[attr-defined]
        told = {name.lower(): value for name, value in answer.headers.raw_items()}
        raise refusal(answer.status_code, told, bytes(answer.body or b""), sent=headers) from None
    except through.no_proxy:
        raise proxy_unusable(AGES) from None
    except through.proxy:
        raise _unreachable(
            url, "is not reached through the proxy of the environment", _PROXY
        ) from None
    except through.failed:
        raise _unreachable(url, "does not speak WebSocket") from None


async def _dial(
    url: str, headers: Mapping[str, str], through: Library, context: ssl.SSLContext | None
) -> Socket:
    """The same with the library's own errors about what the other side answers."""
    proxy = _proxy(url)
    try:
        return await _open(url, headers, through, context, proxy)
    except TimeoutError:
        raise _unreachable(url, "did not answer in time") from None
    except ssl.SSLError as error:
        raise _unreachable(url, f"cannot be trusted: {_said(error)}", _CERTIFICATE) from None
    except gaierror:
        raise _unreachable(url, "has no address: no network, or the name is wrong") from None
    except OSError as error:
        raise _unreachable(url, f"cannot be reached: {_said(error)}") from None
    except (ImportError, ValueError):
        # A port or a scheme that is none; SOCKS, without the package for it.
        if proxy is None:
            raise
        raise proxy_unusable(AGES) from None


async def _open(
    url: str,
    headers: Mapping[str, str],
    through: Library,
    context: ssl.SSLContext | None,
    proxy: str | None,
) -> Socket:
    options: dict[str, Any] = {"ssl": context} if context is not None else {}
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
            proxy=proxy,
            logger=_QUIET,
            **options,
        )


_CERTIFICATE = "check the date of this machine, and who is between it and the exchange"
_PROXY = "check the address, the user and the password in HTTPS_PROXY or ALL_PROXY"


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
