"""Live prices: what may be decided on stands on a LIVE book, whatever the ticks say."""

from dataclasses import dataclass, field

import pytest

from kalshi_texts import TICKER, frame, ticker
from karb.adapters.kalshi.live import MOST_TICKS, LivePrices
from karb.domain.edge.bounds import Thresholds
from karb.domain.market.messages import Quote
from karb.ports import Taken
from text_paths import text_path

NOW = 7
SID = 3


@dataclass
class Heard:
    """What the prices have handed on."""

    quotes: list[Quote] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def live_prices() -> tuple[LivePrices, Heard]:
    heard = Heard()
    prices = LivePrices(
        on_quote=heard.quotes.append,
        on_gone=heard.gone.append,
        on_gap=lambda _sid: None,
        on_frame=lambda _frame: None,
        now=lambda: NOW,
    )
    prices.follow([TICKER])
    return prices, heard


def snapshot(seq: int, yes: str, no: str) -> bytes:
    body = {
        "market_ticker": TICKER,
        "yes_dollars_fp": [[yes, "300.00"]],
        "no_dollars_fp": [[no, "20.00"]],
    }
    return frame("orderbook_snapshot", body, sid=SID, seq=seq)


def delta(seq: int, side: str, price: str, change: str) -> bytes:
    body = {"market_ticker": TICKER, "price_dollars": price, "delta_fp": change, "side": side}
    return frame("orderbook_delta", {**body, "ts_ms": 1_790_000_000_000}, sid=SID, seq=seq)


WIDE = Thresholds(ask=5_500, bid=6_000)


def test_a_tick_is_judged_by_the_book_with_the_volume_of_the_tick() -> None:
    prices, heard = live_prices()
    prices.on_text(snapshot(1, "0.4700", "0.4600"))
    prices.announce(TICKER, WIDE, alert=False)
    prices.on_text(ticker(yes_bid_dollars="0.4000", yes_ask_dollars="0.5000", volume_fp="12.00"))
    [quote] = heard.quotes
    assert (quote.yes_bid, quote.yes_ask, quote.volume) == (4_700, 5_400, 1_200)


def test_a_tick_of_a_market_whose_book_is_not_live_is_no_price() -> None:
    prices, heard = live_prices()
    prices.announce(TICKER, WIDE, alert=False)
    prices.on_text(ticker())
    assert heard.quotes == []
    prices.on_text(snapshot(1, "0.4700", "0.4600"))
    assert len(heard.quotes) == 1
    prices.on_text(delta(5, "yes", "0.4800", "1.00"))
    prices.on_text(ticker())
    assert (len(heard.quotes), prices.newest(TICKER)) == (1, None)


def test_a_gap_takes_the_edge_away_at_once_and_tells_others_that_the_book_is_lost() -> None:
    prices, heard = live_prices()
    prices.on_text(snapshot(1, "0.4700", "0.4600"))
    prices.announce(TICKER, WIDE, alert=True)
    prices.take_changed()
    prices.on_text(delta(5, "yes", "0.4800", "1.00"))
    assert set(heard.gone) == {TICKER}
    assert prices.take_changed() == {TICKER}


def test_a_change_of_the_book_within_the_bounds_is_judged_and_others_are_not() -> None:
    prices, heard = live_prices()
    prices.on_text(snapshot(1, "0.4700", "0.4400"))
    prices.announce(TICKER, WIDE, alert=False)
    prices.on_text(delta(2, "yes", "0.4800", "5.00"))
    assert heard.quotes == []
    prices.on_text(delta(3, "no", "0.4500", "5.00"))
    assert [quote.yes_ask for quote in heard.quotes] == [5_500]
    assert heard.quotes[0].ts_event == 1_790_000_000_000 * 1_000_000


def test_an_alert_market_hears_that_its_edge_is_gone_from_the_book() -> None:
    prices, heard = live_prices()
    prices.on_text(snapshot(1, "0.4700", "0.4600"))
    prices.announce(TICKER, WIDE, alert=True)
    prices.on_text(delta(2, "no", "0.4600", "-20.00"))
    assert (heard.quotes, heard.gone) == ([], [TICKER])


def test_every_followed_tick_is_kept_for_the_record_once_and_in_order() -> None:
    prices, _ = live_prices()
    prices.on_text(ticker(price_dollars="0.4800"))
    prices.on_text(ticker(price_dollars="0.4900"))
    prices.on_text(ticker(market_ticker="KXNFLGAME-26SEP21AB-A"))
    (first, second), _ = prices.take_ticks(10)
    assert (first.last_price, second.last_price) == (4_800, 4_900)
    assert first.quote.ts_recv == NOW
    assert prices.take_ticks(10) == Taken([], left=0)


def test_a_tick_that_cannot_be_true_is_counted_and_not_recorded() -> None:
    prices, _ = live_prices()
    prices.on_text(ticker(yes_bid_dollars="0.1000", yes_ask_dollars="0.9000", price_dollars="7"))
    assert (prices.take_ticks(10), prices.unreadable) == (Taken([], left=0), 1)


def test_whoever_takes_ticks_hears_how_many_are_left_whether_or_not_they_can_be_read() -> None:
    prices, _ = live_prices()
    prices.on_text(ticker(ts_ms=None))
    prices.on_text(ticker())
    prices.on_text(ticker())
    assert prices.take_ticks(1) == Taken([], left=2)
    ticks, left = prices.take_ticks(1)
    assert (len(ticks), left) == (1, 1)


def test_ticks_that_nobody_takes_make_room_for_newer_ones_and_are_counted() -> None:
    prices, _ = live_prices()
    for number in range(MOST_TICKS + 3):
        prices.on_text(ticker(volume_fp=f"{number}.00"))
    (first,), left = prices.take_ticks(1)
    assert (first.quote.volume, left, prices.lost) == (300, MOST_TICKS - 1, 3)


def test_what_changed_is_told_once_and_a_lost_connection_changes_every_book() -> None:
    prices, _ = live_prices()
    prices.on_text(snapshot(1, "0.4700", "0.4600"))
    assert prices.take_changed() == {TICKER}
    assert prices.take_changed() == set()
    quoted = prices.quoted(TICKER)
    assert quoted is not None
    assert quoted.live
    prices.lose()
    assert prices.take_changed() == {TICKER}
    lost = prices.quoted(TICKER)
    assert lost is not None
    assert (lost.live, lost.quote.yes_ask) == (False, None)


def test_a_market_that_is_followed_no_longer_leaves_nothing_behind() -> None:
    prices, heard = live_prices()
    prices.on_text(snapshot(1, "0.4700", "0.4600"))
    prices.announce(TICKER, WIDE, alert=False)
    prices.unfollow([TICKER])
    prices.on_text(ticker())
    prices.on_text(delta(2, "no", "0.4700", "5.00"))
    assert (prices.quoted(TICKER), prices.take_changed(), heard.quotes) == (None, set(), [])


def test_a_market_that_nobody_follows_is_not_followed_because_it_is_watched_no_longer() -> None:
    prices, _ = live_prices()
    prices.announce("OTHER", None, alert=False)
    prices.on_text(ticker(market_ticker="OTHER"))
    assert (prices.take_ticks(10), prices.path.unknown) == (Taken([], left=0), 1)


@pytest.mark.parametrize(
    "end",
    [
        frame("error", {"code": 25, "msg": "buffer overflow"}, sid=SID, seq=2),
        frame("unsubscribed", {}, sid=SID, seq=2),
        frame("subscribed", {"channel": "orderbook_delta", "sid": SID}, id=1),
    ],
)
def test_the_end_of_a_subscription_takes_every_edge_of_its_books_away(end: bytes) -> None:
    prices, heard = live_prices()
    prices.on_text(snapshot(1, "0.4700", "0.4600"))
    prices.announce(TICKER, WIDE, alert=True)
    prices.take_changed()
    prices.on_text(end)
    assert set(heard.gone) == {TICKER}
    assert prices.take_changed() == {TICKER}
    assert prices.newest(TICKER) is None


def test_a_tick_with_a_price_that_is_told_in_cents_only_is_read() -> None:
    path, heard = text_path()
    path.announce(TICKER, Thresholds(ask=4_000, bid=5_200), alert=False)
    path.on_text(ticker(yes_ask_dollars="0.5500", yes_bid_dollars=None, yes_bid=54))
    path.on_text(ticker(yes_ask_dollars=None, yes_ask=38, yes_bid_dollars="0.3700"))
    assert [(each.yes_bid, each.yes_ask) for each in heard.quotes] == [
        (5_400, 5_500),
        (3_700, 3_800),
    ]
