"""Prices of another process: only what stands on a live book and an unbroken line counts."""

from karb.domain.edge.bounds import Thresholds
from karb.domain.market.messages import Quote
from karb.ports import News, Quoted, Topic
from karb.services.followed import FollowedPrices
from situations import LISTING, NOW, quote

TICKER = LISTING.ticker
NEAR = Thresholds(ask=4_800, bid=9_000)


class Heard:
    """The detector's ears."""

    def __init__(self) -> None:
        self.quotes: list[Quote] = []
        self.gone: list[str] = []
        self.prices = FollowedPrices(
            on_quote=self.quotes.append, on_gone=self.gone.append, now=lambda: NOW
        )

    def tell(self, quoted: Quoted | None, *, whole: bool = False) -> None:
        self.prices.on_news(News(Topic.QUOTES, {TICKER: quoted}, whole=whole))


def test_only_prices_within_the_bounds_reach_the_detector() -> None:
    heard = Heard()
    heard.tell(Quoted(quote(4_700, 4_800), live=True))
    assert heard.quotes == []
    heard.prices.announce(TICKER, NEAR, alert=False)
    heard.tell(Quoted(quote(4_700, 4_800), live=True))
    heard.tell(Quoted(quote(4_700, 4_900), live=True))
    assert heard.quotes == [quote(4_700, 4_800)]
    assert heard.gone == []


def test_a_book_that_is_not_live_offers_nothing_and_takes_an_edge_away() -> None:
    heard = Heard()
    heard.prices.announce(TICKER, NEAR, alert=True)
    heard.tell(Quoted(quote(4_700, 4_800), live=False))
    assert (heard.quotes, heard.gone, heard.prices.newest(TICKER)) == ([], [TICKER], None)


def test_a_market_that_is_not_in_the_whole_table_any_more_is_gone() -> None:
    heard = Heard()
    heard.prices.announce(TICKER, NEAR, alert=True)
    heard.tell(Quoted(quote(4_700, 4_800), live=True))
    heard.prices.on_news(News(Topic.QUOTES, {}, whole=True))
    assert (heard.gone, heard.prices.newest(TICKER)) == ([TICKER], None)


def test_after_a_broken_line_nothing_heard_before_counts() -> None:
    heard = Heard()
    heard.tell(Quoted(quote(4_700, 4_800), live=True))
    heard.prices.lose()
    assert heard.prices.newest(TICKER) is None


def test_a_sign_of_life_without_news_keeps_prices_fresh() -> None:
    heard = Heard()
    assert heard.prices.alive_at == 0
    heard.prices.on_news(News(Topic.QUOTES, {}))
    assert heard.prices.alive_at == NOW
