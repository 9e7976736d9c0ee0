"""What was captured about a market counts only at its own time."""

from karb.adapters.files.kalshi import Captured, KalshiFiles, Record
from karb.domain.market.messages import BookSnapshot, Level, Market, MarketStatus
from karb.domain.units import SECOND, Nanos
from karb.wiring.detect_files import in_force, recorded_with
from situations import LISTING, NOW, quote

MARKET = Market(
    ticker=LISTING.ticker,
    event_ticker=LISTING.event_ticker,
    series="KXNFLGAME",
    title="Buffalo at Houston Winner?",
    team="Buffalo",
    status=MarketStatus.ACTIVE,
    quote=quote(),
)
BOOK = BookSnapshot(
    ticker=LISTING.ticker,
    bids=(Level(5_500, 700),),
    asks=(Level(5_600, 900),),
    sid=0,
    seq=0,
    ts_event=None,
    ts_recv=NOW,
)


def asks(record_at: Nanos | None, *book_at: Nanos | None) -> int | None:
    files = KalshiFiles(
        records=(),
        bad=(),
        books={LISTING.ticker: tuple(Captured(at, BOOK) for at in book_at)},
        series={},
        events={},
        files=1,
        skipped={},
    )
    made = recorded_with(files, Record(MARKET, record_at, "markets.json:1"), 600 * SECOND)
    return made.market.quote.yes_ask


def test_a_book_of_the_same_moment_gives_price_and_size() -> None:
    assert asks(NOW, NOW - 10 * SECOND) == asks(NOW, NOW + 10 * SECOND) == 5_600


def test_a_book_of_another_moment_does_not_replace_the_price() -> None:
    assert asks(NOW, NOW - 11 * SECOND, NOW + 11 * SECOND) == 4_800


def test_a_book_without_a_time_goes_only_with_a_market_without_one() -> None:
    assert asks(NOW, None) == asks(None, NOW) == 4_800
    assert asks(None, None) == 5_600


def test_a_listing_is_the_last_one_known_at_the_time() -> None:
    listings = [Captured(NOW - 9 * SECOND, "old"), Captured(NOW, "new"), Captured(None, "undated")]
    assert in_force(listings, NOW, 0) == "new"
    assert in_force(listings, NOW - SECOND, 0) == "old"
    assert in_force(listings, NOW - SECOND, SECOND) == "new"
    assert in_force(listings, NOW - 10 * SECOND, 0) is None
    assert in_force(listings, None, 0) == "undated"
