"""The detector exactly at its bounds: of time, of price, and of what it tells."""

import pytest

from karb.domain.edge.bounds import Thresholds
from karb.domain.edge.detector import EdgeDetector
from karb.domain.edge.profile import Guard, Profile
from karb.domain.edge.signal import Action, Signal
from karb.domain.market.messages import Quote
from karb.domain.units import MILLISECOND, Nanos
from situations import CAPS, LISTING, NOW, fair, new_id, profile, quote

GOOD = quote(4_700, 4_800)


class Bench:
    """A detector on one market; `limits` are the last ones it announced."""

    def __init__(self, rules: Profile | None = None, **consensus: float) -> None:
        self.time: Nanos = NOW
        self.signals: list[Signal] = []
        self.refused: list[str] = []
        self.limits: Thresholds | None = None
        self.detector = EdgeDetector(
            rules or profile(),
            CAPS,
            sink=self.signals.append,
            new_id=new_id,
            now=lambda: self.time,
            announce=self.hear,
            refused=lambda signal: self.refused.append(signal.reasons[0].name),
        )
        self.detector.update([LISTING], {})
        self.detector.update([], {LISTING.ticker: fair(0.55, **consensus)})

    def hear(self, ticker: str, limits: Thresholds | None, _alert: bool) -> None:
        assert ticker == LISTING.ticker
        self.limits = limits

    def tick(self, made: Quote, after: Nanos = 0) -> None:
        self.time += after
        self.detector.on_quote(made)


@pytest.mark.parametrize(("after", "signals"), [(100 * MILLISECOND, 2), (100 * MILLISECOND - 1, 1)])
def test_a_window_ends_after_exactly_100_milliseconds(after: Nanos, signals: int) -> None:
    bench = Bench()
    bench.tick(GOOD)
    bench.tick(quote(4_600, 4_700), after)
    assert len(bench.signals) == signals


@pytest.mark.parametrize(
    ("at_limit", "beyond", "action"),
    [
        (quote(4_900, 5_000), quote(4_901, 5_001), Action.BUY_YES),
        (quote(6_000, 6_100), quote(5_999, 6_099), Action.BUY_NO),
    ],
)
def test_a_price_exactly_at_the_bound_is_judged_and_one_beyond_it_not(
    at_limit: Quote, beyond: Quote, action: Action
) -> None:
    """Worth 55 with 5 wanted: an ask of 50, or a bid of 60."""
    bench = Bench()
    assert bench.limits == Thresholds(ask=5_000, bid=6_000)
    bench.tick(beyond)
    assert (bench.signals, bench.refused) == ([], [])
    bench.tick(at_limit)
    assert [signal.action for signal in bench.signals] == [action]


def test_without_the_net_guard_the_bounds_are_those_of_the_gross_edge() -> None:
    gross = profile(guards=frozenset(Guard) - {Guard.NET_EDGE})
    assert Bench(gross, low=0.45, high=0.65).limits == Thresholds(ask=5_000, bid=6_000)
    with_guard = Bench(low=0.45, high=0.65).limits
    assert with_guard is not None
    assert (with_guard.ask < 5_000, with_guard.bid > 6_000) == (True, True)


def test_a_reason_is_told_once_and_again_after_a_signal() -> None:
    bench = Bench()
    shallow = quote(4_700, 4_800, yes_ask_size=0)
    for made in (shallow, shallow, GOOD, shallow):
        bench.tick(made, 200 * MILLISECOND)
    assert len(bench.signals) == 1
    assert bench.refused == ["depth", "depth"]
