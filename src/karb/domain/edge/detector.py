"""Per-tick detection: the object between the order book and a signal.

The consensus is joined into each market when it changes, seconds apart, and leaves two
prices behind: thresholds beyond which a tick cannot matter. They are announced to whoever
feeds ticks (`announce`), so that a tick is dropped by two comparisons before anything is
converted. What passes is evaluated, at most once per 100 ms per ticker; in between only
the newest state is kept and evaluated when the window ends, so none is lost. While a
market has a signal out or a state waiting it is `alert`: whoever feeds ticks then also
tells when one lies beyond the thresholds (`on_gone`), because the edge has gone.

No clock, no queue, no task: `on_quote`, `on_gone` and `on_time` are called, `sink` is
called.
"""

from collections import Counter
from collections.abc import Callable

from karb.domain.edge.bounds import CLOSED, Thresholds, thresholds
from karb.domain.edge.evaluate import NewId, evaluate
from karb.domain.edge.joined import Joined, join
from karb.domain.edge.profile import Guard, Profile
from karb.domain.edge.signal import Signal
from karb.domain.edge.situation import NOTHING_HELD, Caps, Holdings, Listing, Moment
from karb.domain.fair.consensus import Consensus
from karb.domain.market.messages import Quote
from karb.domain.units import MILLISECOND, Nanos

WINDOW: Nanos = 100 * MILLISECOND

Announce = Callable[[str, Thresholds | None, bool], None]
"""Ticker, thresholds (None: the market is no longer watched), and whether it is alert."""

Newest = Callable[[str], Quote | None]
"""The newest quote of a market, also when it passed no threshold; None before the first."""

Sink = Callable[[Signal], None]


def _nobody(*_news: object) -> None:
    """Nobody listens."""


class Watched:
    """One market's state.

    `waiting` is the newest quote whose window has not ended, `last` the signal that is out,
    `refused` the reason of the last evaluation without one.
    """

    __slots__ = (
        "alert",
        "consensus",
        "evaluated_at",
        "joined",
        "last",
        "limits",
        "listing",
        "refused",
        "waiting",
    )

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.consensus: Consensus | None = None
        self.joined: Joined | None = None
        self.limits: Thresholds = CLOSED
        self.alert = False
        self.waiting: Quote | None = None
        self.evaluated_at: Nanos = -WINDOW
        self.last: tuple[object, ...] | None = None
        self.refused = ""


class EdgeDetector:
    """Turns quotes into signals for one profile.

    `sink` gets every signal, `refused` a NO_TRADE when a market's first reason changes.
    Whoever owns the loop calls `on_time` when `due` has come,
    sets `feed_alive_at` at every sign of life of the feed, and calls `lose_feed` when it ends.
    """

    def __init__(
        self,
        profile: Profile,
        caps: Caps,
        *,
        sink: Sink,
        new_id: NewId,
        now: Callable[[], Nanos],
        announce: Announce = _nobody,
        newest: Newest = _nobody,
        refused: Sink = _nobody,
    ) -> None:
        self._profile = profile
        self._caps = caps
        self._sink = sink
        self._new_id = new_id
        self._now = now
        self._announce = announce
        self._newest = newest
        self._refused = refused
        self._net = Guard.NET_EDGE in profile.guards
        self._markets: dict[str, Watched] = {}
        # Holdings outlive the watch: a position stays when a link or the odds go for a while.
        self._held: dict[str, Holdings] = {}
        self._due: dict[str, Nanos] = {}
        self._refusals: Counter[tuple[str, str]] = Counter()
        self.feed_alive_at: Nanos = 0
        self.evaluated = 0
        self.signals = 0

    @property
    def due(self) -> Nanos | None:
        """When the next window ends; None while no state waits."""
        return min(self._due.values(), default=None)

    def watch(self, listing: Listing) -> None:
        """Begin, or go on with what is newly known about a market."""
        market = self._markets.get(listing.ticker)
        if market is None:
            self._markets[listing.ticker] = market = Watched(listing)
        market.listing = listing
        self._rejoin(market)

    def forget(self, ticker: str) -> None:
        """End: the market closed or lost its link."""
        if self._markets.pop(ticker, None) is not None:
            self._due.pop(ticker, None)
            self._announce(ticker, None, False)

    def join(self, ticker: str, consensus: Consensus | None) -> None:
        """Take a new consensus for a market, or its loss, and judge its newest quote by it.

        The exchange may be quiet while the books move: the edge then begins here. A market
        that is not watched any more is passed over; its consensus was on its way. What
        `newest` raises for a quote that cannot be true comes out here, after the join.
        """
        market = self._markets.get(ticker)
        if market is not None:
            market.consensus = consensus
            self._rejoin(market)

    def hold(self, ticker: str, holdings: Holdings) -> None:
        """Take what is now held on a market's event, and judge its newest quote by it.

        It stands until it is replaced, whether or not the market is watched meanwhile.
        """
        self._held[ticker] = holdings
        market = self._markets.get(ticker)
        if market is not None:
            self._look_again(market)

    def lose_feed(self) -> None:
        """The feed ended: nothing seen before may be decided on."""
        for market in self._markets.values():
            self._close(market)

    def on_quote(self, quote: Quote) -> None:
        """A tick that passed the thresholds."""
        market = self._markets.get(quote.ticker)
        if market is not None:
            self._offer(market, quote, self._now())

    def on_gone(self, ticker: str) -> None:
        """A tick of an alert market lay beyond its thresholds: no edge is left."""
        market = self._markets.get(ticker)
        if market is not None:
            self._close(market)

    def on_time(self) -> Nanos | None:
        """Evaluate every state whose window has ended; return when the next one does."""
        now = self._now()
        for ticker in [ticker for ticker, due in self._due.items() if due <= now]:
            # Off the list first: whoever takes the signal may make the market wait again.
            self._due.pop(ticker, None)
            market = self._markets.get(ticker)
            # A signal just sent may have made its receiver forget a market.
            if market is not None and market.waiting is not None:
                self._judge(market, market.waiting, now)
        return self.due

    def look(self, ticker: str) -> Signal | None:
        """What would be decided on a market now, for people; nothing comes of it.

        None for a market without a price on either side of the comparison.
        """
        market = self._markets.get(ticker)
        quote = self._newest(ticker)
        if market is None or market.joined is None or quote is None:
            return None
        return self._evaluated(market, market.joined, quote, self._now())

    def take_refusals(self) -> dict[tuple[str, str], int]:
        """Evaluations without a signal since the last call, by ticker and first reason."""
        taken, self._refusals = dict(self._refusals), Counter()
        return taken

    def _rejoin(self, market: Watched) -> None:
        joined, market.limits = None, CLOSED
        if market.consensus is not None:
            joined = join(market.listing, market.consensus, self._profile)
            if not joined.refused:
                market.limits = thresholds(joined, net=self._net)
        market.joined = joined
        self._announce(market.listing.ticker, market.limits, market.alert)
        self._look_again(market)

    def _look_again(self, market: Watched) -> None:
        """Judge the newest quote, although no tick has come."""
        quote = self._newest(market.listing.ticker)
        if market.joined is None:
            self._close(market)
        elif quote is not None:
            self._offer(market, quote, self._now())

    def _offer(self, market: Watched, quote: Quote, now: Nanos) -> None:
        """Judge a quote, or keep it until the market's window ends."""
        # At most a window, also when the clock was set back.
        wait = min(market.evaluated_at + WINDOW - now, WINDOW)
        if wait <= 0:
            self._judge(market, quote, now)
            return
        market.waiting = quote
        self._due.setdefault(quote.ticker, now + wait)
        self._set_alert(market, alert=True)

    def _set_alert(self, market: Watched, *, alert: bool) -> None:
        if market.alert is not alert:
            market.alert = alert
            self._announce(market.listing.ticker, market.limits, alert)

    def _close(self, market: Watched) -> None:
        market.last = market.waiting = None
        self._due.pop(market.listing.ticker, None)
        self._set_alert(market, alert=False)

    def _judge(self, market: Watched, quote: Quote, now: Nanos) -> None:
        if market.waiting is not None:
            market.waiting = None
            self._due.pop(quote.ticker, None)
        joined = market.joined
        if joined is None or market.limits.excludes(quote.yes_bid, quote.yes_ask):
            self._close(market)
            return
        market.evaluated_at = now
        self.evaluated += 1
        signal = self._evaluated(market, joined, quote, now)
        if signal.should_trade:
            self._send(market, signal)
        else:
            self._refuse(market, signal)

    def _evaluated(self, market: Watched, joined: Joined, quote: Quote, now: Nanos) -> Signal:
        moment = Moment(
            quote=quote,
            at=now,
            odds_at=now,
            quote_age=now - max(quote.ts_recv, self.feed_alive_at),
            holdings=self._held.get(market.listing.ticker, NOTHING_HELD),
        )
        return evaluate(joined, moment, self._profile, self._caps, self._new_id)

    def _send(self, market: Watched, signal: Signal) -> None:
        edge = signal.edge
        key = (signal.action, edge and edge.price, signal.recommended_contracts)
        market.refused = ""
        self._set_alert(market, alert=True)
        if key == market.last:
            return
        market.last = key
        self.signals += 1
        self._sink(signal)

    def _refuse(self, market: Watched, signal: Signal) -> None:
        reason = signal.reasons[0].name
        self._refusals[market.listing.ticker, reason] += 1
        self._close(market)
        if reason != market.refused:
            market.refused = reason
            self._refused(signal)
