"""What is captured beside a price decides on it: fee, grid, closing time and game."""

import msgspec
import pytest

from karb.config.fees import load_fee_schedule
from karb.config.teams import team_tables
from karb.domain.edge.signal import Signal
from karb.domain.fair.odds import BookQuote, OddsEvent, OddsSnapshot
from karb.domain.linking.match import Linker
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import Event, Market, MarketStatus, PriceRange, Series
from karb.domain.units import DOLLAR, HOUR, SECOND, Nanos
from karb.tasks.detect_once import detect_once
from karb.tasks.detect_report import Report, Tally
from karb.tasks.recorded import Inputs, Recorded
from situations import CAPS, NOW, profile, quote

EVENT = "KXNFLGAME-26NOV19BUFHOU"
SERIES = Series(ticker="KXNFLGAME", title="", fee_type="quadratic", fee_multiplier="2")
HALF = Event(event_ticker=EVENT, series="KXNFLGAME", title="", fee_multiplier="0.5")
BOOKS = ("draftkings", "fanduel", "betmgm")
TENTHS = (PriceRange(start=0, end=DOLLAR, step=10),)
MARKET = Market(
    ticker=f"{EVENT}-BUF",
    event_ticker=EVENT,
    series="KXNFLGAME",
    title="Buffalo at Houston Winner?",
    team="Buffalo",
    status=MarketStatus.ACTIVE,
    quote=msgspec.structs.replace(quote(), ticker=f"{EVENT}-BUF"),
    close_time=NOW + 400 * HOUR,
    grid=TENTHS,
)


def odds(at: Nanos = NOW, *, start: Nanos = NOW + 20 * HOUR, books: int = 3) -> OddsSnapshot:
    prices = {"Buffalo Bills": 1.70, "Houston Texans": 2.30}
    event = OddsEvent(
        id="game",
        league=League.NFL,
        kind=Kind.GAME,
        home="Houston Texans",
        away="Buffalo Bills",
        start=start,
        quotes=tuple(BookQuote(book, prices, at - SECOND) for book in BOOKS[:books]),
    )
    return OddsSnapshot(at=at, origin="odds.json", events=(event,))


def run(record: Recorded, *snapshots: OddsSnapshot, as_of: Nanos | None = None) -> Report:
    return detect_once(
        Inputs(recorded=[record], snapshots=list(snapshots) or [odds()]),
        linker=Linker(team_tables()),
        profile=profile(),
        caps=CAPS,
        schedule=load_fee_schedule(),
        max_skew=600 * SECOND,
        as_of=as_of,
    )


def judged(**captured: Event | Series) -> Signal:
    record = msgspec.structs.replace(Recorded(MARKET, NOW, "markets.json:1"), **captured)
    (signal,) = run(record).judged
    return signal


def test_the_schedule_of_the_day_is_charged_when_nothing_was_captured() -> None:
    terms = judged().listing.terms
    assert (terms.taker, terms.multiplier, terms.precision) == (700, 10_000, 1)


def test_a_captured_listing_of_the_series_sets_the_fee() -> None:
    signal = judged(listed=SERIES)
    assert signal.listing.terms.multiplier == 20_000
    assert signal.fee_each == 2 * judged().fee_each


def test_a_captured_override_of_the_event_wins_over_its_series() -> None:
    assert judged(listed=SERIES, override=HALF).listing.terms.multiplier == 5_000


def test_the_event_that_names_the_game_does_not_set_the_fee() -> None:
    """It may be of another day; only what was in force is handed over as an override."""
    assert judged(event=HALF).listing.terms.multiplier == 10_000


def test_the_markets_own_grid_bounds_the_price() -> None:
    """Worth 57.67 with 5 wanted: 52.67 lies between two tenths."""
    signal = judged()
    assert signal.listing.grid == TENTHS
    assert signal.max_price == 5_260


def test_what_the_market_and_the_odds_say_is_handed_on() -> None:
    listing = judged().listing
    assert (listing.ticker, listing.event_ticker) == (MARKET.ticker, EVENT)
    assert (listing.league, listing.kind) == (League.NFL, Kind.GAME)
    assert (listing.team, listing.start) == ("Buffalo Bills", NOW + 20 * HOUR)
    assert (listing.open, listing.closes) == (True, NOW + 400 * HOUR)
    assert not listing.start_moved
    assert not listing.quarantined


@pytest.mark.parametrize("apart", [-600 * SECOND, 600 * SECOND])
def test_odds_exactly_as_far_away_as_allowed_are_met(apart: Nanos) -> None:
    record = Recorded(MARKET, NOW, "markets.json:1")
    assert len(run(record, odds(NOW + apart)).judged) == 1
    beyond = apart + (1 if apart > 0 else -1)
    assert [entry.reason for entry in run(record, odds(NOW + beyond)).unjudged] == ["no_odds_near"]


def test_both_times_reach_the_decision() -> None:
    signal = run(Recorded(MARKET, NOW, "m:1"), odds(NOW + 60 * SECOND)).judged[0]
    assert (signal.at, signal.odds_at) == (NOW, NOW + 60 * SECOND)


def test_a_capture_exactly_as_old_as_allowed_stands_for_the_time_that_was_asked_about() -> None:
    record = Recorded(MARKET, NOW - 600 * SECOND, "m:1")
    assert len(run(record, as_of=NOW).judged) == 1
    older = msgspec.structs.replace(record, at=NOW - 600 * SECOND - 1)
    assert [entry.reason for entry in run(older, as_of=NOW).unjudged] == ["old_capture"]


def test_a_game_that_was_put_off_to_another_day_is_handed_on_as_moved() -> None:
    """Its start has stood still since; the market is still the one of the earlier day."""
    later = NOW + 92 * HOUR
    report = run(
        Recorded(MARKET, NOW, "m:1"),
        odds(NOW - 7_200 * SECOND),
        odds(NOW - 3_600 * SECOND, start=later),
        odds(NOW, start=later),
    )
    (signal,) = report.judged
    assert (signal.listing.start, signal.listing.start_moved) == (later, True)


def test_the_events_title_helps_to_tell_the_game() -> None:
    """One that names two other teams keeps the market from being linked."""
    other = Event(event_ticker=EVENT, series="KXNFLGAME", title="Dallas at Denver")
    report = run(msgspec.structs.replace(Recorded(MARKET, NOW, "m:1"), event=other))
    assert [entry.stage for entry in report.unjudged] == ["link"]


def tallied(record: Recorded, snapshot: OddsSnapshot) -> Tally:
    return run(record, snapshot).tallies[League.NFL]


def test_a_tally_compares_each_side_with_what_that_side_is_worth() -> None:
    """YES is offered at 48 and worth 57.7, NO at 53 and worth 42.3."""
    tally = tallied(Recorded(MARKET, NOW, "m:1"), odds())
    assert (tally.asks, tally.gross, tally.net) == (2, 1, 1)
    assert tally.sizes_known


def test_a_tally_says_when_no_size_was_captured() -> None:
    bare = msgspec.structs.replace(MARKET.quote, yes_ask_size=None, yes_bid_size=None)
    tally = tallied(Recorded(msgspec.structs.replace(MARKET, quote=bare), NOW, "m:1"), odds())
    assert (tally.asks, tally.sizes_known) == (2, False)


def test_a_tally_counts_three_books_and_not_two() -> None:
    record = Recorded(MARKET, NOW, "m:1")
    assert (tallied(record, odds()).asks, tallied(record, odds(books=2)).asks) == (2, 0)


TODAY = "KXNFLGAME-26NOV18BUFHOU"
SOON = NOW + 60 * SECOND


@pytest.mark.parametrize(
    ("priced", "quoted", "asks"),
    [(NOW, NOW, 2), (SOON, NOW, 0), (NOW, SOON, 0), (SOON - 1, SOON - 1, 2)],
)
def test_a_game_that_started_at_either_time_is_not_in_the_tally(
    priced: Nanos, quoted: Nanos, asks: int
) -> None:
    """The game starts in a minute, on the day of its ticker; the odds are from before it."""
    market = msgspec.structs.replace(MARKET, ticker=f"{TODAY}-BUF", event_ticker=TODAY)
    snapshot = odds(quoted, start=SOON)
    assert [event.start for event in snapshot.events] == [SOON]
    assert tallied(Recorded(market, priced, "m:1"), snapshot).asks == asks
