"""karb's text path and detector on the markets of the bench.

A running karb judges, at a tick that passes, the book of its market with the tick's volume
(`graph` measures that whole). The obvious version and the peers know ticks alone, so here
the tick itself is judged: the same two classes, with no books between them. The clock moves
on by more than the detector's window at every look, so that every tick that passes is judged
and none is conflated away: the dearest case.
"""

import itertools
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from karb.adapters.kalshi.live import MOST_TICKS
from karb.adapters.kalshi.texts import TextPath
from karb.config.fees import load_fee_schedule
from karb.config.profiles import load_profile
from karb.domain.edge.bounds import CLOSED, Thresholds
from karb.domain.edge.detector import EdgeDetector, Sink
from karb.domain.edge.situation import Caps, Listing
from karb.domain.edge.watched import WINDOW
from karb.domain.market.book import Book
from karb.domain.units import CASH_PER_DOLLAR, CONTRACT, HOUR, SECOND, Nanos, Price
from perf.harness import Contender
from perf.messages import Deltas, Ticks
from perf.obvious import Fair, Found, obvious
from situations import LISTING, NOW, fair

PROFILE = "STANDARD"
CAPS = Caps(
    bankroll=10_000 * CASH_PER_DOLLAR,
    balance=10_000 * CASH_PER_DOLLAR,
    risk_per_trade=5 * CASH_PER_DOLLAR,
    max_position=100 * CONTRACT,
)
START = NOW + 40 * HOUR


def _nobody(*_news: object) -> None:
    """Nobody listens."""


def stepping_clock() -> Callable[[], Nanos]:
    """A clock that moves on by a little more than the detector's window at every look.

    A built-in function, as the clock of the system is one.
    """
    return itertools.count(NOW, WINDOW + 1).__next__


class TickPath(NamedTuple):
    """Texts go into `on_text`; markets and their consensus into `detector`."""

    on_text: Callable[[bytes], object]
    detector: EdgeDetector


def wired(sink: Sink) -> TickPath:
    """The path of texts and its detector, each calling the other."""
    now = stepping_clock()

    def announce(ticker: str, limits: Thresholds | None, alert: bool) -> None:
        path.announce(ticker, limits or CLOSED, alert)

    detector = EdgeDetector(
        load_profile(PROFILE), CAPS, sink=sink, new_id=lambda: "id", now=now, announce=announce
    )
    path = TextPath(
        on_quote=detector.on_quote,
        on_gone=detector.on_gone,
        on_book=_nobody,
        on_gap=_nobody,
        on_frame=_nobody,
        now=now,
        tape=deque[bytes](maxlen=MOST_TICKS).append,
    )
    return TickPath(path.on_text, detector)


def tick_path(ticks: Ticks, sink: Sink) -> Callable[[bytes], object]:
    """Where texts go, with every market linked and priced by four books."""
    path = wired(sink)
    terms = load_fee_schedule().terms("KXNBAGAME", NOW)
    listing = msgspec.structs.replace(LISTING, start=START, terms=terms)
    for ticker, cents in ticks.fair.items():
        game = ticker.rpartition("-")[0]
        consensus = fair(cents / 100, event_id=game, books=4, spread=0.01, expires=START)
        path.detector.update([named(listing, ticker)], {ticker: consensus})
    return path.on_text


def named(listing: Listing, ticker: str) -> Listing:
    """The same game under another ticker."""
    return msgspec.structs.replace(listing, ticker=ticker)


def best(book: Book) -> tuple[Price | None, Price | None]:
    """What a taker of books reads of one."""
    return book.best_bid, book.best_ask


def delta_path(deltas: Deltas, on_book: Callable[[Book], object]) -> Contender:
    """From the text of a delta to its book; before each round the books stand anew."""
    path = TextPath(
        on_quote=_nobody,
        on_gone=_nobody,
        on_book=on_book,
        on_gap=_nobody,
        on_frame=_nobody,
        now=stepping_clock(),
        tape=_nobody,
    )

    def stand() -> None:
        path.lose()
        for text in deltas.snapshots:
            path.on_text(text)

    return Contender(path.on_text, deltas.texts, stand)


def obvious_path(ticks: Ticks, emit: Callable[[Found], object]) -> Callable[[bytes], None]:
    """The obvious version on the same markets."""
    start = datetime.fromtimestamp(START / SECOND, UTC)
    fairs = {
        ticker: Fair(Decimal(cents) / 100, 4, Decimal("0.01"), start, start)
        for ticker, cents in ticks.fair.items()
    }
    return obvious(fairs, emit)
