"""Frames of the exchange for tests: written as it writes them, or read by karb."""

import json
from typing import Any

from karb.adapters.kalshi.decode import Message, decode_frame
from karb.domain.units import SECOND, Nanos

NOW: Nanos = 1_790_000_000 * SECOND
MS = 1_789_999_999_123
TICKER = "KXNFLGAME-26SEP21NYGLAR-NYG"


def frame(kind: str, body: Any, **top: Any) -> bytes:
    """The text of one message."""
    return json.dumps({"type": kind, **top, "msg": body}).encode()


def decoded(kind: str, body: Any, **top: Any) -> Message:
    """What karb makes of it."""
    return decode_frame(frame(kind, body, **top), ts_recv=NOW)


def ticker(**changes: Any) -> bytes:
    """A ticker message; a change to None takes the key away."""
    body = {
        "market_ticker": TICKER,
        "yes_bid_dollars": "0.4500",
        "yes_ask_dollars": "0.5300",
        "yes_bid_size_fp": "300.00",
        "yes_ask_size_fp": "150.50",
        "volume_fp": "33896.00",
        "ts_ms": MS,
        **changes,
    }
    return frame("ticker", {k: v for k, v in body.items() if v is not None}, sid=11)
