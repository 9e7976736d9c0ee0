"""Live prices and detector together: what the one ends, the other does not bring back."""

import pytest

from kalshi_texts import frame, ticker
from karb.domain.edge.signal import Action, Signal
from karb.domain.units import MILLISECOND
from karb.wiring.tick_path import wire_ticks
from situations import CAPS, LISTING, NOW, fair, new_id, profile

NAME = LISTING.ticker


class Wired:
    """A market whose book and volume make a signal, and a clock that a test turns."""

    def __init__(self) -> None:
        self.time = NOW
        self.signals: list[Signal] = []
        self.prices, self.detector = self.ticks = wire_ticks(
            profile(),
            CAPS,
            sink=self.signals.append,
            refused=nobody,
            new_id=new_id,
            now=lambda: self.time,
            on_gap=nobody,
            on_frame=nobody,
        )
        self.prices.follow([NAME])
        self.detector.update([LISTING], {})
        self.detector.update([], {NAME: fair()})
        self.tick()
        self.snapshot()

    def tick(self) -> None:
        told = {"yes_bid_dollars": "0.4700", "yes_ask_dollars": "0.4800", "volume_fp": "6000.00"}
        self.prices.on_text(ticker(market_ticker=NAME, **told))

    def snapshot(self) -> None:
        levels = {
            "yes_dollars_fp": [["0.4700", "500.00"]],
            "no_dollars_fp": [["0.5200", "500.00"]],
        }
        text = frame("orderbook_snapshot", {"market_ticker": NAME, **levels}, sid=3, seq=1)
        self.prices.on_text(text)

    def later(self) -> None:
        """The next window, on a feed that lives."""
        self.time += 200 * MILLISECOND
        self.detector.feed_alive_at = self.time

    def actions(self) -> list[Action]:
        return [signal.action for signal in self.signals]


def nobody(*_news: object) -> None:
    """Nobody listens."""


@pytest.fixture
def wired() -> Wired:
    made = Wired()
    assert made.actions() == [Action.BUY_YES]
    made.later()
    return made


def test_a_new_consensus_judges_the_book_again_but_none_of_a_lost_feed(wired: Wired) -> None:
    dear, cheap = fair(0.40), fair()
    wired.detector.update([], {NAME: dear})
    assert wired.actions() == [Action.BUY_YES, Action.BUY_NO]
    wired.ticks.lose_feed()
    for consensus in (cheap, dear, cheap):
        wired.later()
        wired.detector.update([], {NAME: consensus})
    assert len(wired.signals) == 2
    wired.snapshot()
    assert wired.actions() == [Action.BUY_YES, Action.BUY_NO, Action.BUY_YES]


def test_a_market_that_the_detector_forgets_makes_no_more_signals_and_is_still_recorded(
    wired: Wired,
) -> None:
    wired.prices.take_ticks(10)
    wired.detector.forget(NAME)
    wired.tick()
    assert len(wired.signals) == 1
    assert [tick.quote.ticker for tick in wired.prices.take_ticks(10).ticks] == [NAME]
