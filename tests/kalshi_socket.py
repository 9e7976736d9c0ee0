"""A real WebSocket server in front of a test's exchange, and a stream of karb's that reads it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from random import Random
from time import monotonic_ns, time_ns

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from kalshi_exchange import Exchange
from kalshi_keys import KEY_ID, ed25519_key, pem_of
from karb.adapters.kalshi.auth import Signer
from karb.adapters.kalshi.frames import Ignored
from karb.adapters.kalshi.session import Session
from karb.adapters.kalshi.stream import KalshiStream, Takers
from karb.adapters.kalshi.texts import TextPath
from karb.adapters.kalshi.transport import library
from karb.adapters.kalshi.wire import Frame
from karb.domain.units import Nanos
from karb.errors import KarbError

PATH = "/trade-api/ws/v2"
Upgrade = Callable[[Request], Response | None]


class Venue:
    """Runs on a free port of loopback. `upgrade` may answer instead of a WebSocket."""

    def __init__(self, exchange: Exchange | None = None) -> None:
        self.exchange = exchange or Exchange()
        self.upgrade: Upgrade = lambda _: None
        self.asked: list[Request] = []
        self.sockets: list[ServerConnection] = []
        self.url = ""

    @asynccontextmanager
    async def open(self, context: ssl.SSLContext | None = None) -> AsyncIterator["Venue"]:
        """Listen, until the end."""
        async with serve(
            self._serve,
            "127.0.0.1",
            0,
            process_request=self._upgrade,
            ssl=context,
            compression=None,
            ping_interval=0.2,
            close_timeout=0.1,
        ) as server:
            self.url = f"{'ws' if context is None else 'wss'}://127.0.0.1:{_port(server)}{PATH}"
            yield self

    async def change(self, ticker: str, price: int, count: int) -> None:
        """Change a book and send what follows from it."""
        self.exchange.change(ticker, "yes", price, count)
        await self.flush()

    async def flush(self) -> None:
        """Send what lies ready on the newest connection."""
        while self.exchange.out:
            await self.sockets[-1].send(self.exchange.out.pop(0).text.decode())

    async def _upgrade(self, _: ServerConnection, request: Request) -> Response | None:
        self.asked.append(request)
        return self.upgrade(request)

    async def _serve(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        self.exchange.connect()
        try:
            async for text in socket:
                assert isinstance(text, str)
                self.exchange.command(text)
                await self.flush()
        except ConnectionClosed:
            return


class Stream:
    """karb's stream into a path that writes down what it hears."""

    def __init__(
        self,
        url: str,
        *tickers: str,
        through: str = "websockets",
        signer: Signer | None = None,
    ) -> None:
        self.path = TextPath(
            on_quote=_nobody,
            on_gone=_nobody,
            on_book=_nobody,
            on_gap=self._on_gap,
            on_frame=self._on_frame,
            now=time_ns,
            tape=_nobody,
        )
        self.session = Session(self.path.books, drop=self.path.drop_book, heard=self.path.heard)
        self.lost = 0
        self.alive: list[Nanos] = []
        self.troubles: list[KarbError] = []
        self.stream = KalshiStream(
            url,
            self.session,
            Takers(
                self.path.on_text,
                self.path.on_text,
                self._on_lost,
                self.alive.append,
                self.troubles.append,
            ),
            signer=signer or Signer.of_pem(KEY_ID, pem_of(ed25519_key())),
            now=time_ns,
            clock=monotonic_ns,
            random=Random(1),
            through=library(through),
        )
        self.stream.subscribe(tickers)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Stream"]:
        """Run it, and see that it ends when it is told to."""
        task = asyncio.create_task(self.stream.run())
        try:
            yield self
        finally:
            task.cancel()
            results = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(results[0], asyncio.CancelledError), results

    async def ends(self) -> KarbError:
        """Run it, and see with which error it ends by itself."""
        try:
            async with asyncio.timeout(20):
                await self.stream.run()
        except KarbError as error:
            return error
        raise AssertionError("a stream never ends well")

    def live(self, ticker: str) -> bool:
        """Whether a market may be decided on."""
        book = self.path.books.get(ticker)
        return book is not None and book.live

    def _on_gap(self, sid: int) -> None:
        self.session.on_gap(sid)

    def _on_frame(self, frame: Frame | Ignored) -> None:
        self.session.on_frame(frame)

    def _on_lost(self) -> None:
        self.lost += 1
        self.path.lose()


async def until(what: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.01)


def refuse(status: int, body: str, **headers: str) -> Upgrade:
    """Answer every upgrade with this instead."""
    told = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    told["Content-Length"] = str(len(body.encode()))
    told["Connection"] = "close"
    return lambda _: Response(status, HTTPStatus(status).phrase, told, body.encode())


def _port(server: Server) -> int:
    port = next(iter(server.sockets)).getsockname()[1]
    assert isinstance(port, int)
    return port


def _nobody(*_: object) -> None:
    """Nobody listens."""
