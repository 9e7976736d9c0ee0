"""karb's own judgement of the offline venue's world, without a socket between them.

The world is moved by hand through a clock of the test's. Markets, odds and books go through the
venue's answers and karb's decoders, so both sides' wire code is between them all the same.
"""

from typing import NamedTuple

import msgspec

from karb.adapters.kalshi.rest_wire import decode_market, decode_orderbook, decode_series
from karb.adapters.odds_api.wire import decode_odds
from karb.config.fees import load_fee_schedule
from karb.config.teams import team_tables
from karb.domain.edge.evaluate import evaluate
from karb.domain.edge.joined import Joined, join
from karb.domain.edge.profile import Profile
from karb.domain.edge.siblings import misfits
from karb.domain.edge.signal import Signal
from karb.domain.edge.situation import Caps, Listing, Moment
from karb.domain.fair.consensus import Consensus, consensus
from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.links import Link
from karb.domain.linking.match import Answer, Linker, facts_of
from karb.domain.market.book import Book
from karb.domain.market.leagues import Kind
from karb.domain.market.messages import Market, Quote
from karb.domain.units import CASH_PER_DOLLAR, CONTRACT, SECOND
from karb.sim import odds_answers
from karb.sim.catalog import Living
from karb.sim.clock import Clock
from karb.sim.leagues import LEAGUES
from karb.sim.odds_query import asked
from karb.sim.slate import draw_slate
from karb.sim.world import World

OPENING = 1_795_600_000 * SECOND
CAPS = Caps(
    bankroll=10_000 * CASH_PER_DOLLAR,
    balance=10_000 * CASH_PER_DOLLAR,
    risk_per_trade=5 * CASH_PER_DOLLAR,
    max_position=100 * CONTRACT,
)


class Silence:
    """A listener that nobody listens to."""

    def on_delta(self, delta: object) -> None: ...
    def on_trade(self, trade: object) -> None: ...
    def on_moved(self, market: object, book: object) -> None: ...
    def on_lifecycle(self, market: object) -> None: ...


class Hands:
    """A clock that stands until the test moves it."""

    def __init__(self, at: int = OPENING) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += round(seconds * SECOND)


def world(
    hands: Hands,
    *,
    seed: int = 1,
    speed: float = 1.0,
    edges: float = 0.0,
    changes: float = 60.0,
    games: int = 4,
) -> World:
    """A world of all leagues."""
    clock = Clock(hands, speed)
    return World(
        draw_slate(seed, clock.began, tuple(LEAGUES), games),
        clock,
        Silence(),
        seed=seed,
        edges_per_minute=edges,
        changes_per_second=changes,
    )


def listed(of: World) -> list[Market]:
    """Every market, through the REST answer and karb's decoder."""
    rows = Living(of).markets()
    return [decode_market(msgspec.json.encode(row.body), ts=of.clock.now()) for row in rows]


def offered(of: World) -> list[OddsEvent]:
    """Every odds event, through The Odds API's answer and karb's decoder."""
    wanted = asked({"regions": "us,eu", "markets": "h2h,outrights"})
    return [
        event
        for sport in odds_answers.sports(of)
        for event in decode_odds(
            msgspec.json.encode(odds_answers.odds(of, sport.key, wanted)),
            origin=sport.key,
            at=of.clock.now(),
        ).events
    ]


def links(of: World) -> list[Answer]:
    """What karb's linker makes of them."""
    return Linker(team_tables()).link([facts_of(market) for market in listed(of)], offered(of))


def quote(of: World, ticker: str) -> Quote:
    """A market's quote from its book, as karb reads one."""
    body = Living(of).orderbook(ticker, 0, named=False)
    now = of.clock.now()
    book = Book(ticker)
    book.apply_snapshot(decode_orderbook(msgspec.json.encode(body), ticker=ticker, ts_recv=now))
    return book.quote(ts_event=now, ts_recv=now, volume=of.markets[ticker].volume)


class Seen(NamedTuple):
    """One look at the world: everything that karb would buy."""

    at: int
    signals: list[Signal]


class Judge:
    """Joins the world's markets with its odds as `karb` does, and looks for signals."""

    def __init__(self, of: World, profile: Profile, *, titles: bool = False) -> None:
        self._world, self._profile, self._titles = of, profile, titles
        self._listings = self._listings_of(listed(of))
        self._joined: dict[str, Joined] = {}
        self._events: dict[str, OddsEvent] = {}

    def poll(self) -> None:
        """Ask the odds source, and join."""
        at = self._world.clock.now()
        events = {event.id: event for event in offered(self._world)}
        self._joined = {}
        for ticker, (listing, event_id) in self._listings.items():
            if event_id in events:
                fair = consensus(events[event_id], listing.team, at=at, rules=self._profile.fair)
                if isinstance(fair, Consensus):
                    self._joined[ticker] = join(listing, fair, self._profile)

    def look(self) -> Seen:
        """Every signal of this moment."""
        at = self._world.clock.now()
        quotes = {ticker: quote(self._world, ticker) for ticker in self._joined}
        events = [(self._listings[ticker][0].event_ticker, q) for ticker, q in quotes.items()]
        odd = misfits(events)
        signals = []
        for ticker, joined in self._joined.items():
            now = Moment(quote=quotes[ticker], at=at, odds_at=at, quote_age=0)
            found = evaluate(joined, now, self._profile, CAPS, lambda: "id")
            if found.should_trade and joined.listing.event_ticker not in odd:
                signals.append(found)
        return Seen(at, signals)

    def _listings_of(self, markets: list[Market]) -> dict[str, tuple[Listing, str]]:
        from_series = {
            row.key: decode_series(msgspec.json.encode(row.body))
            for row in Living(self._world).series()
        }
        schedule = load_fee_schedule()
        by_ticker = {market.ticker: market for market in markets}
        found = {}
        for link in links(self._world):
            if not isinstance(link, Link) or (link.kind is Kind.CHAMPION and not self._titles):
                continue
            market = by_ticker[link.ticker]
            terms = schedule.terms(
                market.series, self._world.clock.now(), listed=from_series[market.series]
            )
            listing = Listing(
                ticker=link.ticker,
                event_ticker=link.event_ticker,
                league=link.league,
                kind=link.kind,
                team=link.outcome,
                start=link.start,
                terms=terms,
                grid=market.grid,
            )
            found[link.ticker] = (listing, link.odds_event_id)
        return found
