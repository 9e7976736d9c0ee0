"""The exchange of the bench: a WebSocket server that sends prepared texts, and nothing else.

    PYTHONPATH=tests python -m perf.venue [--core N]

A process of its own, on a core of its own where there are two. It prints its port, answers
a client's subscriptions, and takes orders on its standard input, a JSON line each: how often
to send all texts, and how many a second (0: as fast as the client reads). When they are sent
it says so in a line. A text carries the time at which it went out by the machine's monotonic
clock, which all processes share.
"""

import argparse
import base64
import hashlib
import json
import select
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from perf.cores import first_in_line, pinned
from perf.traffic import BOOK, FIRST_NUMBER, NUMBERED, SENT_AT, SIDS, TICKER, Traffic, traffic

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_INPUT = 0
_TEXT, _CLOSE = 0x81, 0x88
_DIGITS = b"%016d"
_AT_ONCE = 64
"""Texts that leave together at most, when the server is behind."""


class _Frame(NamedTuple):
    """A text framed for the wire, and where its number stands; 0 for one without."""

    octets: bytearray
    number: int


def _framed(text: bytes) -> bytes:
    size = len(text)
    head = bytes((_TEXT, size)) if size < 126 else bytes((_TEXT, 126)) + size.to_bytes(2, "big")
    return head + text


def _frame(text: bytes) -> _Frame:
    octets = bytearray(_framed(text))
    return _Frame(octets, octets.find(NUMBERED) + len(b'"seq":') if NUMBERED in octets else 0)


class Connection:
    """One client. What it is told of books is numbered on, from one text to the next."""

    def __init__(self, client: socket.socket, sent: Traffic) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client, self._traffic = client, sent
        self._frames = [_frame(text) for text in sent.texts]
        self._number = FIRST_NUMBER
        self._inbox = b""
        self._shake_hands()

    def _shake_hands(self) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            asked += self._client.recv(4096)
        fields = (line.split(b":", 1) for line in asked.split(b"\r\n") if b":" in line)
        key = {name.lower(): value.strip() for name, value in fields}[b"sec-websocket-key"]
        accepted = base64.b64encode(hashlib.sha1(key + _MAGIC, usedforsecurity=False).digest())
        self._client.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accepted + b"\r\n\r\n"
        )

    def hear(self) -> bool:
        """Answer what the client has said; False once it is gone."""
        came = self._client.recv(1 << 16)
        self._inbox += came
        for kind, body in self._said():
            if kind == _CLOSE:
                self._client.sendall(bytes((_CLOSE, len(body))) + body)
                return False
            if kind == _TEXT:
                self._client.sendall(b"".join(map(_framed, self._answers(json.loads(body)))))
        return bool(came)

    def _said(self) -> Iterator[tuple[int, bytes]]:
        """The whole frames that have come; a client's are masked."""
        while len(self._inbox) >= 6:
            size, start = self._inbox[1] & 0x7F, 2
            if size == 126:
                size, start = int.from_bytes(self._inbox[2:4], "big"), 4
            end = start + 4 + size
            if len(self._inbox) < end:
                return
            mask, masked = self._inbox[start : start + 4], self._inbox[start + 4 : end]
            kind, self._inbox = self._inbox[0], self._inbox[end:]
            yield kind, bytes(each ^ mask[place % 4] for place, each in enumerate(masked))

    def _answers(self, told: dict[str, Any]) -> Iterator[bytes]:
        params = told.get("params", {})
        tickers = params.get("market_tickers", ())
        if told["cmd"] == "subscribe":
            (channel,) = params["channels"]
            sid = SIDS[channel]
            yield _control(told["id"], "subscribed", {"channel": channel, "sid": sid})
        else:
            sid = params.get("sid", 0)
            yield _control(told["id"], "ok", [])
        for ticker in tickers:
            if sid == BOOK:
                number = b'"seq":%d' % self._next()
                yield self._traffic.snapshots[ticker].replace(NUMBERED, number)
            elif sid == TICKER:
                yield self._traffic.first[ticker]

    def flood(self, times: int) -> None:
        """Send all texts so many times, as fast as they are read."""
        for _ in range(times):
            for frame in self._frames:
                self._write(frame, time.monotonic_ns())
            self._client.sendall(b"".join([frame.octets for frame in self._frames]))

    def pace(self, times: int, rate: int) -> int:
        """Send them at this rate; how many nanoseconds too late the last ones went out."""
        frames, count = self._frames, times * len(self._frames)
        began, sent, late = time.monotonic_ns() + 20_000_000, 0, 0
        while sent < count:
            now = _awaited(began + sent * 1_000_000_000 // rate)
            due = min((now - began) * rate // 1_000_000_000 + 1, count, sent + _AT_ONCE)
            batch = [frames[place % len(frames)] for place in range(sent, due)]
            for frame in batch:
                self._write(frame, now)
            self._client.sendall(b"".join([frame.octets for frame in batch]))
            sent, late = due, now - (began + sent * 1_000_000_000 // rate)
        return late

    def _write(self, frame: _Frame, now: int) -> None:
        octets, number = frame
        octets[SENT_AT] = _DIGITS % now
        if number:
            octets[number : number + 8] = b"%d" % self._next()

    def _next(self) -> int:
        self._number += 1
        return self._number


def _control(number: int, kind: str, body: object) -> bytes:
    return json.dumps({"id": number, "type": kind, "msg": body}).encode()


def _awaited(due: int) -> int:
    """The time once it is `due`; asleep until then, as the stores run on this core as well."""
    while (left := due - (now := time.monotonic_ns())) > 0:
        time.sleep(left / 1e9)
    return now


def _carry_out(connection: Connection, order: dict[str, int]) -> None:
    began, late = time.monotonic_ns(), 0
    if order["rate"]:
        late = connection.pace(order["times"], order["rate"])
    else:
        connection.flood(order["times"])
    print(json.dumps({"late": late, "took": time.monotonic_ns() - began}), flush=True)


def serve(listener: socket.socket) -> None:
    """One client after the other, until the input ends."""
    sent, connection = traffic(), None
    client: socket.socket | None = None
    while True:
        waited: list[int | socket.socket] = [_INPUT, listener]
        waited += [] if client is None else [client]
        for each in select.select(waited, [], [])[0]:
            if each is listener:
                client, _ = listener.accept()
                connection = Connection(client, sent)
            elif each == _INPUT:
                line = sys.stdin.readline()
                if not line:
                    return
                if connection is not None:
                    _carry_out(connection, json.loads(line))
            elif client is not None and connection is not None and not connection.hear():
                client.close()
                client = connection = None


def main() -> None:
    """Open a port of loopback, and serve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--core", type=int)
    given = parser.parse_args()
    with (
        pinned(given.core),
        first_in_line(),
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
        serve(listener)


if __name__ == "__main__":
    main()
