"""Something that answers in the place of exchange or source, and repeats what it was asked.

Proxies' error pages do that, and so may a service's own refusal: address and headers, with
the key in them, come back as text that karb would like to show.
"""

import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple


class Manner(NamedTuple):
    """How it answers: with a status, and as a page or as one of the services' own refusals."""

    status: int
    page: bool


class _Echo(BaseHTTPRequestHandler):
    def __init__(self, manner: Manner, *more: Any) -> None:
        self._manner = manner
        super().__init__(*more)

    def do_GET(self) -> None:
        asked = f"{self.path} {' '.join(self.headers.values())}"
        keyed = self.headers.get("KALSHI-ACCESS-KEY", asked)
        body = _page(asked) if self._manner.page else _refusal(keyed)
        self.send_response(self._manner.status)
        self.send_header("Location", asked.split(maxsplit=1)[0])
        self.send_header("Content-Type", "text/html" if self._manner.page else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Nothing: this is the test's own output."""


def _page(asked: str) -> bytes:
    return f"<!DOCTYPE html><title>Sign in</title><p>{html.escape(asked)}</p>".encode()


def _refusal(asked: str) -> bytes:
    """Both services' shape at once."""
    words = {"code": "unknown_key", "message": f"no {asked}", "details": f"for {asked}"}
    return json.dumps({**words, "error_code": "INVALID_KEY"}).encode()


@contextmanager
def echo(manner: Manner) -> Iterator[int]:
    """The port of such a server on loopback; it also answers the upgrade of a WebSocket."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Echo, manner)) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
