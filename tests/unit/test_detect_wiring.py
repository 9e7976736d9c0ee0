"""What detection over files hands on: the caps of the settings, and what was captured."""

from typing import TypeVar

from karb.adapters.files.kalshi import Captured, KalshiFiles, Record
from karb.config.settings import Settings
from karb.domain.market.messages import Event, Market, MarketStatus, Series
from karb.domain.units import CASH_PER_DOLLAR, CONTRACT, SECOND
from karb.wiring.detect_files import recorded_with
from karb.wiring.settings import caps_of
from situations import LISTING, NOW, quote

T = TypeVar("T")

HOUR_AGO = NOW - 3_600 * SECOND
MARKET = Market(
    ticker=LISTING.ticker,
    event_ticker=LISTING.event_ticker,
    series="KXNFLGAME",
    title="",
    team="Buffalo",
    status=MarketStatus.ACTIVE,
    quote=quote(),
)


def series(multiplier: str) -> Series:
    return Series(ticker="KXNFLGAME", title="", fee_type="quadratic", fee_multiplier=multiplier)


def event(multiplier: str) -> Event:
    return Event(
        event_ticker=LISTING.event_ticker, series="KXNFLGAME", title="", fee_multiplier=multiplier
    )


def then_and_later(old: T, new: T) -> tuple[Captured[T], ...]:
    return Captured(HOUR_AGO, old), Captured(NOW + 3_600 * SECOND, new)


def test_each_cap_is_its_own_setting() -> None:
    caps = caps_of(
        Settings.of(
            {"trading_bankroll": "2000", "karb_risk_per_trade": "7.50", "max_position_size": "30"}
        )
    )
    assert (caps.bankroll, caps.balance) == (2_000 * CASH_PER_DOLLAR, 2_000 * CASH_PER_DOLLAR)
    assert caps.risk_per_trade == 7_500_000
    assert caps.max_position == 30 * CONTRACT


def test_a_record_carries_the_fee_listings_that_were_in_force_at_its_time() -> None:
    files = KalshiFiles(
        records=(),
        bad=(),
        books={},
        series={"KXNFLGAME": then_and_later(series("2"), series("3"))},
        events={LISTING.event_ticker: then_and_later(event("0.5"), event("0.7"))},
        files=1,
        skipped={},
    )
    made = recorded_with(files, Record(MARKET, NOW, "markets.json:1"), 600 * SECOND)
    assert (made.listed, made.override, made.event) == (series("2"), event("0.5"), event("0.5"))
    assert (made.market, made.at, made.origin) == (MARKET, NOW, "markets.json:1")
    early = recorded_with(files, Record(MARKET, HOUR_AGO - 3_600 * SECOND, "m:1"), 600 * SECOND)
    assert (early.listed, early.override) == (None, None)
    assert early.event == event("0.5")
