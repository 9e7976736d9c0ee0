"""Asks Kalshi's REST API: signed where there is a key, paced, and tried again when that helps.

Only reading is done here, so an answer that was lost is asked for again: a bounded number of
times, after a random pause that doubles, each time with a fresh signature. What is refused is
an error of karb's (`errors`). A redirect is never followed: it could carry the signature off.
"""

import asyncio
from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from karb.adapters.asking import Asked, PassingError, Sleep, ask, patiently, proxy_unusable
from karb.adapters.backoff import full_jitter
from karb.adapters.kalshi.auth import Signer
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
from karb.errors import KarbError

Query = Mapping[str, str | int]

RETRIES = 3
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
STEP_SECONDS, WHOLE_SECONDS = 5.0, 15.0
KEPT_ALIVE, CONNECTIONS = 5, 10
MOST_BYTES = 16 * 1024 * 1024
_PASSING = frozenset({429, 502, 503, 504})
_ASKED = Asked(VENUE, AGES, AGAIN, seconds=WHOLE_SECONDS, most_bytes=MOST_BYTES)


class Reply(NamedTuple):
    """An answer of status 200, as it came."""

    body: bytes
    headers: Mapping[str, str]
    at: Nanos


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
        return await patiently(
            lambda: self._signed_by_their_clock(path, query or {}),
            retries=RETRIES,
            pause=self._pause,
            sleep=self._sleep,
        )

    def _pause(self, _error: KarbError, failures: int) -> float:
        return full_jitter(self._random, failures, FIRST_PAUSE, LONGEST_PAUSE)

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
        """One request, when its turn has come."""
        wait = self.bucket.take(COST, self._clock())
        if wait:
            await self._sleep(wait / SECOND)
        headers = self._headers(path)
        request = self._client.build_request(
            "GET", self._base + path, params=dict(query), headers=headers
        )
        answer = await ask(self._client, request, _ASKED)
        if answer.status == 200:
            return Reply(answer.body, answer.headers, self._now())
        refused = refusal(answer.status, answer.headers, answer.body, sent=headers)
        raise PassingError(refused) if answer.status in _PASSING else refused

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
    except (httpx.InvalidURL, ValueError, ImportError):
        raise proxy_unusable(AGES) from None
