"""Detection over files: settings, readers, linker, fees and profile, brought together."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from karb.adapters.files.kalshi import KalshiFiles, Record, read_kalshi
from karb.adapters.files.odds import read_odds
from karb.config.fees import load_fee_schedule
from karb.config.settings import Settings
from karb.domain.edge.situation import Caps
from karb.domain.fair.odds import OddsSnapshot
from karb.domain.market.book import Book
from karb.domain.market.messages import BookSnapshot, Market
from karb.domain.units import CONTRACT, Nanos
from karb.tasks.detect_once import Inputs, Recorded, Report, detect_once
from karb.wiring.linking import linker
from karb.wiring.settings import chosen


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
    markets, offers = read_kalshi(kalshi, as_of=as_of), read_odds(odds)
    report = detect_once(
        _inputs(markets, offers.snapshots),
        linker=linker(),
        profile=rules,
        caps=caps_of(settings),
        schedule=load_fee_schedule(),
        max_skew=max_skew,
        as_of=as_of,
    )
    bad = (*markets.bad, *offers.bad)
    return Found(report=report, left_out=tuple(f"{b.origin}: {b.problem}" for b in bad))


def caps_of(settings: Settings) -> Caps:
    """What sizing may use: paper money, so the balance is the bankroll."""
    return Caps(
        bankroll=settings.trading_bankroll,
        balance=settings.trading_bankroll,
        risk_per_trade=settings.karb_risk_per_trade,
        max_position=settings.max_position_size * CONTRACT,
    )


def _inputs(files: KalshiFiles, snapshots: Sequence[OddsSnapshot]) -> Inputs:
    return Inputs(
        recorded=[_recorded(record, files.books) for record in files.records],
        snapshots=snapshots,
        series=files.series,
        events=files.events,
        skipped=sum(files.skipped.values()),
    )


def _recorded(record: Record, books: dict[str, BookSnapshot]) -> Recorded:
    market = record.market
    snapshot = books.get(market.ticker)
    if snapshot is not None:
        market = _with_book(market, snapshot)
    return Recorded(market, record.at, record.origin)


def _with_book(market: Market, snapshot: BookSnapshot) -> Market:
    """The market with the prices and sizes of its recorded order book."""
    book = Book(market.ticker)
    book.apply_snapshot(snapshot)
    quote = book.quote(
        ts_event=market.quote.ts_event, ts_recv=market.quote.ts_recv, volume=market.quote.volume
    )
    return msgspec.structs.replace(market, quote=quote)
