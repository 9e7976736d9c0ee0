"""One peer beside the floor and karb, in the peer's own environment and in one process.

    PYTHONPATH=tests python -m perf.peers pykalshi|kalshi-sdk --rounds N

Each peer is driven through its own parsing, from the text to the object that its user
holds, without a socket. One JSON line is printed for each kind of message.
"""

import argparse
import json
import logging
import platform
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from perf import floor, ours
from perf.harness import Contender, Timing, contest
from perf.messages import deltas, ticks

COUNT = 6_000
Call = Callable[[Any], object]


def pykalshi() -> dict[str, Call]:
    """`Feed._dispatch`: pydantic models of strings, then the user's handler."""
    from pykalshi.feed import Feed  # type: ignore[import-not-found]

    seen: list[Any] = []
    feed = Feed(SimpleNamespace(api_base="", api_key_id=""))
    feed.on("ticker", seen.append)
    text = ticks(1).texts[0].decode()
    feed._dispatch(text)
    assert seen[0].yes_ask_dollars == json.loads(text)["msg"]["yes_ask_dollars"]
    feed._handlers["ticker"].clear()
    feed.on("ticker", lambda _message: None)
    return {"ticker": feed._dispatch}


def kalshi_sdk() -> dict[str, Call]:
    """`_process_frame`, with its book applied, to the queue that the user reads from."""
    from kalshi import KalshiConfig  # type: ignore[import-not-found]
    from kalshi.ws.backpressure import (  # type: ignore[import-not-found]
        MessageQueue,
        OverflowStrategy,
    )
    from kalshi.ws.channels import (  # type: ignore[import-not-found]
        Subscription,
        SubscriptionManager,
    )
    from kalshi.ws.client import KalshiWebSocket  # type: ignore[import-not-found]
    from kalshi.ws.dispatch import MessageDispatcher  # type: ignore[import-not-found]
    from kalshi.ws.orderbook import OrderbookManager  # type: ignore[import-not-found]
    from kalshi.ws.sequence import SequenceTracker  # type: ignore[import-not-found]

    client, manager = KalshiWebSocket(auth=None, config=KalshiConfig()), SubscriptionManager(None)
    queues = {}
    for sid, channel in ((1, "ticker"), (3, "orderbook_delta")):
        strategy = OverflowStrategy.ERROR if sid == 3 else OverflowStrategy.DROP_OLDEST
        queues[channel] = MessageQueue(1_000, strategy)
        subscription = Subscription(sid, channel, {}, queues[channel])
        subscription.server_sid = sid
        manager._subscriptions[sid], manager._sid_to_client[sid] = subscription, sid
    client._connection, client._sub_mgr, client._running = object(), manager, True
    client._seq_tracker, client._orderbook_mgr = SequenceTracker(), OrderbookManager()
    client._dispatcher = MessageDispatcher(
        manager, seq_tracker=client._seq_tracker, orderbook_mgr=client._orderbook_mgr
    )

    async def ticker(text: str) -> object:
        await client._process_frame(text)
        return await queues["ticker"].get()

    async def delta(text: str) -> object:
        # The texts come again each round, and a number seen twice would stop it.
        client._seq_tracker._last_seq.clear()
        await client._process_frame(text)
        return await queues["orderbook_delta"].get()

    calls = {"ticker": _driven(ticker), "delta": _driven(delta)}
    for text in deltas(2).snapshots:
        calls["delta"](text.decode())
    for kind, text in (("ticker", ticks(1).texts[0]), ("delta", deltas(2).texts[0])):
        message: Any = calls[kind](text.decode())
        assert message.msg.market_ticker == json.loads(text)["msg"]["market_ticker"]
    return calls


def _driven(function: Callable[[str], Any]) -> Call:
    """Run a coroutine that never has to wait, without the cost of an event loop."""

    def call(text: str) -> object:
        try:
            function(text).send(None)
        except StopIteration as done:
            return done.value
        raise RuntimeError("the peer waited for something")

    return call


PEERS: Mapping[str, Callable[[], dict[str, Call]]] = {
    "pykalshi": pykalshi,
    "kalshi-sdk": kalshi_sdk,
}


def measured(peer: str, rounds: int) -> dict[str, dict[str, Timing]]:
    """By kind of message: the floor, karb and the peer on the same texts."""
    calls = PEERS[peer]()
    stream, changes = ticks(COUNT), deltas(COUNT)
    on_text = ours.tick_path(stream, lambda _signal: None)
    kinds = {
        "ticker": Contender(on_text, stream.texts),
        "delta": ours.delta_path(changes, ours.best),
    }
    found = {}
    for kind, call in calls.items():
        karb = kinds[kind]
        contenders = {
            "floor": Contender(floor.decode, karb.texts),
            "karb": karb,
            peer: Contender(call, [text.decode() for text in karb.texts]),
        }
        found[kind] = contest(contenders, rounds)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    for kind, timings in measured(given.peer, given.rounds).items():
        rows = {name: timing._asdict() for name, timing in timings.items()}
        line = {"peer": given.peer, "kind": kind, "python": platform.python_version()}
        print(json.dumps({**line, "timings": rows}), flush=True)


if __name__ == "__main__":
    main()
