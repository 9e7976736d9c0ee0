"""What karb sends over Kalshi's WebSocket: commands as texts, each with a number of its own.

`use_yes_price` is always said where it means anything: the exchange has announced that its
default will turn.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

BOOK: Final = "orderbook_delta"
TICKER: Final = "ticker"
TRADE: Final = "trade"
LIFECYCLE: Final = "market_lifecycle_v2"

ADD: Final = "add_markets"
DELETE: Final = "delete_markets"
SNAPSHOT: Final = "get_snapshot"


def subscribe(number: int, channel: str, tickers: Sequence[str], *, use_yes_price: bool) -> str:
    """Begin a subscription; without tickers it is one to everything on that channel."""
    params: dict[str, Any] = {"channels": [channel]}
    if tickers:
        params["market_tickers"] = list(tickers)
    if channel == BOOK:
        params["use_yes_price"] = use_yes_price
    if channel == TICKER:
        params["send_initial_snapshot"] = True
    return _command(number, "subscribe", params)


def update(number: int, sid: int, action: str, tickers: Sequence[str]) -> str:
    """Change a subscription: `add_markets`, `delete_markets`, or `get_snapshot` of its books."""
    params: dict[str, Any] = {"sid": sid, "market_tickers": list(tickers), "action": action}
    return _command(number, "update_subscription", params)


def list_subscriptions(number: int) -> str:
    """Ask what is subscribed to; the answer is a sign of life."""
    return msgspec.json.encode({"id": number, "cmd": "list_subscriptions"}).decode()


def _command(number: int, name: str, params: dict[str, Any]) -> str:
    return msgspec.json.encode({"id": number, "cmd": name, "params": params}).decode()
