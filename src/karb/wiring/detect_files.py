"""Detection over files: settings, readers, linker, fees and profile, brought together."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from karb.adapters.files.kalshi import Captured, KalshiFiles, Record, read_kalshi
from karb.adapters.files.odds import read_odds
from karb.config.fees import load_fee_schedule
from karb.domain.market.book import Book
from karb.domain.market.messages import BookSnapshot, Market
from karb.domain.units import SECOND, Nanos
from karb.tasks.detect_once import detect_once
from karb.tasks.detect_report import Report
from karb.tasks.recorded import Inputs, Recorded
from karb.wiring.linking import linker
from karb.wiring.settings import caps_of, chosen

T = TypeVar("T")

BOOK_SKEW: Nanos = 10 * SECOND
"""An order book further from its market's capture is of another moment."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A report, and what had to be left out of it, a sentence each."""

    report: Report
    left_out: tuple[str, ...]


def detect_files(
    kalshi: Sequence[Path],
    odds: Sequence[Path],
    *,
    profile: str | None,
    max_skew: Nanos,
    max_odds_age: Nanos | None,
    as_of: Nanos | None,
) -> Found:
    """Read both sides and judge every market once."""
    settings, rules = chosen(profile)
    if max_odds_age is not None:
        fair = msgspec.structs.replace(rules.fair, max_age=max_odds_age)
        rules = msgspec.structs.replace(rules, fair=fair)
    markets, offers = read_kalshi(kalshi), read_odds(odds)
    report = detect_once(
        Inputs(
            recorded=[recorded_with(markets, record, max_skew) for record in markets.records],
            snapshots=offers.snapshots,
            skipped=sum(markets.skipped.values()),
        ),
        linker=linker(),
        profile=rules,
        caps=caps_of(settings),
        schedule=load_fee_schedule(),
        max_skew=max_skew,
        as_of=as_of,
    )
    bad = (*markets.bad, *offers.bad)
    return Found(report=report, left_out=tuple(f"{b.origin}: {b.problem}" for b in bad))


def recorded_with(files: KalshiFiles, record: Record, max_skew: Nanos) -> Recorded:
    """A record with what was captured about it at its own time."""
    market = record.market
    events = files.events.get(market.event_ticker, ())
    books = [
        captured
        for captured in files.books.get(market.ticker, ())
        if _same_moment(captured.at, record.at)
    ]
    book = in_force(books, record.at, BOOK_SKEW)
    return Recorded(
        market if book is None else _with_book(market, book),
        record.at,
        record.origin,
        event=events[0].value if events else None,
        listed=in_force(files.series.get(market.series, ()), record.at, max_skew),
        override=in_force(events, record.at, max_skew),
    )


def _same_moment(one: Nanos | None, other: Nanos | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= BOOK_SKEW


def in_force(captures: Sequence[Captured[T]], at: Nanos | None, skew: Nanos) -> T | None:
    """What had been captured by `at`, or within `skew` after it; the last of those.

    A listing of another day says nothing about this one's fee, and a book of another minute
    nothing about this price. What has no time goes with what has none.
    """
    if at is None:
        timeless = [captured.value for captured in captures if captured.at is None]
        return timeless[-1] if timeless else None
    known = [c.value for c in captures if c.at is not None and c.at <= at + skew]
    return known[-1] if known else None


def _with_book(market: Market, snapshot: BookSnapshot) -> Market:
    """The market with the prices and sizes of its recorded order book."""
    book = Book(market.ticker)
    book.apply_snapshot(snapshot)
    quote = book.quote(
        ts_event=market.quote.ts_event, ts_recv=market.quote.ts_recv, volume=market.quote.volume
    )
    return msgspec.structs.replace(market, quote=quote)
