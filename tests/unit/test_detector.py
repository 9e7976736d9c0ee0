"""Per-tick detection: one evaluation per window, the newest state, no repeats."""

from collections.abc import Callable

import msgspec
import pytest

from karb.domain.edge.bounds import CLOSED, Thresholds
from karb.domain.edge.detector import EdgeDetector
from karb.domain.edge.signal import Action, Signal
from karb.domain.edge.situation import Holdings
from karb.domain.market.messages import Quote
from karb.domain.units import HOUR, MILLISECOND, SECOND
from situations import CAPS, LISTING, NOW, fair, new_id, profile, quote

GOOD, GONE = quote(4_700, 4_800), quote(5_300, 5_400)


class Bench:
    """A detector on one market with a clock that a test turns."""

    def __init__(self) -> None:
        self.time = NOW
        self.signals: list[Signal] = []
        self.limits: dict[str, Thresholds | None] = {}
        self.refused: list[Signal] = []
        self.forget_after_a_signal: tuple[str, ...] = ()
        self._alert = False
        self.newest: Quote | None = None
        self.on_signal: Callable[[], None] = lambda: None
        self.detector = EdgeDetector(
            profile(),
            CAPS,
            sink=self.take,
            new_id=new_id,
            now=lambda: self.time,
            announce=self.hear,
            newest=lambda _ticker: self.newest,
            refused=self.refused.append,
        )
        self.detector.update([LISTING], {})
        self.detector.update([], {LISTING.ticker: fair()})

    def take(self, signal: Signal) -> None:
        self.signals.append(signal)
        self.on_signal()
        for ticker in self.forget_after_a_signal:
            self.detector.forget(ticker)

    def hear(self, ticker: str, limits: Thresholds | None, alert: bool) -> None:
        self.limits[ticker] = limits
        self._alert = alert

    def alert(self) -> bool:
        return self._alert

    def tick(self, made: Quote, after_ms: int = 0) -> None:
        self.time += after_ms * MILLISECOND
        self.detector.on_quote(made)

    def wait(self, ms: int) -> int | None:
        self.time += ms * MILLISECOND
        return self.detector.on_time()

    @property
    def bounds(self) -> Thresholds:
        limits = self.limits[LISTING.ticker]
        assert limits is not None
        return limits

    def reasons(self) -> dict[str, int]:
        return {reason: count for (_, reason), count in self.detector.take_refusals().items()}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_good_tick_is_a_signal_at_once(bench: Bench) -> None:
    bench.tick(GOOD)
    assert [signal.action for signal in bench.signals] == [Action.BUY_YES]


def test_within_the_window_only_the_newest_state_is_evaluated_at_its_end(bench: Bench) -> None:
    bench.tick(GOOD)
    bench.tick(quote(4_600, 4_700), after_ms=10)
    bench.tick(quote(4_500, 4_600), after_ms=10)
    assert len(bench.signals) == 1
    due = bench.wait(79)
    assert due == NOW + 100 * MILLISECOND
    assert bench.wait(1) is None
    assert [s.edge and s.edge.price for s in bench.signals] == [4_800, 4_600]


def test_an_edge_that_is_gone_when_the_window_ends_is_no_signal(bench: Bench) -> None:
    bench.tick(GOOD)
    bench.tick(quote(4_600, 4_700), after_ms=10)
    bench.tick(GONE, after_ms=10)
    bench.wait(100)
    assert len(bench.signals) == 1


def test_a_signal_repeats_only_when_price_size_or_side_changes(bench: Bench) -> None:
    bench.tick(GOOD)
    bench.tick(GOOD, after_ms=200)
    assert len(bench.signals) == 1
    bench.tick(quote(4_600, 4_700), after_ms=200)
    bench.tick(quote(4_600, 4_700, yes_ask_size=400), after_ms=200)
    assert [s.recommended_contracts for s in bench.signals] == [10, 10, 4]


def test_an_edge_that_went_and_came_back_is_new(bench: Bench) -> None:
    bench.tick(GOOD)
    bench.tick(GONE, after_ms=200)
    bench.tick(GOOD, after_ms=200)
    assert len(bench.signals) == 2


def test_a_market_is_alert_while_a_signal_is_out_or_a_state_waits(bench: Bench) -> None:
    assert not bench.alert()
    bench.tick(GOOD)
    assert bench.alert()
    bench.tick(GONE, after_ms=200)
    assert not bench.alert()
    bench.tick(GOOD, after_ms=200)
    bench.tick(quote(4_600, 4_700), after_ms=10)
    bench.detector.on_gone(LISTING.ticker)
    assert not bench.alert()
    assert bench.wait(200) is None
    assert len(bench.signals) == 2


def test_without_a_consensus_or_with_too_few_books_no_tick_can_matter(bench: Bench) -> None:
    bench.detector.update([], {LISTING.ticker: None})
    assert bench.bounds == CLOSED
    bench.tick(GOOD)
    bench.detector.update([], {LISTING.ticker: fair(books=2)})
    assert bench.bounds == CLOSED
    bench.tick(GOOD, after_ms=200)
    assert bench.signals == []


def test_a_new_consensus_moves_the_bounds(bench: Bench) -> None:
    before = bench.bounds
    bench.detector.update([], {LISTING.ticker: fair(0.60)})
    assert bench.bounds.ask == before.ask + 500


def test_a_new_consensus_judges_the_newest_quote_of_a_quiet_market(bench: Bench) -> None:
    bench.newest = GONE
    bench.detector.update([], {LISTING.ticker: fair(0.62)})
    assert [s.edge and s.edge.price for s in bench.signals] == [5_400]


def test_a_consensus_that_takes_the_edge_away_ends_the_signal(bench: Bench) -> None:
    bench.tick(GOOD)
    bench.newest = GOOD
    bench.time += 200 * MILLISECOND
    bench.detector.update([], {LISTING.ticker: fair(0.50)})
    assert not bench.alert()
    bench.detector.update([], {LISTING.ticker: None})
    assert bench.bounds == CLOSED
    assert len(bench.signals) == 1


def test_what_is_held_is_seen_by_the_next_tick(bench: Bench) -> None:
    bench.detector.hold(LISTING.ticker, Holdings(committed_no=100))
    bench.tick(GOOD)
    assert bench.signals == []
    assert bench.reasons() == {"opposing": 1}


def test_a_market_that_is_forgotten_closes_its_bounds_and_ignores_ticks(bench: Bench) -> None:
    bench.tick(GOOD)
    bench.tick(quote(4_600, 4_700), after_ms=10)
    bench.detector.forget(LISTING.ticker)
    assert bench.limits[LISTING.ticker] is None
    bench.detector.update([], {LISTING.ticker: fair()})
    bench.detector.hold(LISTING.ticker, Holdings())
    bench.wait(200)
    bench.tick(quote(4_500, 4_600))
    assert len(bench.signals) == 1


def test_a_moved_start_stops_a_market_that_had_a_signal(bench: Bench) -> None:
    bench.tick(GOOD)
    bench.detector.update([msgspec.structs.replace(LISTING, start_moved=True)], {})
    bench.tick(quote(4_600, 4_700), after_ms=200)
    assert len(bench.signals) == 1
    assert bench.reasons() == {"started": 1}


def test_a_quote_that_waited_in_a_backlog_is_stale(bench: Bench) -> None:
    bench.tick(quote(ts_recv=NOW - 3 * SECOND))
    assert bench.signals == []
    assert bench.reasons() == {"stale_quote": 1}


def test_a_quiet_market_is_as_fresh_as_its_feed(bench: Bench) -> None:
    """A price that has not changed for an hour is the price now, while the feed lives."""
    bench.detector.feed_alive_at = NOW
    bench.tick(quote(ts_recv=NOW - HOUR))
    assert [signal.quote_age for signal in bench.signals] == [0]


def test_when_the_feed_is_lost_no_state_from_before_is_decided_on(bench: Bench) -> None:
    bench.tick(GOOD)
    bench.tick(quote(4_600, 4_700), after_ms=10)
    bench.detector.lose_feed()
    assert not bench.alert()
    assert bench.wait(200) is None
    assert len(bench.signals) == 1


def test_a_refusal_is_told_when_its_reason_changes_and_counted_every_time(bench: Bench) -> None:
    wide = quote(3_600, 4_800)
    bench.tick(wide)
    bench.tick(wide, after_ms=200)
    bench.tick(quote(volume=0), after_ms=200)
    assert [signal.reasons[0].name for signal in bench.refused] == ["kalshi_spread", "volume"]
    assert bench.reasons() == {"kalshi_spread": 2, "volume": 1}
    assert bench.reasons() == {}


def test_new_terms_and_new_holdings_judge_the_newest_quote_too(bench: Bench) -> None:
    bench.detector.hold(LISTING.ticker, Holdings(committed_no=100))
    bench.newest = GOOD
    bench.detector.update([LISTING], {})
    assert bench.signals == []
    bench.time += 200 * MILLISECOND
    bench.detector.hold(LISTING.ticker, Holdings())
    assert len(bench.signals) == 1


def test_a_receiver_may_forget_other_markets_while_windows_end(bench: Bench) -> None:
    other = msgspec.structs.replace(LISTING, ticker="OTHER")
    bench.detector.update([other], {})
    bench.detector.update([], {"OTHER": fair()})
    for ticker in (LISTING.ticker, "OTHER"):
        bench.tick(quote(ticker=ticker))
        bench.tick(quote(4_600, 4_700, ticker=ticker))

    bench.forget_after_a_signal = (LISTING.ticker, "OTHER")
    assert bench.wait(200) is None
    assert len(bench.signals) == 3


def test_a_clock_that_is_set_back_delays_by_a_window_at_most(bench: Bench) -> None:
    bench.tick(GOOD)
    bench.tick(quote(4_600, 4_700), after_ms=-3_600_000)
    assert bench.detector.due == bench.time + 100 * MILLISECOND


def test_a_state_that_waits_when_the_clock_is_set_back_is_judged_all_the_same(
    bench: Bench,
) -> None:
    bench.tick(GOOD)
    bench.tick(quote(4_600, 4_700), after_ms=10)
    assert bench.wait(-3_600_000) is None
    assert [s.edge and s.edge.price for s in bench.signals] == [4_800, 4_700]
    bench.tick(GOOD, after_ms=200)
    assert len(bench.signals) == 3


def test_what_is_held_outlives_the_watch_of_its_market(bench: Bench) -> None:
    bench.detector.hold(LISTING.ticker, Holdings(committed_no=5_000))
    bench.detector.forget(LISTING.ticker)
    bench.detector.update([LISTING], {})
    bench.detector.update([], {LISTING.ticker: fair()})
    bench.tick(GOOD)
    assert bench.signals == []
    assert [signal.reasons[0].name for signal in bench.refused] == ["opposing"]


def test_a_state_that_waits_because_of_a_signal_just_taken_is_judged_at_its_time(
    bench: Bench,
) -> None:
    bench.tick(GOOD)
    bench.newest = quote(4_600, 4_700)
    bench.tick(quote(4_600, 4_700), after_ms=50)
    filled = Holdings(committed_yes=10_000)
    bench.on_signal = lambda: bench.detector.hold(LISTING.ticker, filled)
    assert bench.wait(60) is not None
    bench.wait(110)
    assert bench.reasons() == {"caps": 1}
