"""Everything that happens, told to every connection that asked for it."""

import asyncio

from aiohttp import web

from karb.sim import messages
from karb.sim.book import Book
from karb.sim.catalog import Board
from karb.sim.clock import Clock
from karb.sim.connection import Connection
from karb.sim.exchange import Delta, Trade
from karb.sim.faults import Armed, Fault
from karb.sim.market import Market
from karb.sim.subscriptions import (
    BOOKS,
    CHANNEL_ERROR,
    LIFECYCLE,
    OVERFLOW,
    TICKER,
    TRADES,
)
from karb.sim.wire_stream import Delta as DeltaFrame
from karb.sim.wire_stream import DeltaBody, Lifecycle, Ticker
from karb.sim.wire_stream import Trade as TradeFrame


class Stream:
    """All connections, as the world's listener."""

    def __init__(self, clock: Clock, armed: Armed) -> None:
        self._now, self._armed = clock.now, armed
        self._connections: dict[Connection, None] = {}

    @property
    def connections(self) -> int:
        """How many clients there are."""
        return len(self._connections)

    async def serve(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, board: Board
    ) -> None:
        """Serve one client until it goes."""
        connection = Connection(socket, transport, board, self._armed, self._now)
        self._connections[connection] = None
        try:
            await connection.run()
        finally:
            del self._connections[connection]

    def strike(self, fault: Fault) -> None:
        """Cut every connection, or end each one's newest subscription to books."""
        for connection in list(self._connections):
            if fault is Fault.CUT:
                connection.cut()
            else:
                code = OVERFLOW if fault is Fault.OVERFLOW else CHANNEL_ERROR
                connection.subscriptions.end(code)

    def on_delta(self, delta: Delta) -> None:
        """A level changed."""
        bodies: dict[bool, DeltaBody] = {}
        for connection in self._connections:
            for each in connection.subscriptions.on(BOOKS):
                if not each.wants(delta.ticker):
                    continue
                yes_price = each.use_yes_price
                if yes_price not in bodies:
                    bodies[yes_price] = messages.delta_body(
                        delta, self._now(), use_yes_price=yes_price
                    )
                frame = DeltaFrame(sid=each.sid, seq=each.number(), msg=bodies[yes_price])
                connection.send_delta(frame)

    def on_trade(self, trade: Trade) -> None:
        """Two orders met."""
        body = messages.trade_body(trade, self._now())
        for connection in self._connections:
            for each in connection.subscriptions.on(TRADES):
                if each.wants(trade.ticker):
                    connection.send(TradeFrame(sid=each.sid, seq=each.number(), msg=body))

    def on_moved(self, market: Market, book: Book) -> None:
        """Prices or figures of a market are others than before."""
        if not self._connections:
            return
        body = messages.ticker_body(market.figures, book, self._now())
        for connection in self._connections:
            for each in connection.subscriptions.on(TICKER):
                if each.wants(market.terms.ticker):
                    connection.send(Ticker(sid=each.sid, msg=body))

    def on_lifecycle(self, market: Market) -> None:
        """A market was determined or settled."""
        body = messages.lifecycle_body(market)
        for connection in self._connections:
            for each in connection.subscriptions.on(LIFECYCLE):
                connection.send(Lifecycle(sid=each.sid, seq=each.number(), msg=body))
