"""One WebSocket client: an outbox between the protocol and the socket.

When the outbox overflows, because the client does not read, its newest subscription to books
ends with error 25, as on the real exchange. Faults of the stream spoil frames on their way in.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import msgspec
from aiohttp import WSMsgType, web

from karb.sim.catalog import Board
from karb.sim.faults import DELTA, Armed, Fault
from karb.sim.subscriptions import OVERFLOW, Subscriptions
from karb.sim.units import MILLISECOND
from karb.sim.wire_stream import Delta, Frame

HEARTBEAT = 10.0
_BODY = b"heartbeat"
OUTBOX = 200_000
_DELAY = 0.25
_OVERSIZED = 1 << 21
_UNKNOWN = b'{"type":"weather_report","sid":1,"seq":1,"msg":{"sky":"clear"}}'
_MALFORMED = b'{"type":"orderbook_delta","sid":'


class Connection:
    """One client: its subscriptions, its outbox, its socket."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        board: Board,
        armed: Armed,
        now: Callable[[], int],
    ) -> None:
        self._socket, self._transport, self._armed = socket, transport, armed
        self._now = now
        self._outbox: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._held: Frame | None = None
        self._pause = 0.0
        self.subscriptions = Subscriptions(board, self.send, now)

    def send(self, frame: Frame) -> None:
        """Put a frame into the outbox."""
        frame.sending_ts_ms = self._now() // MILLISECOND
        self._put(msgspec.json.encode(frame))

    def send_delta(self, frame: Delta) -> None:
        """Send a change of a book, or what a waiting fault makes of it."""
        fault = self._armed.take(DELTA)
        if fault is None and self._held is None:
            self.send(frame)
            return
        self._spoil(fault, frame)

    async def run(self) -> None:
        """Serve the client until it goes or the connection breaks."""
        tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._beat())]
        try:
            with suppress(ConnectionError):  # it went while its ping was answered
                async for message in self._socket:
                    if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                        self.subscriptions.on_command(message.data)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def cut(self) -> None:
        """Break the connection without a word, as a network does."""
        if self._transport is not None:
            self._transport.abort()

    def _spoil(self, fault: Fault | None, frame: Delta) -> None:
        held, self._held = self._held, None
        match fault:
            case Fault.GAP:
                pass
            case Fault.REORDER:
                self._held = frame
            case Fault.MALFORMED:
                self._put(_MALFORMED)
            case Fault.TRUNCATED:
                whole = msgspec.json.encode(frame)
                self._put(whole[: len(whole) // 2])
            case _:
                self.send(frame)
        if fault is Fault.DUPLICATE:
            self.send(frame)
        elif fault is Fault.UNKNOWN:
            self._put(_UNKNOWN)
        elif fault is Fault.OVERSIZED:
            self._put(b'{"type":"ticker","msg":"' + b"x" * _OVERSIZED + b'"}')
        elif fault is Fault.DELAY:
            self._pause = _DELAY
        if held is not None:
            self.send(held)

    def _put(self, raw: bytes) -> None:
        if len(self._outbox) >= OUTBOX:
            self._outbox.clear()
            self.subscriptions.end(OVERFLOW)
        self._outbox.append(raw)
        self._wake.set()

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._outbox:
                if self._pause:
                    await asyncio.sleep(self._pause)
                    self._pause = 0.0
                await self._socket.send_frame(self._outbox.popleft(), WSMsgType.TEXT)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            await self._socket.ping(_BODY)
