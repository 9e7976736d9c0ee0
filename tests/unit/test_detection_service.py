"""The service that keeps a detector joined: any order of news, one state."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import pytest

from karb.config.fees import load_fee_schedule
from karb.domain.edge.situation import Listing
from karb.domain.fair.answers import Consensus
from karb.domain.fair.rules import FairRules, Method
from karb.domain.linking.links import NoLink, Unlinked
from karb.domain.market.leagues import League
from karb.domain.market.messages import MarketStatus, Quote, Series
from karb.domain.units import HOUR, Nanos
from karb.ports import News, Topic
from karb.services.detection import Detection
from offers import AWAY, BUF, EVENT_ID, HOME, HOU, RULES, START, link, listed, offered
from situations import LISTING, NOW, quote


class Told:
    """Stands for a detector: what it would be watching, and by which price."""

    def __init__(self) -> None:
        self.watched: dict[str, Listing] = {}
        self.joined: dict[str, Consensus | None] = {}
        self.calls = 0

    def update(
        self, listings: Iterable[Listing], consensus: Mapping[str, Consensus | None]
    ) -> None:
        self.calls += 1
        self.watched |= {listing.ticker: listing for listing in listings}
        self.joined |= consensus

    def forget(self, ticker: str) -> None:
        self.calls += 1
        del self.watched[ticker]
        self.joined.pop(ticker, None)


QUOTES: dict[str, Quote] = {}


def detection(
    rules: FairRules = RULES, quotes: dict[str, Quote] = QUOTES, now: Nanos = NOW
) -> tuple[Detection, Told]:
    told = Told()
    service = Detection(
        told, rules=rules, schedule=load_fee_schedule(), newest=quotes.get, now=lambda: now
    )
    return service, told


def news(topic: Topic, value: Any, key: str = BUF, *, whole: bool = False) -> News:
    return News(topic, {key: value}, whole=whole)


GAME = (
    news(Topic.MARKETS, listed()),
    news(Topic.LINKS, link()),
    news(Topic.ODDS, offered(), EVENT_ID),
)


@pytest.mark.parametrize("order", list(itertools.permutations(GAME)))
def test_a_market_is_watched_and_priced_once_all_three_are_known(order: tuple[News, ...]) -> None:
    service, told = detection()
    for each in order[:2]:
        service.on_news(each)
    assert told.watched == {}
    service.on_news(order[2])
    assert told.watched[BUF].team == AWAY
    assert told.joined[BUF] == offered().fair[AWAY]


@pytest.mark.parametrize(
    "lost",
    [
        news(Topic.MARKETS, None),
        news(Topic.LINKS, None),
        news(Topic.ODDS, None, EVENT_ID),
        News(Topic.MARKETS, {}, whole=True),
        News(Topic.LINKS, {}, whole=True),
        News(Topic.ODDS, {}, whole=True),
    ],
)
def test_a_market_is_forgotten_when_one_of_the_three_goes_away(lost: News) -> None:
    service, told = detection()
    for each in GAME:
        service.on_news(each)
    service.on_news(lost)
    assert (told.watched, service.watched, service.consensus(BUF)) == ({}, {}, None)


def test_news_that_say_nothing_new_reach_no_detector() -> None:
    service, told = detection()
    for each in GAME:
        service.on_news(each)
    before = told.calls
    for each in GAME:
        service.on_news(each)
    assert told.calls == before


def test_new_odds_are_joined_and_no_consensus_takes_the_price_away() -> None:
    service, told = detection()
    for each in GAME:
        service.on_news(each)
    service.on_news(news(Topic.ODDS, offered(away=1.60, home=2.40), EVENT_ID))
    joined = told.joined[BUF]
    assert joined is not None
    assert joined.probability > 0.58
    service.on_news(news(Topic.ODDS, offered(quotes=()), EVENT_ID))
    assert told.joined[BUF] is None
    assert service.unjoined() == {("consensus", "too_few_books"): 1}


def test_new_odds_reach_both_markets_of_a_game_at_once() -> None:
    """Else one would be held against the other's old price."""
    service, told = detection()
    sibling = news(Topic.MARKETS, listed(HOU), HOU), news(Topic.LINKS, link(HOU, HOME), HOU)
    for each in (*GAME, *sibling):
        service.on_news(each)
    before = told.calls
    service.on_news(news(Topic.ODDS, offered(away=1.60, home=2.40), EVENT_ID))
    assert told.calls == before + 1
    assert told.joined.keys() == {BUF, HOU}


def test_a_profile_with_other_rules_makes_its_own_consensus() -> None:
    power = FairRules(method=Method.POWER)
    service, told = detection(power)
    for each in GAME:
        service.on_news(each)
    joined = told.joined[BUF]
    assert joined is not None
    assert joined.method is Method.POWER


def test_a_link_that_moves_to_another_event_leaves_the_first_one() -> None:
    service, told = detection()
    for each in GAME:
        service.on_news(each)
    service.on_news(news(Topic.LINKS, link(odds_event_id="other")))
    assert told.watched == {}
    service.on_news(news(Topic.ODDS, offered(), EVENT_ID))
    assert told.watched == {}


@pytest.mark.parametrize(
    ("status", "open_"), [(MarketStatus.ACTIVE, True), (MarketStatus.PAUSED, False), (None, False)]
)
def test_only_a_market_that_is_said_to_be_active_is_open(
    status: MarketStatus | None, open_: bool
) -> None:
    service, told = detection()
    for each in (news(Topic.MARKETS, listed(status=status)), *GAME[1:]):
        service.on_news(each)
    assert told.watched[BUF].open is open_


def test_a_start_that_moved_since_an_earlier_look_is_marked() -> None:
    service, told = detection()
    moved = offered(starts_seen=(START - HOUR,))
    for each in (*GAME[:2], news(Topic.ODDS, moved, EVENT_ID)):
        service.on_news(each)
    assert told.watched[BUF].start_moved
    same = offered(starts_seen=(START - HOUR, START))
    service.on_news(news(Topic.ODDS, same, EVENT_ID))
    assert not told.watched[BUF].start_moved


BOTH_MARKETS = (
    News(Topic.MARKETS, {BUF: listed(), HOU: listed(HOU)}),
    News(Topic.LINKS, {BUF: link(), HOU: link(HOU, HOME)}),
    GAME[2],
)
ODD_QUOTES = {BUF: quote(4_700, 4_800), HOU: quote(7_400, 7_500, ticker=HOU)}


def test_siblings_that_do_not_add_up_are_quarantined_until_they_do() -> None:
    quotes = dict(ODD_QUOTES)
    service, told = detection(quotes=quotes)
    for each in BOTH_MARKETS:
        service.on_news(each)
    service.check_siblings()
    assert [told.watched[t].quarantined for t in (BUF, HOU)] == [True, True]
    quotes[HOU] = quote(5_200, 5_300, ticker=HOU)
    service.check_siblings()
    assert [told.watched[t].quarantined for t in (BUF, HOU)] == [False, False]


@pytest.mark.parametrize(("now", "compared"), [(START - 1, True), (START, False)])
def test_the_prices_of_siblings_are_compared_before_the_start_only(
    now: Nanos, compared: bool
) -> None:
    service, told = detection(quotes=ODD_QUOTES, now=now)
    for each in BOTH_MARKETS:
        service.on_news(each)
    service.check_siblings()
    assert [told.watched[t].quarantined for t in (BUF, HOU)] == [compared, compared]


def test_every_market_that_is_not_joined_has_its_reason() -> None:
    service, _ = detection()
    unlinked = NoLink(
        ticker=HOU,
        event_ticker=LISTING.event_ticker,
        league=League.NFL,
        reason=Unlinked.NO_SUCH_FIXTURE,
        detail="",
    )
    service.on_news(
        News(Topic.MARKETS, {BUF: listed(), HOU: listed(HOU), "KXNFLGAME-X": listed("KXNFLGAME-X")})
    )
    service.on_news(News(Topic.LINKS, {BUF: link(), HOU: unlinked}))
    assert service.unjoined() == {
        ("odds", "no_odds_now"): 1,
        ("link", "no_such_fixture"): 1,
        ("link", "not_yet_linked"): 1,
    }


def test_the_fee_that_the_exchange_lists_for_the_series_is_used() -> None:
    service, told = detection()
    half = Series(ticker="KXNFLGAME", title="", fee_type="quadratic", fee_multiplier="0.5")
    service.on_news(news(Topic.MARKETS, msgspec.structs.replace(listed(), series=half)))
    for each in GAME[1:]:
        service.on_news(each)
    assert told.watched[BUF].terms.multiplier == 5_000
