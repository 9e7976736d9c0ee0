"""A client of the offline venue, as small as one can be, and honest about what it misses."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, NamedTuple

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from karb.sim.auth import KEY, SIGNATURE, TIMESTAMP
from karb.sim.units import CONTRACT, DOLLAR, MILLISECOND
from karb.sim.venue import Levels, Venue

API, WS = "/trade-api/v2", "/trade-api/ws/v2"


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]


def signed(
    venue: Venue, path: str, *, at: int, method: str = "GET", salt: int = 32
) -> dict[str, str]:
    """The three headers, for the path with or without its query as it is given."""
    stamp = str(at // MILLISECOND)
    text = f"{stamp}{method}{path}".encode()
    key = serialization.load_pem_private_key(venue.private_key_pem, None)
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
        raw = key.sign(text, pss, hashes.SHA256())
    else:
        assert isinstance(key, ed25519.Ed25519PrivateKey)
        raw = key.sign(text)
    signature = base64.b64encode(raw).decode()
    return {KEY: venue.key_id, TIMESTAMP: stamp, SIGNATURE: signature}


async def get(url: str, headers: dict[str, str] | None = None) -> Answer:
    """One GET."""
    async with ClientSession() as session, session.get(url, headers=headers) as response:
        text = await response.text()
        body = json.loads(text) if response.content_type == "application/json" else text
        return Answer(response.status, body, dict(response.headers))


@asynccontextmanager
async def socket(venue: Venue, *, at: int) -> AsyncIterator[ClientWebSocketResponse]:
    """A WebSocket of the venue's."""
    async with (
        ClientSession() as session,
        session.ws_connect(
            venue.ws_url, headers=signed(venue, WS, at=at), max_msg_size=1 << 24
        ) as opened,
    ):
        yield opened


async def ask(opened: ClientWebSocketResponse, cmd: str, **params: Any) -> None:
    """Send a command with id 7."""
    command = {"id": 7, "cmd": cmd} | ({"params": params} if params else {})
    await opened.send_str(json.dumps(command))


async def frame(opened: ClientWebSocketResponse) -> dict[str, Any]:
    """The next message; `EOFError` when the connection is gone."""
    message = await opened.receive(timeout=10)
    if message.type is not WSMsgType.TEXT:
        raise EOFError(message.type)
    told: dict[str, Any] = json.loads(message.data)
    return told


class Mirror:
    """Books kept from snapshots and deltas, and every number that did not follow its own."""

    def __init__(self) -> None:
        self.books: dict[str, Levels] = {}
        self.deltas = 0
        self.gaps = 0
        self._last: dict[int, int] = {}

    def hear(self, told: dict[str, Any]) -> None:
        """Take in a message."""
        if told["type"] not in ("orderbook_snapshot", "orderbook_delta"):
            return
        sid, seq, body = told["sid"], told["seq"], told["msg"]
        self.gaps += seq != self._last.get(sid, 0) + 1
        self._last[sid] = seq
        if told["type"] == "orderbook_snapshot":
            sides = [body.get(key, []) for key in ("yes_dollars_fp", "no_dollars_fp")]
            self.books[body["market_ticker"]] = Levels(*map(_levels, sides))
            return
        self.deltas += 1
        book = self.books[body["market_ticker"]]
        side = book.yes if body["side"] == "yes" else book.no
        price = price_of(body["price_dollars"])
        left = side.get(price, 0) + int(Decimal(body["delta_fp"]) * CONTRACT)
        side.pop(price, None)
        if left:
            side[price] = left


def price_of(text: str) -> int:
    """A wire price as the venue's integer."""
    return int(Decimal(text) * DOLLAR)


def _levels(levels: list[list[str]]) -> dict[int, int]:
    return {price_of(price): int(Decimal(count) * CONTRACT) for price, count in levels}
