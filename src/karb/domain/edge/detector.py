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

Announce = Callable[[str, Thresholds, bool], None]
"""Ticker, thresholds, and whether the market is alert."""

Newest = Callable[[str], Quote | None]
"""The newest quote of a market, also when it passed no threshold; None before the first."""

Sink = Callable[[Signal], None]


class Watched:
    """One market's state. `waiting` is the newest quote whose window has not ended."""

    __slots__ = (
        "alert",
        "consensus",
        "evaluated_at",
        "holdings",
        "joined",
        "last",
        "limits",
        "listing",
        "waiting",
    )

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.consensus: Consensus | None = None
        self.joined: Joined | None = None
        self.holdings: Holdings = NOTHING_HELD
        self.limits: Thresholds = CLOSED
        self.alert = False
        self.waiting: Quote | None = None
        self.evaluated_at: Nanos = -WINDOW
        self.last: tuple[object, ...] | None = None


class EdgeDetector:
    """Turns quotes into signals for one profile."""

    def __init__(
        self,
        profile: Profile,
        caps: Caps,
        *,
        sink: Sink,
        new_id: NewId,
        now: Callable[[], Nanos],
        announce: Announce = lambda _ticker, _limits, _alert: None,
        newest: Newest = lambda _ticker: None,
    ) -> None:
        self._profile = profile
        self._caps = caps
        self._sink = sink
        self._new_id = new_id
        self._now = now
        self._announce = announce
        self._newest = newest
        self._net = Guard.NET_EDGE in profile.guards
        self._markets: dict[str, Watched] = {}
        self._due: dict[str, Nanos] = {}
        self.feed_alive_at: Nanos = 0
        self.evaluated = 0
        self.signals = 0
        self.refusals: Counter[tuple[str, str]] = Counter()

    def watch(self, listing: Listing) -> None:
        """Begin, or go on with what is newly known about a market."""
        market = self._markets.get(listing.ticker)
        if market is None:
            self._markets[listing.ticker] = Watched(listing)
        else:
            market.listing = listing
            self._rejoin(market)

    def forget(self, ticker: str) -> None:
        """End: the market closed or lost its link."""
        if self._markets.pop(ticker, None) is not None:
            self._due.pop(ticker, None)
            self._announce(ticker, CLOSED, False)

    def join(self, ticker: str, consensus: Consensus | None) -> None:
        """Take a new consensus for a market, or its loss, and judge its newest quote by it.

        The exchange may be quiet while the books move: the edge then begins here.
        """
        market = self._markets[ticker]
        market.consensus = consensus
        self._rejoin(market)
        quote = self._newest(ticker)
        if consensus is None:
            self._close(market)
        elif quote is not None:
            self._offer(market, quote, self._now())

    def hold(self, ticker: str, holdings: Holdings) -> None:
        """Take what is now held on a market."""
        self._markets[ticker].holdings = holdings

    def on_quote(self, quote: Quote) -> None:
        """A tick that passed the thresholds."""
        market = self._markets.get(quote.ticker)
        if market is None or market.consensus is None:
            return
        now = self._now()
        self.feed_alive_at = now
        self._offer(market, quote, now)

    def on_gone(self, ticker: str) -> None:
        """A tick of an alert market lay beyond its thresholds: no edge is left."""
        market = self._markets.get(ticker)
        if market is not None:
            self._close(market)

    def on_time(self) -> Nanos | None:
        """Evaluate every state whose window has ended; return when the next one does."""
        now = self._now()
        for ticker in [ticker for ticker, due in self._due.items() if due <= now]:
            del self._due[ticker]
            market = self._markets[ticker]
            quote, market.waiting = market.waiting, None
            if quote is not None:
                self._judge(market, quote, now)
        return min(self._due.values(), default=None)

    def _rejoin(self, market: Watched) -> None:
        joined, market.limits = None, CLOSED
        if market.consensus is not None:
            joined = join(market.listing, market.consensus, self._profile)
            if not joined.refused:
                market.limits = thresholds(joined, net=self._net)
        market.joined = joined
        self._announce(market.listing.ticker, market.limits, market.alert)

    def _offer(self, market: Watched, quote: Quote, now: Nanos) -> None:
        """Judge a quote, or keep it until the market's window ends."""
        wait = market.evaluated_at + WINDOW - now
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
        joined, limits = market.joined, market.limits
        ask, bid = quote.yes_ask, quote.yes_bid
        beyond = (ask is None or ask > limits.ask) and (bid is None or bid < limits.bid)
        if joined is None or beyond:
            self._close(market)
            return
        market.evaluated_at = now
        self.evaluated += 1
        signal = evaluate(
            joined,
            Moment(
                quote=quote,
                at=now,
                odds_at=now,
                quote_age=now - max(quote.ts_recv, self.feed_alive_at),
                holdings=market.holdings,
            ),
            self._profile,
            self._caps,
            self._new_id,
        )
        if signal.should_trade:
            self._send(market, signal)
        else:
            self.refusals[quote.ticker, signal.reasons[0].name] += 1
            self._close(market)

    def _send(self, market: Watched, signal: Signal) -> None:
        edge = signal.edge
        key = (signal.action, edge and edge.price, signal.recommended_contracts)
        self._set_alert(market, alert=True)
        if key == market.last:
            return
        market.last = key
        self.signals += 1
        self._sink(signal)
