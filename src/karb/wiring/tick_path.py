"""The way from a text to a signal, wired: live prices and the detector behind them.

Each calls the other, by plain calls and never across a task: the detector announces which
prices matter, the prices hand it the ones that do.
"""

from collections.abc import Callable
from typing import NamedTuple

from karb.adapters.kalshi.frames import Ignored
from karb.adapters.kalshi.live import LivePrices
from karb.adapters.kalshi.wire import Frame
from karb.domain.edge.bounds import Thresholds
from karb.domain.edge.detector import EdgeDetector, Sink
from karb.domain.edge.evaluate import NewId
from karb.domain.edge.profile import Profile
from karb.domain.edge.situation import Caps
from karb.domain.market.messages import Quote
from karb.domain.units import Nanos


class WiredTicks(NamedTuple):
    """Texts go into `prices.on_text`; markets, consensus and holdings into `detector`."""

    prices: LivePrices
    detector: EdgeDetector

    def lose_feed(self) -> None:
        """The connection ended: forget what it sent first, so that nothing judges it again."""
        self.prices.lose()
        self.detector.lose_feed()


def wire_ticks(
    profile: Profile,
    caps: Caps,
    *,
    sink: Sink,
    refused: Sink,
    new_id: NewId,
    now: Callable[[], Nanos],
    on_gap: Callable[[int], object],
    on_frame: Callable[[Frame | Ignored], object],
) -> WiredTicks:
    """Detection for one profile; gaps and frames that are not prices go to their takers."""

    def announce(ticker: str, limits: Thresholds | None, alert: bool) -> None:
        prices.announce(ticker, limits, alert)

    def newest(ticker: str) -> Quote | None:
        return prices.newest(ticker)

    detector = EdgeDetector(
        profile,
        caps,
        sink=sink,
        refused=refused,
        new_id=new_id,
        now=now,
        announce=announce,
        newest=newest,
    )
    prices = LivePrices(
        on_quote=detector.on_quote,
        on_gone=detector.on_gone,
        on_gap=on_gap,
        on_frame=on_frame,
        now=now,
    )
    return WiredTicks(prices, detector)
