"""The exchange's side of a stream, without a socket: it knows the true books and numbers.

Commands go in as texts, what would be sent lies in `out`, frame by frame. Every change of a
book is remembered with its number, so that a test can ask what was true at that message.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from karb.domain.units import price_wire

Sides = dict[str, dict[int, int]]
CHANNELS = ("orderbook_delta", "ticker", "trade", "market_lifecycle_v2")


class Sent(NamedTuple):
    """A frame on its way: of which subscription, with which number; both 0 for none."""

    text: bytes
    sid: int = 0
    seq: int = 0


@dataclass
class Running:
    """A subscription; `past` has each change as number, ticker and the book after it."""

    channel: str
    tickers: dict[str, None] = field(default_factory=dict)
    seq: int = 0
    past: list[tuple[int, str, Sides]] = field(default_factory=list)


class Exchange:
    """True books, and the subscriptions of one connection at a time.

    `refuse` maps an action to the error code that it is answered with, `bad` are tickers that
    spoil every command they are in, `mute` means that commands are not answered at all.
    """

    def __init__(self) -> None:
        self.books: defaultdict[str, Sides] = defaultdict(lambda: {"yes": {}, "no": {}})
        self.running: dict[int, Running] = {}
        self.ended: dict[int, Running] = {}
        self.out: list[Sent] = []
        self.commands: list[dict[str, Any]] = []
        self.refuse: dict[str, int] = {}
        self.bad: set[str] = set()
        self.mute = False
        self._sid = 0

    def connect(self) -> None:
        """A connection begins, and with it nothing of the last one goes on."""
        self.running.clear()
        self.ended.clear()
        self.out.clear()
        self._sid = 0

    def command(self, text: str) -> None:
        """Carry out a command."""
        told = json.loads(text)
        self.commands.append(told)
        if self.mute:
            return
        params = told.get("params", {})
        action = params.get("action", told["cmd"])
        if (code := self._refusal(action, params)) is not None:
            self._control(told["id"], "error", {"code": code, "msg": "no"})
        elif action == "subscribe":
            self._subscribe(told["id"], params)
        elif action == "list_subscriptions":
            self._control(told["id"], "ok", [])
        else:
            self._update(told["id"], action, params)

    def change(self, ticker: str, side: str, price: int, count: int) -> None:
        """Set a level of the true book, and tell whoever follows it."""
        levels = self.books[ticker][side]
        delta = count - levels.get(price, 0)
        if not delta:
            return
        levels.pop(price, None)
        if count:
            levels[price] = count
        body = {
            "market_ticker": ticker,
            "side": side,
            "price_dollars": price_wire(price),
            "delta_fp": f"{delta / 100:.2f}",
            "ts_ms": 1_795_000_000_000,
        }
        for sid in self._following("orderbook_delta", ticker):
            self._number(sid, "orderbook_delta", ticker, body)

    def end(self, channel: str, code: int) -> None:
        """End every subscription to a channel, as an overflow does."""
        for sid in [s for s, each in self.running.items() if each.channel == channel]:
            self.ended[sid] = self.running.pop(sid)
            body = {"code": code, "msg": "ended"}
            self.out.append(_frame("error", sid, 0, body))

    def true_at(self, sid: int, seq: int, ticker: str) -> Sides | None:
        """The book after that message; None when the subscription had not told it yet."""
        past = {**self.ended, **self.running}[sid].past
        told = [book for number, name, book in past if name == ticker and number <= seq]
        return told[-1] if told else None

    def _refusal(self, action: str, params: dict[str, Any]) -> int | None:
        if self.bad & set(params.get("market_tickers", ())):
            return 11
        code = self.refuse.get(action)
        if code is None and "sid" in params and params["sid"] not in self.running:
            return 7
        return code

    def _subscribe(self, number: int, params: dict[str, Any]) -> None:
        (channel,) = params["channels"]
        self._sid += 1
        self.running[self._sid] = Running(channel)
        self._control(number, "subscribed", {"channel": channel, "sid": self._sid})
        self._add(self._sid, params.get("market_tickers", ()))

    def _update(self, number: int, action: str, params: dict[str, Any]) -> None:
        sid, tickers = params["sid"], params["market_tickers"]
        if action == "get_snapshot":
            for ticker in tickers:
                if ticker in self.running[sid].tickers:
                    self._snapshot(sid, ticker)
            return
        if action == "add_markets":
            self._add(sid, tickers)
        else:
            for ticker in tickers:
                self.running[sid].tickers.pop(ticker, None)
        held = {"market_tickers": list(self.running[sid].tickers)}
        self.out.append(_frame("ok", sid, self.running[sid].seq, held, number))

    def _add(self, sid: int, tickers: Any) -> None:
        self.running[sid].tickers.update(dict.fromkeys(tickers))
        if self.running[sid].channel == "orderbook_delta":
            for ticker in tickers:
                self._snapshot(sid, ticker)

    def _snapshot(self, sid: int, ticker: str) -> None:
        sides = {
            f"{side}_dollars_fp": [[price_wire(p), f"{n / 100:.2f}"] for p, n in levels.items()]
            for side, levels in self.books[ticker].items()
            if levels
        }
        self._number(sid, "orderbook_snapshot", ticker, {"market_ticker": ticker, **sides})

    def _number(self, sid: int, kind: str, ticker: str, body: dict[str, Any]) -> None:
        running = self.running[sid]
        running.seq += 1
        now = {side: dict(levels) for side, levels in self.books[ticker].items()}
        running.past.append((running.seq, ticker, now))
        self.out.append(_frame(kind, sid, running.seq, body))

    def _following(self, channel: str, ticker: str) -> list[int]:
        return [
            sid
            for sid, each in self.running.items()
            if each.channel == channel and ticker in each.tickers
        ]

    def _control(self, number: int, kind: str, body: Any) -> None:
        self.out.append(Sent(json.dumps({"id": number, "type": kind, "msg": body}).encode()))


def _frame(kind: str, sid: int, seq: int, body: Any, number: int | None = None) -> Sent:
    head: dict[str, Any] = {"type": kind, "sid": sid}
    if seq:
        head["seq"] = seq
    if number is not None:
        head["id"] = number
    return Sent(json.dumps({**head, "msg": body}).encode(), sid, seq)
