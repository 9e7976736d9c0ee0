"""What one connection has asked for, and the frames it gets: the protocol without a socket.

Commands go in as text, frames come out through `send`. Each channel of a `subscribe` is a
subscription with a number (`sid`) and, on sequenced channels, a count of its own. Replies
carry the count that was reached and do not use up a number.
"""

from collections.abc import Callable, Iterable

import msgspec

from karb.sim import messages
from karb.sim.catalog import Board
from karb.sim.wire_stream import (
    COMMANDS,
    Command,
    Error,
    ErrorBody,
    Frame,
    Ok,
    OkBody,
    Params,
    Snapshot,
    Subscribed,
    SubscriptionBody,
    Ticker,
    Unsubscribed,
)

BOOKS, TICKER, TRADES, LIFECYCLE = "orderbook_delta", "ticker", "trade", "market_lifecycle_v2"
_OWN = ("fill", "user_orders", "market_positions")
CHANNELS = (BOOKS, TICKER, TRADES, LIFECYCLE, *_OWN)
SEQUENCED = (BOOKS, TRADES, LIFECYCLE)

_ERRORS = {
    1: "Unable to process message",
    2: "Params required",
    3: "Channels required",
    4: "Subscription IDs required",
    5: "Unknown command",
    7: "Unknown subscription ID",
    8: "Unknown channel name",
    10: "Channel error",
    11: "Invalid parameter",
    12: "Exactly one subscription ID is required",
    13: "Unsupported action",
    14: "Market Ticker required",
    15: "Action required",
    25: "Subscription buffer overflow",
}
OVERFLOW, CHANNEL_ERROR = 25, 10


class CommandError(Exception):
    """A command that cannot be carried out; `code` is the exchange's."""

    def __init__(self, code: int) -> None:
        super().__init__(_ERRORS[code])
        self.code = code


class Subscription:
    """One channel of one connection; `tickers` None means every market."""

    __slots__ = ("channel", "seq", "sid", "tickers", "use_yes_price")

    def __init__(
        self, sid: int, channel: str, tickers: dict[str, None] | None, *, use_yes_price: bool
    ) -> None:
        self.sid, self.channel, self.tickers = sid, channel, tickers
        self.use_yes_price = use_yes_price
        self.seq = 0

    def wants(self, ticker: str) -> bool:
        """Whether news of this market belong here."""
        return self.tickers is None or ticker in self.tickers

    def number(self) -> int:
        """The next number of the sequence; 0 on a channel without one."""
        if self.channel in SEQUENCED:
            self.seq += 1
        return self.seq


class Subscriptions:
    """All subscriptions of one connection. `send` takes each frame, in order."""

    def __init__(
        self,
        board: Board,
        send: Callable[[Frame], object],
        now: Callable[[], int],
    ) -> None:
        self._board, self._send, self._now = board, send, now
        self._all: dict[int, Subscription] = {}
        self._last = 0

    def on_command(self, text: str | bytes) -> None:
        """Carry out a command and send its replies."""
        try:
            command = COMMANDS.decode(text)
        except msgspec.MsgspecError:
            self._send(Error(msg=ErrorBody(1, _ERRORS[1])))
            return
        try:
            self._carry_out(command)
        except CommandError as error:
            self._send(Error(id=command.id, msg=ErrorBody(error.code, str(error))))

    def on(self, channel: str) -> list[Subscription]:
        """The subscriptions to a channel, oldest first."""
        return [each for each in self._all.values() if each.channel == channel]

    def end(self, code: int) -> None:
        """End the newest subscription to books, as the exchange does when it cannot keep up."""
        for subscription in self.on(BOOKS)[-1:]:
            del self._all[subscription.sid]
            self._send(
                Error(
                    sid=subscription.sid,
                    seq=subscription.seq,
                    msg=ErrorBody(code, _ERRORS[code]),
                )
            )

    def _carry_out(self, command: Command) -> None:
        if command.cmd == "list_subscriptions":
            listed = [SubscriptionBody(each.channel, each.sid) for each in self._all.values()]
            self._send(Ok(id=command.id, msg=listed))
            return
        carry_out = {
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "update_subscription": self._update,
        }.get(command.cmd)
        if carry_out is None:
            raise CommandError(5)
        if command.params is None:
            raise CommandError(2)
        carry_out(command.id, command.params)

    def _subscribe(self, number: int, params: Params) -> None:
        if not params.channels:
            raise CommandError(3)
        if any(channel not in CHANNELS for channel in params.channels):
            raise CommandError(8)
        tickers = _tickers(params)
        if BOOKS in params.channels and not tickers:
            raise CommandError(14)
        for channel in dict.fromkeys(params.channels):
            self._last += 1
            wanted = None if channel == LIFECYCLE or not tickers else dict.fromkeys(tickers)
            subscription = Subscription(
                self._last, channel, wanted, use_yes_price=params.use_yes_price
            )
            self._all[subscription.sid] = subscription
            self._send(Subscribed(id=number, msg=SubscriptionBody(channel, subscription.sid)))
            self._begin(subscription, tickers, params)

    def _begin(self, subscription: Subscription, tickers: Iterable[str], params: Params) -> None:
        """What a subscription opens with: always the books, prices where they are asked for."""
        if subscription.channel == BOOKS:
            self._snapshots(subscription, tickers)
        elif subscription.channel == TICKER and params.send_initial_snapshot:
            self._states(subscription, tickers or self._board.tickers())

    def _unsubscribe(self, number: int, params: Params) -> None:
        sids = params.sids or ([params.sid] if params.sid else [])
        if not sids:
            raise CommandError(4)
        if any(sid not in self._all for sid in sids):
            raise CommandError(7)
        for sid in sids:
            gone = self._all.pop(sid)
            self._send(Unsubscribed(id=number, sid=sid, seq=gone.seq))

    def _update(self, number: int, params: Params) -> None:
        sids = (params.sids or []) + ([params.sid] if params.sid else [])
        if len(sids) != 1:
            raise CommandError(12)
        subscription = self._all.get(sids[0])
        if subscription is None:
            raise CommandError(7)
        if not params.action:
            raise CommandError(15)
        tickers = _tickers(params)
        if not tickers:
            raise CommandError(14)
        if params.action == "get_snapshot" and subscription.channel == BOOKS:
            self._snapshots(subscription, tickers, answers=number)
            return
        if subscription.tickers is None or params.action not in ("add_markets", "delete_markets"):
            raise CommandError(13)
        added = [ticker for ticker in tickers if ticker not in subscription.tickers]
        if params.action == "add_markets":
            subscription.tickers.update(dict.fromkeys(tickers))
        else:
            for ticker in tickers:
                subscription.tickers.pop(ticker, None)
        held = [] if params.skip_ticker_ack else list(subscription.tickers)
        reply = Ok(id=number, sid=subscription.sid, seq=subscription.seq, msg=OkBody(held))
        self._send(reply)
        if params.action == "add_markets":
            self._begin(subscription, added, params)

    def _snapshots(
        self, subscription: Subscription, tickers: Iterable[str], *, answers: int = 0
    ) -> None:
        for ticker in dict.fromkeys(tickers):
            if (shown := self._board.shown(ticker)) is not None:
                body = messages.snapshot_body(
                    ticker, shown.book, shown.clock, use_yes_price=subscription.use_yes_price
                )
                number = subscription.number()
                self._send(Snapshot(id=answers, sid=subscription.sid, seq=number, msg=body))

    def _states(self, subscription: Subscription, tickers: Iterable[str]) -> None:
        for ticker in tickers:
            shown = self._board.shown(ticker)
            if shown is not None and shown.figures is not None:
                body = messages.ticker_body(shown.figures, shown.book, self._now())
                self._send(Ticker(sid=subscription.sid, msg=body))


def _tickers(params: Params) -> list[str]:
    named = [params.market_ticker] if params.market_ticker else []
    return [*named, *(params.market_tickers or [])]
