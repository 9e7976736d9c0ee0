"""One GET to The Odds API: the key added, the answer bounded, what failed tried again.

The source takes its key in the query alone, and httpx writes URLs into its log, its errors
and its requests' names. So the key is added below all of that, by the transport: no URL
that httpx knows has it in it. Texts that the source sends back are cleaned of it too.

Asking is reading, so an answer that was lost is asked for again, a bounded number of times.
A lost answer may have cost its credit; that is cheaper than a league without odds.
"""

import logging
from asyncio import timeout
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import NamedTuple
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from karb.adapters.odds_api.errors import AGES, LATER, SOURCE, TooFastError, refusal
from karb.errors import ConfigError, DecodeError, KarbError, UnreachableError

Sleep = Callable[[float], Awaitable[None]]
"""Seconds, as `asyncio.sleep` takes them."""

TRIES = 3
MOST_BYTES = 32 * 1024 * 1024
STEP_SECONDS, WHOLE_SECONDS = 10.0, 30.0
FIRST_PAUSE, LONGEST_PAUSE, TOO_FAST_PAUSE = 0.2, 2.0, 2.0
_HIDDEN = "****"

# At DEBUG it writes the headers of every answer; a redirect repeats the query it was asked with.
logging.getLogger("httpcore").setLevel(logging.INFO)


class Reply(NamedTuple):
    """An answer of status 200, as it came."""

    body: bytes
    headers: Mapping[str, str]


class _WithKey(httpx.AsyncBaseTransport):
    """Adds the key to the request that leaves, not to the one that httpx talks about."""

    def __init__(self, inner: httpx.AsyncBaseTransport, key: str) -> None:
        self._inner, self._key = inner, key

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request with the key."""
        return await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_merge_params({"apiKey": self._key}),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class Http:
    """Asks one address with one key; `async with` closes its connections."""

    def __init__(self, base: str, key: str, *, sleep: Sleep, random: Random) -> None:
        inner = _transport(base)
        self._client = httpx.AsyncClient(
            base_url=base, transport=_WithKey(inner, key), timeout=STEP_SECONDS
        )
        self._sleep, self._random = sleep, random
        self._spellings = (key, quote(key, safe=""))

    async def __aenter__(self) -> "Http":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    def hide(self, text: str) -> str:
        """A text of the source without the key in it."""
        for spelling in self._spellings:
            text = text.replace(spelling, _HIDDEN)
        return text

    async def get(self, path: str, parameters: Mapping[str, str]) -> Reply:
        """The answer, or the error that it is; what may pass was tried `TRIES` times."""
        attempt = 1
        while True:
            try:
                return await self._once(path, parameters)
            except UnreachableError as error:
                if not error.retryable or attempt == TRIES:
                    raise
                await self._sleep(self._pause(attempt, too_fast=isinstance(error, TooFastError)))
                attempt += 1

    def _pause(self, attempt: int, *, too_fast: bool) -> float:
        """Seconds until the next try: at random, so that two that fell together part."""
        if too_fast:
            return TOO_FAST_PAUSE + self._random.uniform(0.0, 1.0)
        return self._random.uniform(0.1, min(LONGEST_PAUSE, FIRST_PAUSE * 4.0 ** (attempt - 1)))

    async def _once(self, path: str, parameters: Mapping[str, str]) -> Reply:
        """One request. httpx's own errors end here: they hold what must not be shown."""
        try:
            async with (
                timeout(WHOLE_SECONDS),
                self._client.stream("GET", path, params=dict(parameters)) as response,
            ):
                body = await _body(response)
        except (TimeoutError, httpx.TimeoutException):
            raise _no_answer("did not answer in time") from None
        except httpx.DecodingError:
            raise _garbage("its answer is not compressed as it says") from None
        except httpx.HTTPError as error:
            raise _no_answer(f"cannot be reached: {self.hide(str(error))[:200]}") from None
        if response.status_code == 200:
            return Reply(body, response.headers)
        raise self._refused(response.status_code, body)

    def _refused(self, status: int, body: bytes) -> KarbError:
        if 200 <= status < 400:
            return _garbage(f"it answered {status}, as a sign-in page on the way does")
        return refusal(status, self.hide(body.decode(errors="replace")).encode())


async def _body(response: httpx.Response) -> bytes:
    """Everything the answer holds, up to a size that no honest one has."""
    chunks, size = [], 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > MOST_BYTES:
            raise _garbage(f"its answer is larger than {MOST_BYTES >> 20} MB")
        chunks.append(chunk)
    return b"".join(chunks)


def _no_answer(what: str) -> UnreachableError:
    return UnreachableError(f"{SOURCE} {what}", means=AGES, do=LATER)


def _garbage(what: str) -> DecodeError:
    return DecodeError(f"{SOURCE}: {what}", means="none of its odds are used", do=LATER)


def _transport(base: str) -> httpx.AsyncHTTPTransport:
    try:
        return httpx.AsyncHTTPTransport(proxy=_proxy(base))
    except (httpx.InvalidURL, ValueError, ImportError):  # their texts repeat pieces of its password
        raise ConfigError(
            "the proxy that the environment names cannot be used",
            means=AGES,
            do="write HTTPS_PROXY or ALL_PROXY as http://user:password@host:port, "
            "with %40 for an @ in the password",
        ) from None


def _proxy(base: str) -> str | None:
    """The environment's proxy for this address, which httpx leaves out beside a transport."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    if host in ("localhost", "127.0.0.1", "::1") or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
