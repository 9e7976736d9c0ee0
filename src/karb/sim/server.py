"""The HTTP server: both venues' paths on one port, with their refusals and faults."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from email.utils import formatdate

import msgspec
from aiohttp import web

from karb.sim import refusals
from karb.sim.auth import Account, is_signed
from karb.sim.catalog import Board
from karb.sim.faults import ODDS, REST, Armed, Fault
from karb.sim.limits import Limits
from karb.sim.odds_api import OddsApi
from karb.sim.paging import RefusedError
from karb.sim.refusals import Refusal
from karb.sim.rest import ROOT
from karb.sim.routes import Route
from karb.sim.stream import Stream
from karb.sim.units import SECOND

WS_PATH = "/trade-api/ws/v2"
_UP_IN_MAINTENANCE = f"{ROOT}/exchange/status"
_HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>"
HOLD = 8.0
"""How long a request that times out is held; longer than clients wait."""

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Routes of both venues."""

    def __init__(
        self,
        board: Board,
        now: Callable[[], int],
        stream: Stream,
        routes: Iterable[Route],
        odds: OddsApi,
        account: Account,
        limits: Limits,
        armed: Armed,
    ) -> None:
        self._board, self._now, self._stream = board, now, stream
        self._routes, self._odds_api = routes, odds
        self._account, self._limits, self._armed = account, limits, armed

    def app(self) -> web.Application:
        """The application."""
        app = web.Application()
        app.on_response_prepare.append(self._dated)
        app.router.add_get(WS_PATH, self._socket)
        for route in self._routes:
            app.router.add_get(ROOT + route.path, self._exchange(route))
        for path, answer in self._odds_api.paths().items():
            app.router.add_get(path, self._odds(answer))
        app.router.add_route("*", "/{path:.*}", self._unknown)
        return app

    async def _dated(self, _: web.Request, response: web.StreamResponse) -> None:
        """Every answer tells the venue's time, by which clients measure their clock."""
        response.headers["Date"] = formatdate(self._now() / SECOND, usegmt=True)

    def _exchange(self, route: Route) -> Answering:
        """A path of the exchange: faults first, then who asks and how often, then the answer."""

        async def answering(request: web.Request) -> web.StreamResponse:
            if (fault := self._armed.take(REST)) is not None:
                return await _spoilt(request, fault, refusals.TOO_MANY)
            if (refusal := self._refusal(request, signed=route.signed)) is not None:
                return _refused(refusal)
            if not self._limits.allow(route.path, signed=is_signed(request.headers)):
                return _refused(refusals.TOO_MANY)
            try:
                return _answered(route.handler(request))
            except RefusedError as error:
                return _refused(error.refusal)

        return answering

    def _refusal(self, request: web.Request, *, signed: bool) -> Refusal | None:
        maintained = Fault.MAINTENANCE in self._armed.holding
        if maintained and request.path != _UP_IN_MAINTENANCE:
            return refusals.UNAVAILABLE
        if not signed and not is_signed(request.headers):
            return None
        return self._account.refusal(request.headers, request.method, request.path, self._now())

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket; every connection needs a key."""
        if (refusal := self._refusal(request, signed=True)) is not None:
            return _refused(refusal)
        socket = web.WebSocketResponse(compress=False, timeout=1.0)
        if not socket.can_prepare(request).ok:
            return _refused(refusals.bad_request("websocket upgrade required"))
        await socket.prepare(request)
        await self._stream.serve(socket, request.transport, self._board)
        return socket

    def _odds(self, handler: Callable[[web.Request], object]) -> Answering:
        """A path of the odds source."""

        async def answering(request: web.Request) -> web.StreamResponse:
            if (fault := self._armed.take(ODDS)) is not None:
                return await _spoilt(request, fault, refusals.TOO_FREQUENT)
            try:
                body = handler(request)
            except RefusedError as error:
                # A key that is not known has no credits to tell of.
                known = error.refusal not in (refusals.MISSING_KEY, refusals.INVALID_KEY)
                headers = self._odds_api.quota.headers() if known else {}
                return _refused(error.refusal, headers)
            return _answered(body, self._odds_api.quota.headers())

        return answering

    async def _unknown(self, _: web.Request) -> web.StreamResponse:
        return _refused(refusals.NOT_FOUND)


def _answered(body: object, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(body), content_type="application/json", headers=headers
    )


def _refused(refusal: Refusal, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=refusal.status,
        body=msgspec.json.encode(refusal.body),
        content_type="application/json",
        headers=headers,
    )


async def _spoilt(request: web.Request, fault: Fault, too_many: Refusal) -> web.StreamResponse:
    """What a fault makes of an answer."""
    kind = fault.rpartition("-")[2]
    if kind == "timeout":
        await asyncio.sleep(HOLD)
        if request.transport is not None:
            request.transport.abort()
    if kind == "html":
        return web.Response(body=_HTML, content_type="text/html")
    if kind == "502":
        return web.Response(status=502, text="Bad Gateway")
    return _refused(too_many if kind == "429" else refusals.INTERNAL)
