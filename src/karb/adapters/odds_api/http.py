"""One GET to The Odds API: the key added, the answer bounded, what failed tried again.

The source takes its key in the query alone, and httpx writes URLs into its log, its errors
and its requests' names. So the key is added below all of that, by the transport: no URL
that httpx knows has it in it. Texts that the source sends back are cleaned of it too.

Asking is reading, so an answer that was lost is asked for again, a bounded number of times.
A lost answer may have cost its credit; that is cheaper than a league without odds.
"""

from collections.abc import Mapping
from random import Random
from typing import NamedTuple
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from karb.adapters.asking import Asked, PassingError, Sleep, ask, patiently, proxy_unusable
from karb.adapters.backoff import full_jitter
from karb.adapters.odds_api.errors import AGES, LATER, SOURCE, TooFastError, refusal
from karb.errors import KarbError

TRIES = 3
MOST_BYTES = 32 * 1024 * 1024
STEP_SECONDS, WHOLE_SECONDS = 10.0, 30.0
FIRST_PAUSE, LONGEST_PAUSE, TOO_FAST_PAUSE = 0.2, 2.0, 2.0
_HIDDEN = "****"


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
        self._asked = Asked(SOURCE, AGES, LATER, WHOLE_SECONDS, MOST_BYTES, self.hide)

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
        return await patiently(
            lambda: self._once(path, parameters),
            retries=TRIES - 1,
            pause=self._pause,
            sleep=self._sleep,
        )

    def _pause(self, error: KarbError, failures: int) -> float:
        """Seconds until the next try: at random, so that two that fell together part."""
        if isinstance(error, TooFastError):
            return TOO_FAST_PAUSE + self._random.uniform(0.0, 1.0)
        return full_jitter(self._random, failures, FIRST_PAUSE, LONGEST_PAUSE)

    async def _once(self, path: str, parameters: Mapping[str, str]) -> Reply:
        """One request."""
        request = self._client.build_request("GET", path, params=dict(parameters))
        answer = await ask(self._client, request, self._asked)
        if answer.status == 200:
            return Reply(answer.body, answer.headers)
        said = self.hide(answer.body.decode(errors="replace")).encode()
        refused = refusal(answer.status, said)
        may_pass = refused.retryable and (answer.status == 429 or answer.status >= 500)
        raise PassingError(refused) if may_pass else refused


def _transport(base: str) -> httpx.AsyncHTTPTransport:
    try:
        return httpx.AsyncHTTPTransport(proxy=_proxy(base))
    except (httpx.InvalidURL, ValueError, ImportError):
        raise proxy_unusable(AGES) from None


def _proxy(base: str) -> str | None:
    """The environment's proxy for this address, which httpx leaves out beside a transport."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    if host in ("localhost", "127.0.0.1", "::1") or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
