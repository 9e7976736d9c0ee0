"""What a running process says of itself: every count is of markets, as they stand now."""

from collections.abc import Callable

from karb.config.fees import load_fee_schedule
from karb.domain.edge.detector import EdgeDetector
from karb.domain.edge.profile import Profile
from karb.domain.linking.links import NoLink, Unlinked
from karb.domain.market.leagues import League
from karb.domain.market.messages import Quote
from karb.domain.units import SECOND, Nanos
from karb.ports import News, Topic
from karb.services.detection import Detection
from karb.services.looks import Looks
from karb.services.status import Odds, Recent, Status
from karb.wiring.deciding import Deciding
from karb.wiring.showing import Shown, Sources
from offers import BUF, EVENT_ID, HOME, HOU, RULES, link, listed, offered
from situations import CAPS, NOW, new_id, profile, quote

OTHER = "KXNFLGAME-26NOV26DALNYG-DAL"


class World:
    """One process: two markets of a game, and one that has none."""

    def __init__(self, rules: Profile, odds: Callable[[], Odds | None] = lambda: None) -> None:
        self.at: Nanos = NOW
        self.quotes: dict[str, Quote] = {}
        self.recent = Recent(lambda: self.at)
        self.detector = EdgeDetector(
            rules,
            CAPS,
            sink=self.recent.signal,
            new_id=new_id,
            now=lambda: self.at,
            newest=self.quotes.get,
        )
        self.detection = Detection(
            self.detector,
            rules=RULES,
            schedule=load_fee_schedule(),
            newest=self.quotes.get,
            now=lambda: self.at,
        )
        sources = Sources(
            feed=lambda _at: None,
            odds=odds,
            stores=tuple,
            listed=lambda: self.detection.listed,
            lost=dict,
        )
        self.shown = Shown(
            profile="TEST",
            deciding=Deciding(self.detector, self.detection, Looks(self.detector.look)),
            recent=self.recent,
            sources=sources,
            now=lambda: self.at,
        )

    def list(self) -> None:
        tickers = (BUF, HOU, OTHER)
        markets = {ticker: listed(ticker) for ticker in tickers}
        self.detection.on_news(News(Topic.MARKETS, markets))

    def link(self) -> None:
        none = NoLink(
            ticker=OTHER,
            event_ticker=OTHER[:-4],
            league=League.NFL,
            reason=Unlinked.NO_SUCH_FIXTURE,
            detail="",
        )
        answers = {BUF: link(), HOU: link(HOU, HOME), OTHER: none}
        self.detection.on_news(News(Topic.LINKS, answers))

    def price(self) -> None:
        self.detection.on_news(News(Topic.ODDS, {EVENT_ID: offered()}))

    def tick(self, ticker: str, bid: int, ask: int) -> None:
        """A price of a market, a second after the one before."""
        self.at += SECOND
        self.detector.feed_alive_at = self.at
        self.quotes[ticker] = quote(bid, ask, ticker=ticker, ts_recv=self.at)
        self.detector.on_quote(self.quotes[ticker])

    def status(self) -> Status:
        return self.shown.status()


def world(rules: Profile | None = None) -> World:
    made = World(profile() if rules is None else rules)
    made.list()
    made.link()
    made.price()
    return made


def test_the_funnel_counts_the_markets_that_are_left_after_each_stage() -> None:
    here = World(profile())
    here.list()
    assert dict(here.status().funnel) == {"listed": 3, "linked": 0, "with odds": 0, "priced": 0}
    here.link()
    assert dict(here.status().funnel) == {"listed": 3, "linked": 2, "with odds": 0, "priced": 0}
    here.price()
    assert dict(here.status().funnel) == {"listed": 3, "linked": 2, "with odds": 2, "priced": 2}


def test_no_evaluation_makes_a_stage_of_the_funnel_larger_than_the_one_before() -> None:
    here = world()
    for cents in range(40, 80):
        here.tick(BUF, 100 * cents - 100, 100 * cents)
    counts = [count for _, count in here.status().funnel]
    assert counts == sorted(counts, reverse=True)


def test_what_fell_out_of_the_funnel_has_its_stage_and_reason() -> None:
    assert world().status().refused == {"link: no_such_fixture": 1}


def test_a_market_that_was_refused_many_times_counts_once_by_its_newest_reason() -> None:
    here = world(profile(max_kalshi_spread=500, min_volume=0))
    for bid in (4_000, 4_010, 4_020):
        here.tick(BUF, bid, 4_800)
    assert here.status().refused["profile: kalshi_spread"] == 1
    assert here.status().refused["profile: kalshi_spread"] == 1


def test_a_market_that_has_a_signal_now_is_not_said_to_be_refused() -> None:
    here = world(profile(max_kalshi_spread=500, min_edge=1))
    here.tick(BUF, 4_000, 4_600)
    assert "profile: kalshi_spread" in here.status().refused
    here.tick(BUF, 4_550, 4_600)
    assert here.recent.sent == 1
    assert "profile: kalshi_spread" not in here.status().refused


def test_a_market_without_a_fair_price_is_not_said_to_be_refused_by_the_profile() -> None:
    here = world(profile(max_kalshi_spread=500))
    here.tick(BUF, 4_000, 4_600)
    here.status()
    here.detection.on_news(News(Topic.ODDS, {EVENT_ID: None}))
    assert here.status().refused == {"link: no_such_fixture": 1, "odds: no_odds_now": 2}


def test_a_process_that_only_follows_tells_of_the_odds_that_it_follows() -> None:
    here = World(profile())
    here.list()
    assert here.status().odds is None
    here.link()
    here.price()
    assert here.status().odds == Odds(at=NOW, events=1, priced=1, credits_left=None)


def test_a_process_that_asks_for_odds_itself_tells_what_it_was_answered() -> None:
    told = Odds(at=NOW, events=30, priced=28, credits_left=480)
    here = World(profile(), odds=lambda: told)
    here.list()
    here.link()
    here.price()
    assert here.status().odds == told
