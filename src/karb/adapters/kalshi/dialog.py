"""One connection's part of a session: its subscriptions, its books, and whether it lives.

Begun anew with every connection, so that nothing of an old one can be taken for the new
one's: numbers, subscriptions and what is on its way all end with it.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Final, TypeAlias

from karb.adapters.kalshi.actions import Action, Alive, Close, Send, Stale, Tell
from karb.adapters.kalshi.commands_wire import (
    BOOK,
    DELETE,
    LIFECYCLE,
    SNAPSHOT,
    TICKER,
    TRADE,
    list_subscriptions,
    subscribe,
    update,
)
from karb.adapters.kalshi.errors import AGAIN, AGES, VENUE
from karb.adapters.kalshi.mending import Mending
from karb.adapters.kalshi.pulse import Beat, Pulse
from karb.adapters.kalshi.subscription import (
    BATCH,
    FULL,
    GONE,
    SUBSCRIBE,
    TOO_FAST,
    Step,
    Subscription,
)
from karb.adapters.kalshi.wire import (
    ErrorBody,
    ErrorFrame,
    OkFrame,
    SubscribedFrame,
    UnsubscribedFrame,
)
from karb.domain.market.book import Book
from karb.domain.units import Nanos
from karb.errors import AuthRefusedError, UnreachableError

Answer: TypeAlias = SubscribedFrame | OkFrame | UnsubscribedFrame | ErrorFrame

_SIGN_IN: Final = 9
_REMEMBERED: Final = 100
"""How many requests for snapshots are remembered, in case one is refused."""


class Dialog:
    """What was asked and answered on one connection. `asked` counts the books asked for."""

    def __init__(
        self,
        books: Mapping[str, Book],
        wanted: Mapping[str, None],
        *,
        drop: Callable[[str], object],
        use_yes_price: bool,
        texts: int,
        now: Nanos,
    ) -> None:
        self._wanted, self._drop, self._use_yes_price = wanted, drop, use_yes_price
        self._book = Subscription(BOOK)
        self._subscriptions = (
            self._book,
            Subscription(TICKER),
            Subscription(TRADE),
            Subscription(LIFECYCLE, filtered=False),
        )
        self._mending = Mending(books)
        self._pulse = Pulse(texts, now)
        self._number = 0
        self._on_the_way: dict[int, Subscription] = {}
        self._snapshots: dict[int, list[str]] = {}
        self._most = BATCH
        self._told: set[str] = set()
        self._probed = 0
        self.began, self.asked = now, 0

    @property
    def worked(self) -> bool:
        """Whether anything could be subscribed to."""
        return any(each.sid is not None for each in self._subscriptions)

    def channel_of(self, sid: int) -> str:
        """The channel of a subscription; empty for one that is not ours."""
        return next((each.channel for each in self._subscriptions if each.sid == sid), "")

    def hear(self, answer: Answer, now: Nanos) -> Iterator[Action]:
        """Take an answer of the exchange."""
        match answer:
            case SubscribedFrame(id=number, msg=body):
                self._accepted(number, now, body.sid)
            case OkFrame(id=number):
                self._accepted(number, now)
            case UnsubscribedFrame(sid=sid):
                self._ended(self._of(sid), now)
            case ErrorFrame(id=number, sid=sid, msg=why):
                yield from self._refused(number, sid, why, now)

    def gap(self) -> None:
        """The books were lost just now."""
        self._mending.hurry()

    def go_on(self, texts: int, now: Nanos) -> Iterator[Action]:
        """What to do now; `texts` is how many have come on this connection and before."""
        beat = self._pulse.look(texts, now)
        if beat is Beat.DEAD or any(each.overdue(now) for each in self._subscriptions):
            yield Close(_silent())
            return
        if beat is Beat.ALIVE:
            yield Alive()
        elif beat is Beat.STALE:
            self._mending.hurry()
            yield Stale()
        elif beat is Beat.PROBE:
            yield self._probe()
        yield from self._subscribe(now)
        yield from self._mend(now)

    def _subscribe(self, now: Nanos) -> Iterator[Action]:
        for each in self._subscriptions:
            step = each.step(self._wanted, now)
            if step is not None:
                yield self._send(each, step)

    def _send(self, to: Subscription, step: Step) -> Send:
        number = self._next()
        self._on_the_way[number] = to
        if step.action == SUBSCRIBE or to.sid is None:
            text = subscribe(number, to.channel, step.tickers, use_yes_price=self._use_yes_price)
        else:
            text = update(number, to.sid, step.action, step.tickers)
        if to is self._book and step.action != DELETE:
            for ticker in step.tickers:
                self._drop(ticker)
        return Send(text)

    def _mend(self, now: Nanos) -> Iterator[Action]:
        """Ask for the books that do not stand; a refused request is asked in smaller parts."""
        if self._book.sid is None:
            return
        due = iter(self._mending.due(self._book.held, now))
        while tickers := list(islice(due, self._most)):
            self.asked += len(tickers)
            yield self._snapshot(self._book.sid, tickers)
        if not self._mending.broken:
            self._most = BATCH

    def _snapshot(self, sid: int, tickers: list[str]) -> Send:
        number = self._next()
        self._snapshots[number] = tickers
        if len(self._snapshots) > _REMEMBERED:
            del self._snapshots[next(iter(self._snapshots))]
        return Send(update(number, sid, SNAPSHOT, tickers))

    def _probe(self) -> Send:
        """A question whose answer is a text, and where it can be, takes its place in a sequence.

        A snapshot shows that nothing was missed before the silence either.
        """
        held, sid = sorted(self._book.held), self._book.sid
        if sid is None or not held:
            return Send(list_subscriptions(self._next()))
        self._probed += 1
        return self._snapshot(sid, [held[self._probed % len(held)]])

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _of(self, sid: int) -> Subscription | None:
        return next((each for each in self._subscriptions if sid and each.sid == sid), None)

    def _accepted(self, number: int, now: Nanos, sid: int | None = None) -> None:
        subscription = self._on_the_way.pop(number, None)
        step = None if subscription is None else subscription.accepted(sid)
        if step is not None and subscription is self._book and step.action != DELETE:
            self._mending.expect(step.tickers, now)

    def _ended(self, subscription: Subscription | None, now: Nanos) -> None:
        if subscription is not None:
            subscription.ended(now)
            self._on_the_way = {
                number: each
                for number, each in self._on_the_way.items()
                if each is not subscription
            }

    def _refused(self, number: int, sid: int, why: ErrorBody, now: Nanos) -> Iterator[Action]:
        asked = self._on_the_way.pop(number, None)
        snapshots = self._snapshots.pop(number, None)
        if why.code == _SIGN_IN:
            yield Close(_not_signed_in())
        elif why.code in GONE:
            ended = self._of(sid) or asked or (self._book if snapshots else None)
            self._ended(ended, now)
            yield Tell(_lost_channel(ended, why)) if ended else Close(_lost_channel(None, why))
        elif snapshots:
            if len(snapshots) > 1:
                self._mending.again(snapshots, now)
            self._most = max(1, len(snapshots) // 2)
        elif asked is not None:
            yield from self._left_out(asked, asked.refused(why.code, now), why)

    def _left_out(
        self, channel: Subscription, ticker: str | None, why: ErrorBody
    ) -> Iterator[Action]:
        """Tell once what is not followed: a market, more of them, or a whole channel."""
        if ticker is not None:
            what = f"{ticker} be followed on {channel.channel}"
        elif why.code in FULL:
            what = f"more markets be followed on {channel.channel}"
        elif why.code not in TOO_FAST and not channel.filtered:
            what = f"{channel.channel} be followed"
        else:
            return
        if what not in self._told:
            self._told.add(what)
            yield Tell(_not_followed(what, why))


def _silent() -> UnreachableError:
    return UnreachableError(
        f"{VENUE}'s stream stopped without closing",
        means="its prices were taken as too old from two seconds of silence on",
        do=AGAIN,
    )


def _not_signed_in() -> AuthRefusedError:
    return AuthRefusedError(
        f"{VENUE} wants a key for what was asked on the stream",
        means=AGES,
        do="set KALSHI_KEY_ID and KALSHI_PRIVATE_KEY_PATH; `karb doctor` checks them",
    )


def _lost_channel(ended: Subscription | None, why: ErrorBody) -> UnreachableError:
    channel = "a channel" if ended is None else f"the channel {ended.channel}"
    return UnreachableError(
        f"{VENUE} ended {channel} ({_words(why)})",
        means="its markets cannot be decided on until it runs again",
        do=AGAIN,
    )


def _not_followed(what: str, why: ErrorBody) -> UnreachableError:
    return UnreachableError(
        f"{VENUE} does not let {what} ({_words(why)})",
        means="nothing is decided about what is not followed; the others go on",
        do="nothing to type: karb asks again in a minute",
    )


def _words(why: ErrorBody) -> str:
    return f"{why.code} {why.msg[:100]}".strip() if why.msg.isprintable() else str(why.code)
