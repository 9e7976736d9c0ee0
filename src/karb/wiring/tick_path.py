"""The way from a text to a signal, wired: the path of texts and the detector behind it.

Each calls the other, by plain calls and never across a task: the detector announces which
prices matter, the path hands it the ticks that do.
"""

from collections.abc import Callable
from typing import NamedTuple

from karb.adapters.kalshi.frames import Ignored
from karb.adapters.kalshi.texts import TextPath
from karb.adapters.kalshi.wire import Frame
from karb.domain.edge.bounds import Thresholds
from karb.domain.edge.detector import EdgeDetector, Sink
from karb.domain.edge.evaluate import NewId
from karb.domain.edge.profile import Profile
from karb.domain.edge.situation import Caps
from karb.domain.market.book import Book
from karb.domain.market.messages import Quote
from karb.domain.units import Nanos


class WiredTicks(NamedTuple):
    """Texts go into `path.on_text`; markets, consensus and holdings into `detector`."""

    path: TextPath
    detector: EdgeDetector

    def lose_feed(self) -> None:
        """The connection ended: forget what it sent first, so that nothing judges it again."""
        self.path.lose()
        self.detector.lose_feed()


def wire_ticks(
    profile: Profile,
    caps: Caps,
    *,
    sink: Sink,
    new_id: NewId,
    now: Callable[[], Nanos],
    on_book: Callable[[Book], object],
    on_gap: Callable[[int], object],
    on_frame: Callable[[Frame | Ignored], object],
) -> WiredTicks:
    """Detection on tickers for one profile; books, gaps and all else go to their takers."""

    def announce(ticker: str, limits: Thresholds | None, alert: bool) -> None:
        if limits is None:
            path.forget(ticker)
        else:
            path.announce(ticker, limits, alert)

    def newest(ticker: str) -> Quote | None:
        return path.newest(ticker)

    detector = EdgeDetector(
        profile, caps, sink=sink, new_id=new_id, now=now, announce=announce, newest=newest
    )
    path = TextPath(
        on_quote=detector.on_quote,
        on_gone=detector.on_gone,
        on_book=on_book,
        on_gap=on_gap,
        on_frame=on_frame,
        now=now,
    )
    return WiredTicks(path, detector)
