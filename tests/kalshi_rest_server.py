"""A REST server on loopback that answers what a test tells it, and writes down what was asked."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from aiohttp import web

from kalshi_keys import KEY_ID, ed25519_key, pem_of
from karb.adapters.kalshi.auth import Signer
from karb.adapters.kalshi.http import Http
from karb.adapters.kalshi.rest import KalshiRest
from karb.domain.units import SECOND, Nanos
from karb.errors import KarbError

BASE = "/trade-api/v2"
NOW: Nanos = 1_795_000_000 * SECOND
DATE = "Wed, 18 Nov 2026 11:06:40 GMT"
"""The same moment."""


class Answer(NamedTuple):
    """What one request is answered with."""

    body: bytes | str = b"{}"
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})


class Asked(NamedTuple):
    """A request as it arrived."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


Give = Answer | Callable[[Asked], Answer]


class RestServer:
    """`answers` by path below the base; a list is given in order, the last one for ever."""

    def __init__(self) -> None:
        self.answers: dict[str, Give | list[Give]] = {}
        self.asked: list[Asked] = []
        self.url = ""
        self.delay = 0.0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["RestServer"]:
        """Listen, until the end."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}{BASE}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.path for asked in self.asked]

    async def _answer(self, request: web.Request) -> web.Response:
        asked = Asked(
            request.path.removeprefix(BASE),
            dict(request.query),
            {name.lower(): value for name, value in request.headers.items()},
        )
        self.asked.append(asked)
        await asyncio.sleep(self.delay)
        give = self.answers.get(asked.path, Answer('{"error":{"code":"not_found"}}', 404))
        if isinstance(give, list):
            give = give.pop(0) if len(give) > 1 else give[0]
        answer = give if isinstance(give, Answer) else give(asked)
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        return web.Response(
            body=body, status=answer.status, headers={"Date": DATE, **answer.headers}
        )


class Client:
    """karb's client of such a server. Its clock stands; `naps` are the seconds that it slept."""

    def __init__(self, url: str, *, signed: bool = True, now: Nanos = NOW) -> None:
        self.naps: list[float] = []
        self.troubles: list[KarbError] = []
        self.signer = Signer.of_pem(KEY_ID, pem_of(ed25519_key())) if signed else None
        self._ticks = 0
        self.now = now
        self.http = Http(
            url,
            signer=self.signer,
            now=self._now,
            clock=lambda: 0,
            random=Random(1),
            trouble=self.troubles.append,
            sleep=self._nap,
        )
        self.rest = KalshiRest(self.http)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Client"]:
        """Ask, until the end."""
        async with self.http:
            yield self

    def _now(self) -> Nanos:
        """A millisecond later each time, so that two stamps are never the same."""
        self._ticks += 1
        return self.now + self._ticks * SECOND // 1_000

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
