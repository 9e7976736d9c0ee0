"""Per-tick detection: the object between the order book and a signal.

The consensus is joined into each market when it changes, seconds apart, and leaves two
prices behind: thresholds beyond which a tick cannot matter. They are announced to whoever
feeds ticks (`announce`), so that a tick is dropped by two comparisons before anything is
converted. What passes is evaluated, at most once per 100 ms per ticker; in between only
the newest state is kept and evaluated when the window ends, so none is lost. While a
market has a signal out or a state waiting it is `alert`: whoever feeds ticks then also
tells when one lies beyond the thresholds (`on_gone`), because the edge has gone.

Both markets of a game can offer one bet (`same_bet`). A market that would trade is first held
against the other one as it stands now: the worse of the two yields, which is a refusal like
any other, and is judged again a window after the better one is gone.

No clock, no queue, no task: it is called, and calls `sink`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from karb.domain.edge.bounds import CLOSED, Thresholds, thresholds
from karb.domain.edge.evaluate import NewId, evaluate
from karb.domain.edge.joined import Joined, join
from karb.domain.edge.profile import Guard, Profile
from karb.domain.edge.same_bet import is_better, refused_as_same
from karb.domain.edge.signal import Signal
from karb.domain.edge.situation import NOTHING_HELD, Caps, Holdings, Listing, Moment
from karb.domain.edge.watched import WINDOW, Games, Watched, Windows
from karb.domain.fair.consensus import Consensus
from karb.domain.market.messages import Quote
from karb.domain.units import Nanos

Announce = Callable[[str, Thresholds | None, bool], None]
"""Ticker, thresholds (None: the market is no longer watched), and whether it is alert."""

Newest = Callable[[str], Quote | None]
"""The newest quote of a market, also when it passed no threshold; None before the first."""

Sink = Callable[[Signal], None]


def _nobody(*_news: object) -> None:
    """Nobody listens."""


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
        self._profile, self._caps = profile, caps
        self._sink, self._refused = sink, refused
        self._new_id, self._now = new_id, now
        self._announce, self._newest = announce, newest
        self._net = Guard.NET_EDGE in profile.guards
        self._markets: dict[str, Watched] = {}
        self._games = Games()
        # Holdings outlive the watch: a position stays when a link or the odds go for a while.
        self._held: dict[str, Holdings] = {}
        self._windows = Windows()
        self._refusals: Counter[tuple[str, str]] = Counter()
        self.feed_alive_at: Nanos = 0

    @property
    def due(self) -> Nanos | None:
        """When the next window ends; None while no state waits."""
        return self._windows.first

    def update(
        self, listings: Iterable[Listing], consensus: Mapping[str, Consensus | None]
    ) -> None:
        """Watch markets, then join each with its new consensus, then judge their newest quotes.

        In this order, so that markets of one game are compared by the same news. The exchange
        may be quiet while the books move: the edge then begins here. A market that is not
        watched any more is passed over; its consensus was on its way. What `newest` raises for
        a quote that cannot be true comes out here, after all are joined.
        """
        changed: dict[str, Watched] = {}
        for listing in listings:
            market = self._markets.setdefault(listing.ticker, Watched(listing))
            market.listing = listing
            changed[listing.ticker] = market
        for ticker, each in consensus.items():
            if ticker in self._markets:
                changed[ticker] = self._markets[ticker]
                changed[ticker].consensus = each
        for market in changed.values():
            self._rejoin(market)
        for market in changed.values():
            # A signal just sent may have made its receiver forget a market.
            if market.listing.ticker in self._markets:
                self._look_again(market)

    def forget(self, ticker: str) -> None:
        """End: the market closed or lost its link."""
        market = self._markets.pop(ticker, None)
        if market is not None:
            self._windows.drop(ticker)
            self._free_others(market)
            self._games.remove(market)
            self._announce(ticker, None, False)

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
            market.yields = False
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
            self._end(market)

    def on_time(self) -> Nanos | None:
        """Evaluate every state whose window has ended; return when the next one does."""
        now = self._now()
        for ticker in self._windows.ended(now):
            # Off the list first: whoever takes the signal may make the market wait again.
            self._windows.drop(ticker)
            market = self._markets.get(ticker)
            # A signal just sent may have made its receiver forget a market.
            if market is not None and market.waiting is not None:
                self._judge(market, market.waiting, now)
        return self.due

    def look(self, ticker: str) -> Signal | None:
        """What a market alone would be decided now, for people; None where a price is missing."""
        market, quote = self._markets.get(ticker), self._newest(ticker)
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
        self._games.place(market)
        self._announce(market.listing.ticker, market.limits, market.alert)

    def _look_again(self, market: Watched) -> None:
        """Judge the newest quote, although no tick has come."""
        quote = self._newest(market.listing.ticker)
        if market.joined is None:
            self._end(market)
        elif quote is not None:
            self._offer(market, quote, self._now())

    def _offer(self, market: Watched, quote: Quote, now: Nanos) -> None:
        """Judge a quote, or keep it until the market's window ends."""
        # At most a window, also when the clock was set back.
        wait = min(market.evaluated_at + WINDOW - now, WINDOW)
        if wait > 0:
            self._wait(market, quote, now + wait)
        else:
            self._judge(market, quote, now)

    def _wait(self, market: Watched, quote: Quote, due: Nanos) -> None:
        market.waiting = quote
        self._windows.add(quote.ticker, due)
        self._set_alert(market, alert=True)

    def _set_alert(self, market: Watched, *, alert: bool) -> None:
        if market.alert is not alert:
            market.alert = alert
            self._announce(market.listing.ticker, market.limits, alert)

    def _close(self, market: Watched) -> None:
        market.last = market.waiting = None
        self._windows.drop(market.listing.ticker)
        self._set_alert(market, alert=False)

    def _end(self, market: Watched) -> None:
        """No edge is left here; who yielded to it is judged again."""
        self._close(market)
        market.yields = False
        self._free_others(market)

    def _free_others(self, market: Watched) -> None:
        for other in self._games.others(market):
            if other.yields:
                self._judge_soon(other)

    def _judge_soon(self, market: Watched) -> None:
        """A window from now: what ended the other market may be about to end this one, too."""
        market.yields = False
        quote = self._newest(market.listing.ticker)
        if quote is not None and market.waiting is None:
            self._wait(market, quote, self._now() + WINDOW)

    def _judge(self, market: Watched, quote: Quote, now: Nanos) -> None:
        if market.waiting is not None:
            market.waiting = None
            self._windows.drop(quote.ticker)
        joined = market.joined
        if joined is None or market.limits.excludes(quote.yes_bid, quote.yes_ask):
            self._end(market)
            return
        market.evaluated_at = now
        signal = self._evaluated(market, joined, quote, now)
        if not signal.should_trade:
            self._end(market)
            self._refuse(market, signal)
        elif self._is_best(market, signal, now):
            self._send(market, signal)

    def _is_best(self, market: Watched, signal: Signal, now: Nanos) -> bool:
        """Whether no market offers a signal's bet better now; the worse of each pair yields."""
        for other, rival in self._games.rivals(market, signal, partial(self._offered, now=now)):
            if is_better(rival, signal):
                self._yield(market, signal)
                if other.last is None:
                    self._judge_soon(other)
                return False
            self._yield(other, rival)
        return True

    def _yield(self, market: Watched, signal: Signal) -> None:
        self._close(market)
        market.yields = True
        self._refuse(market, refused_as_same(signal))

    def _offered(self, market: Watched, now: Nanos) -> Signal | None:
        """What a market offers now; None where no signal can be."""
        joined, quote = market.joined, self._newest(market.listing.ticker)
        if joined is None or quote is None or market.limits.excludes(quote.yes_bid, quote.yes_ask):
            return None
        return self._evaluated(market, joined, quote, now)

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
        market.yields = False
        self._set_alert(market, alert=True)
        if key == market.last:
            return
        market.last = key
        self._sink(signal)

    def _refuse(self, market: Watched, signal: Signal) -> None:
        reason = signal.reasons[0].name
        self._refusals[market.listing.ticker, reason] += 1
        if reason != market.refused:
            market.refused = reason
            self._refused(signal)
