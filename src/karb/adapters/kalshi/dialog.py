"""One connection's part of a session: its subscriptions, its books, and whether it lives.

Begun anew with every connection, so that nothing of an old one can be taken for the new
one's: numbers, subscriptions and what is on its way all end with it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
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
from karb.adapters.kalshi.mending import Mending
from karb.adapters.kalshi.pulse import Beat, Pulse
from karb.adapters.kalshi.stream_errors import (
    broken,
    channel_ended,
    not_followed,
    not_signed_in,
    silent,
)
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

Answer: TypeAlias = SubscribedFrame | OkFrame | UnsubscribedFrame | ErrorFrame

_SIGN_IN: Final = 9
_REMEMBERED: Final = 100
"""How many requests for snapshots are remembered, in case one is refused."""


class Dialog:
    """What was asked and answered on one connection; `began` is when it did.

    `heard` tells how much a subscription has brought, by its number. `asked` counts the books
    that were asked for because they did not stand.
    """

    def __init__(
        self,
        books: Mapping[str, Book],
        wanted: Mapping[str, None],
        *,
        drop: Callable[[str], object],
        heard: Callable[[int], int | None],
        use_yes_price: bool,
        now: Nanos,
    ) -> None:
        self._wanted, self._drop, self._heard = wanted, drop, heard
        self._use_yes_price = use_yes_price
        self._book = Subscription(BOOK)
        self._subscriptions = (
            self._book,
            Subscription(TICKER),
            Subscription(TRADE),
            Subscription(LIFECYCLE, filtered=False),
        )
        self._mending = Mending(books)
        self._pulse = Pulse(now)
        self._number = 0
        self._on_the_way: dict[int, Subscription] = {}
        self._snapshots: dict[int, list[str]] = {}
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
            case UnsubscribedFrame(sid=0):
                yield Close(broken("ended a subscription and does not say which"))
            case UnsubscribedFrame(sid=sid):
                self._begin_again(self._of(sid), now)
            case ErrorFrame(id=number, sid=sid, msg=why):
                yield from self._refused(number, sid, why, now)

    def gap(self) -> None:
        """The books were lost just now."""
        self._mending.hurry()

    def go_on(self, texts: int, now: Nanos) -> Iterator[Action]:
        """What to do now; `texts` is how many have come in all.

        Books live by their own subscription: other channels may go on without it. Before it
        runs, or when nothing is followed, no book stands, and any text is a sign of life.
        """
        sid = self._book.sid
        beat = self._pulse.look(self._heard(sid) if sid and self._book.held else texts, now)
        if beat is Beat.DEAD:
            yield Close(silent())
        elif any(each.overdue(now) for each in self._subscriptions):
            yield Close(broken("does not answer what it is asked"))
        else:
            yield from self._beating(beat)
            yield from self._subscribe(now)
            yield from self._mend(now)

    def _beating(self, beat: Beat) -> Iterator[Action]:
        if beat is Beat.ALIVE:
            yield Alive()
        elif beat is Beat.STALE:
            self._mending.hurry()
            yield Stale()
        elif beat is Beat.PROBE:
            yield self._probe()

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
        """Ask for the books that do not stand."""
        if self._book.sid is None:
            return
        due = iter(self._mending.due(self._followed(self._book.held), now))
        while tickers := list(islice(due, BATCH)):
            yield self._ask(self._book.sid, tickers)

    def _followed(self, tickers: Iterable[str]) -> Iterator[str]:
        """Those whose books are kept: what is not wanted any more is about to leave."""
        held, wanted = self._book.held, self._wanted
        return (ticker for ticker in tickers if ticker in held and ticker in wanted)

    def _ask(self, sid: int, tickers: list[str]) -> Send:
        self.asked += len(tickers)
        return self._snapshot(sid, tickers)

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
        held, sid = list(self._book.held), self._book.sid
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
        if step is None or subscription is not self._book:
            return
        if step.action == DELETE:
            self._let_go(step.tickers)
        else:
            self._mending.expect(step.tickers, now)

    def _let_go(self, tickers: Iterable[str]) -> None:
        """These are not followed any longer: nobody would keep their books true."""
        self._mending.forget(tickers)
        for ticker in tickers:
            self._drop(ticker)

    def _begin_again(self, subscription: Subscription | None, now: Nanos) -> None:
        """A subscription ended, and with it everything that was asked of it."""
        if subscription is None:
            return
        subscription.ended(now)
        self._on_the_way = {
            number: each for number, each in self._on_the_way.items() if each is not subscription
        }
        if subscription is self._book:
            self._snapshots.clear()

    def _refused(self, number: int, sid: int, why: ErrorBody, now: Nanos) -> Iterator[Action]:
        asked = self._on_the_way.pop(number, None)
        snapshots = self._snapshots.pop(number, None)
        if why.code == _SIGN_IN:
            yield Close(not_signed_in())
        elif why.code in GONE:
            ended = self._of(sid) or asked or (self._book if snapshots else None)
            yield from self._ended(ended, number, sid, why, now)
        elif snapshots:
            yield from self._halved(snapshots, why.code)
        elif asked is not None:
            yield from self._left_out(asked, asked.refused(why.code, now), why)

    def _ended(
        self, ended: Subscription | None, number: int, sid: int, why: ErrorBody, now: Nanos
    ) -> Iterator[Action]:
        """A subscription is not there any more: none of its books may be decided on.

        An end that names its subscription has taken the books with it as it came (`feeds`);
        one that only answers a command has not.
        """
        if ended is None:
            if sid or not 0 < number <= self._number:
                yield Close(channel_ended("", why))
            # Else it answers what was asked of one that is known to have ended.
            return
        if ended is self._book and ended.sid is not None and ended.sid != sid:
            yield Stale()
        self._begin_again(ended, now)
        yield Tell(channel_ended(ended.channel, why))

    def _halved(self, tickers: list[str], code: int) -> Iterator[Action]:
        """Ask for these in two parts, because together they were refused."""
        sid = self._book.sid
        if sid is None or len(tickers) == 1 or code in TOO_FAST:
            return
        middle = len(tickers) // 2
        for half in (tickers[:middle], tickers[middle:]):
            if still := list(self._followed(half)):
                yield self._ask(sid, still)

    def _left_out(
        self, channel: Subscription, ticker: str | None, why: ErrorBody
    ) -> Iterator[Action]:
        """Tell once what is not followed: a market, more of them, or a whole channel."""
        if ticker is not None and ticker not in self._wanted:
            # It was to leave, and the exchange does not know it: it has left.
            if channel is self._book:
                self._let_go((ticker,))
            return
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
            yield Tell(not_followed(what, channel.channel, why))
