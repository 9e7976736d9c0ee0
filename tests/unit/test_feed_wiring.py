"""Texts of the exchange wired to the list of markets: when the list is asked for again."""

from typing import Any

import pytest

from kalshi_texts import TICKER, frame
from karb.adapters.kalshi.live import LivePrices
from karb.wiring.feed import News

LIFECYCLE_SID, TRADES_SID = 4, 5


def nobody(*_news: object) -> None:
    """Nobody listens."""


class Wired:
    """A connection whose channels are subscribed to; `again` counts calls for the list."""

    def __init__(self) -> None:
        self.again = 0
        self.missed: list[int] = []
        news = News(lambda: 1)
        news.relist, news.gap = self.relist, self.missed.append
        self.prices = LivePrices(
            on_quote=nobody,
            on_gone=nobody,
            on_gap=news.on_gap,
            on_frame=news.on_frame,
            now=lambda: 1,
        )
        self.subscribed("trade", TRADES_SID)
        self.subscribed("market_lifecycle_v2", LIFECYCLE_SID)

    def relist(self) -> None:
        self.again += 1

    def subscribed(self, channel: str, sid: int) -> None:
        self.prices.on_text(frame("subscribed", {"channel": channel, "sid": sid}, id=1))

    def hear(self, kind: str, sid: int, seq: int, **body: Any) -> None:
        self.prices.on_text(frame(kind, body, sid=sid, seq=seq))


def lifecycle(wired: Wired, seq: int) -> None:
    wired.hear(
        "market_lifecycle_v2",
        LIFECYCLE_SID,
        seq,
        market_ticker=TICKER,
        event_type="metadata_updated",
    )


@pytest.fixture
def wired() -> Wired:
    return Wired()


def test_the_list_is_asked_again_whenever_news_of_markets_begin_to_come(wired: Wired) -> None:
    """What happened before that, on no connection or on the last one, only the list tells."""
    assert wired.again == 1
    wired.prices.lose()
    wired.subscribed("trade", TRADES_SID)
    wired.subscribed("market_lifecycle_v2", LIFECYCLE_SID + 7)
    assert wired.again == 2


def test_the_list_is_asked_again_when_news_of_markets_were_missed(wired: Wired) -> None:
    lifecycle(wired, 1)
    lifecycle(wired, 2)
    assert wired.again == 1
    lifecycle(wired, 5)
    assert (wired.again, wired.missed) == (2, [LIFECYCLE_SID])


def test_missed_trades_are_no_reason_to_ask_for_the_list(wired: Wired) -> None:
    for seq in (1, 5):
        wired.hear("event_fee_other", TRADES_SID, seq)
    assert (wired.again, wired.missed) == (1, [TRADES_SID])


def test_a_changed_fee_is_read_from_the_list(wired: Wired) -> None:
    wired.hear("event_fee_update", LIFECYCLE_SID, 1)
    assert wired.again == 2
