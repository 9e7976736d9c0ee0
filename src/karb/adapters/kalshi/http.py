"""Asks Kalshi's REST API: signed where there is a key, paced, and tried again when that helps.

Only reading is done here, so an answer that was lost is asked for again: a bounded number of
times, after a random pause that doubles, each time with a fresh signature. What is refused is
an error of karb's (`errors`). A redirect is never followed: it could carry the signature off.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from karb.adapters.kalshi.auth import Signer
from karb.adapters.kalshi.backoff import full_jitter
from karb.adapters.kalshi.errors import (
    AGAIN,
    AGES,
    VENUE,
    ClockSkewedError,
    clock_off,
    refusal,
)
from karb.adapters.kalshi.limiter import COST, TokenBucket
from karb.adapters.kalshi.transport import LOOPBACK
from karb.domain.units import SECOND, Nanos
from karb.errors import ConfigError, DecodeError, KarbError, UnreachableError

Sleep = Callable[[float], Awaitable[None]]
"""Seconds, as `asyncio.sleep` takes them."""
Query = Mapping[str, str | int]

RETRIES = 3
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
STEP_SECONDS, WHOLE_SECONDS = 5.0, 15.0
KEPT_ALIVE, CONNECTIONS = 5, 10
MOST_BYTES = 16 * 1024 * 1024
_PASSING = frozenset({429, 502, 503, 504})

# At DEBUG it writes the headers of every request, the key's id and signature among them.
logging.getLogger("httpcore").setLevel(logging.INFO)


class Reply(NamedTuple):
    """An answer of status 200, as it came."""

    body: bytes
    headers: Mapping[str, str]
    at: Nanos


class _PassingError(Exception):
    """What may be over at the next try; `error` is what it is if it is not."""

    def __init__(self, error: KarbError) -> None:
        super().__init__()
        self.error = error


class Http:
    """One base address and at most one key; `async with` closes its connections.

    `now` is the time of day, `clock` one that nobody sets. `trouble` hears of what karb works
    around, such as a clock that is off.
    """

    def __init__(
        self,
        base: str,
        *,
        signer: Signer | None,
        now: Callable[[], Nanos],
        clock: Callable[[], Nanos],
        random: Random,
        trouble: Callable[[KarbError], object],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._base, self._path = base.rstrip("/"), urlsplit(base).path.rstrip("/")
        self._signer, self._now, self._clock = signer, now, clock
        self._random, self._trouble, self._sleep = random, trouble, sleep
        self.bucket = TokenBucket()
        self._client = _client(base)

    async def __aenter__(self) -> "Http":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(self, path: str, query: Query | None = None) -> Reply:
        """The answer to one question, or the error that it is."""
        failures = 0
        while True:
            try:
                return await self._signed_by_their_clock(path, query or {})
            except _PassingError as passing:
                if failures == RETRIES:
                    raise passing.error from None
            await self._sleep(full_jitter(self._random, failures, FIRST_PAUSE, LONGEST_PAUSE))
            failures += 1

    async def _signed_by_their_clock(self, path: str, query: Query) -> Reply:
        """Ask; where the signature's time is refused, ask once more by the exchange's clock."""
        try:
            return await self._once(path, query)
        except ClockSkewedError as error:
            if self._signer is None or not self._signer.learn(error.date, self._now()):
                raise
            self._trouble(clock_off(self._signer.offset))
            return await self._once(path, query)

    async def _once(self, path: str, query: Query) -> Reply:
        """One request. httpx's own errors end here: they hold the request with its headers."""
        wait = self.bucket.take(COST, self._clock())
        if wait:
            await self._sleep(wait / SECOND)
        headers = self._headers(path)
        try:
            async with (
                asyncio.timeout(WHOLE_SECONDS),
                self._client.stream(
                    "GET", self._base + path, params=dict(query), headers=headers
                ) as response,
            ):
                body = await _body(response)
        except (TimeoutError, httpx.TimeoutException):
            raise _PassingError(_no_answer("did not answer in time")) from None
        except httpx.DecodingError:
            raise _garbage("its answer is not compressed as it says") from None
        except httpx.HTTPError as error:
            raise _PassingError(_no_answer(f"cannot be reached: {str(error)[:200]}")) from None
        if response.status_code == 200:
            return Reply(body, response.headers, self._now())
        refused = refusal(response.status_code, response.headers, body, sent=headers)
        raise _PassingError(refused) if response.status_code in _PASSING else refused

    def _headers(self, path: str) -> dict[str, str]:
        if self._signer is None:
            return {}
        return self._signer.headers("GET", self._path + path, self._now())


def _client(base: str) -> httpx.AsyncClient:
    try:
        return httpx.AsyncClient(
            timeout=STEP_SECONDS,
            limits=httpx.Limits(max_keepalive_connections=KEPT_ALIVE, max_connections=CONNECTIONS),
            headers={"User-Agent": "karb", "Accept": "application/json"},
            follow_redirects=False,
            trust_env=urlsplit(base).hostname not in LOOPBACK,
        )
    except (httpx.InvalidURL, ValueError, ImportError):  # their texts repeat pieces of its password
        raise ConfigError(
            "the proxy that the environment names cannot be used",
            means=AGES,
            do="write HTTPS_PROXY or ALL_PROXY as http://user:password@host:port, "
            "with %40 for an @ in the password",
        ) from None


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
    return UnreachableError(f"{VENUE} {what}", means=AGES, do=AGAIN)


def _garbage(what: str) -> DecodeError:
    return DecodeError(f"{VENUE}: {what}", means="nothing of it is used", do=AGAIN)
