"""Text path and detector together: what the one ends, the other does not bring back."""

import json

from karb.domain.edge.signal import Action, Signal
from karb.domain.units import DOLLAR
from karb.wiring.tick_path import WiredTicks
from perf.messages import ticks
from perf.ours import tick_path
from situations import fair


def signalling() -> tuple[WiredTicks, list[Signal], bytes, str]:
    """A wired path, and a text that has just made a signal, with its market."""
    stream = ticks(2_000, among=5, share=0.05)
    signals: list[Signal] = []
    wired = tick_path(stream, signals.append)
    for text in stream.texts:
        wired.prices.on_text(text)
        if signals:
            return wired, signals, text, json.loads(text)["msg"]["market_ticker"]
    raise AssertionError("no text made a signal")


def test_a_new_consensus_judges_the_newest_tick_again_but_none_of_a_lost_feed() -> None:
    wired, signals, text, name = signalling()
    quote = signals[0].kalshi
    assert quote.yes_bid is not None
    yes, no = (fair(quote.yes_bid / DOLLAR + off, books=4, spread=0.01) for off in (0.1, -0.1))
    wired.detector.join(name, no if signals[0].action is Action.BUY_YES else yes)
    assert len(signals) == 2
    wired.lose_feed()
    for consensus in (yes, no):
        wired.detector.join(name, consensus)
    assert len(signals) == 2
    wired.prices.on_text(text)
    assert len(signals) == 3


def test_a_market_that_the_detector_forgets_makes_no_more_signals_and_is_still_recorded() -> None:
    wired, signals, text, name = signalling()
    wired.prices.take_ticks(10_000)
    wired.detector.forget(name)
    wired.prices.on_text(text)
    assert len(signals) == 1
    assert [tick.quote.ticker for tick in wired.prices.take_ticks(10)] == [name]
