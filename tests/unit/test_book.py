"""The book says what can be bought, and says nothing when it does not know."""

import pytest

from karb.domain.market.book import Book
from karb.domain.market.messages import BookDelta, BookSnapshot, Level, Side
from karb.errors import DataError

YES, NO = Side.YES, Side.NO
LIVE, CROSSED, LOST = (True, False, False), (False, True, False), (False, False, True)


def standing(book: Book) -> tuple[bool, bool, bool]:
    return book.live, book.crossed, book.needs_snapshot


def snapshot(bids: dict[int, int], asks: dict[int, int], ticker: str = "T") -> BookSnapshot:
    return BookSnapshot(
        ticker=ticker,
        bids=tuple(Level(price=p, count=n) for p, n in bids.items()),
        asks=tuple(Level(price=p, count=n) for p, n in asks.items()),
        sid=1,
        seq=1,
        ts_event=None,
        ts_recv=1,
    )


def delta(side: Side, price: int, change: int, ticker: str = "T") -> BookDelta:
    return BookDelta(
        ticker=ticker,
        side=side,
        price=price,
        change=change,
        sid=1,
        seq=2,
        ts_event=None,
        ts_recv=2,
    )


def book() -> Book:
    found = Book("T")
    found.apply_snapshot(snapshot({4_500: 100, 4_700: 300}, {5_000: 200, 5_200: 50, 4_900: 700}))
    return found


def test_a_book_before_its_snapshot_offers_nothing_and_takes_no_change() -> None:
    empty = Book("T")
    assert not empty.live
    assert not empty.apply_delta(delta(YES, 4_700, 100))
    assert (empty.best_bid, empty.best_ask, empty.depth(YES, 10_000)) == (None, None, 0)
    assert empty.needs_snapshot


def test_the_best_prices_are_the_highest_bid_and_the_lowest_ask() -> None:
    assert (book().best_bid, book().best_ask) == (4_700, 4_900)


def test_no_is_the_same_book_seen_from_the_other_side() -> None:
    seen = book()
    assert (seen.ask(YES), seen.bid(YES)) == (4_900, 4_700)
    assert (seen.ask(NO), seen.bid(NO)) == (5_300, 5_100)
    assert seen.offers(NO) == (Level(price=5_300, count=300), Level(price=5_500, count=100))
    assert [level.price for level in seen.offers(YES)] == [4_900, 5_000, 5_200]


@pytest.mark.parametrize(
    ("side", "limit", "expected"),
    [
        (YES, 4_899, 0),
        (YES, 4_900, 700),
        (YES, 5_100, 900),
        (YES, 9_999, 950),
        (NO, 5_299, 0),
        (NO, 5_300, 300),
        (NO, 5_500, 400),
    ],
)
def test_depth_is_what_can_be_bought_at_a_price_or_better(
    side: Side, limit: int, expected: int
) -> None:
    assert book().depth(side, limit) == expected


def test_changes_move_the_best_prices() -> None:
    seen = book()
    assert seen.apply_delta(delta(YES, 4_800, 100))
    assert seen.best_bid == 4_800
    assert seen.apply_delta(delta(YES, 4_800, -100))
    assert seen.best_bid == 4_700
    assert seen.apply_delta(delta(NO, 4_900, -700))
    assert seen.best_ask == 5_000
    assert 4_900 not in seen.asks


def test_the_last_level_of_a_side_leaves_no_price() -> None:
    seen = book()
    for price, count in dict(seen.bids).items():
        seen.apply_delta(delta(YES, price, -count))
    assert seen.live
    assert (seen.best_bid, seen.ask(NO), seen.best_ask) == (None, None, 4_900)


def test_a_level_below_nothing_makes_the_book_ask_for_a_snapshot() -> None:
    seen = book()
    assert not seen.apply_delta(delta(YES, 4_700, -301))
    assert standing(seen) == LOST
    assert (seen.best_bid, seen.best_ask, seen.offers(YES)) == (None, None, ())
    assert not seen.apply_delta(delta(YES, 4_700, 100))
    seen.apply_snapshot(snapshot({4_600: 1}, {}))
    assert standing(seen) == LIVE
    assert (seen.best_bid, seen.best_ask) == (4_600, None)


def test_a_crossed_book_is_not_live_until_it_parts() -> None:
    seen = book()
    assert seen.apply_delta(delta(YES, 4_900, 10))
    assert standing(seen) == CROSSED
    assert (seen.best_bid, seen.best_ask, seen.depth(YES, 9_999)) == (None, None, 0)
    assert seen.apply_delta(delta(NO, 4_900, -700))
    assert standing(seen) == LIVE
    assert (seen.best_bid, seen.best_ask) == (4_900, 5_000)


def test_a_price_between_two_cents_makes_the_ticks_finer_and_moves_nothing_else() -> None:
    seen = book()
    for price in (4_750, 4_751):
        assert seen.apply_delta(delta(YES, price, 100))
        assert seen.best_bid == price
    assert seen.bids == {4_500: 100, 4_700: 300, 4_750: 100, 4_751: 100}
    assert seen.asks == book().asks
    assert (seen.best_ask, seen.depth(NO, 5_299), seen.depth(NO, 5_300)) == (4_900, 200, 500)


def test_a_lost_message_empties_the_book() -> None:
    seen = book()
    seen.lose()
    assert seen.needs_snapshot
    assert (seen.bids, seen.asks, seen.best_ask) == ({}, {}, None)


@pytest.mark.parametrize("price", [0, -100, 10_000, 10_100])
def test_nobody_bids_nothing_or_a_dollar(price: int) -> None:
    seen = book()
    with pytest.raises(DataError):
        seen.apply_delta(delta(YES, price, 100))
    with pytest.raises(DataError):
        seen.apply_snapshot(snapshot({price: 100}, {}))
    assert (seen.bids, seen.asks) == (book().bids, book().asks)


@pytest.mark.parametrize(
    "levels",
    [
        (Level(price=4_700, count=0),),
        (Level(price=4_700, count=-100),),
        (Level(price=4_700, count=100), Level(price=4_700, count=200)),
    ],
)
def test_a_snapshot_that_cannot_be_true_changes_nothing(levels: tuple[Level, ...]) -> None:
    seen = book()
    wrong = BookSnapshot(ticker="T", bids=(), asks=levels, sid=1, seq=1, ts_event=None, ts_recv=1)
    with pytest.raises(DataError):
        seen.apply_snapshot(wrong)
    assert (seen.bids, seen.asks) == (book().bids, book().asks)


def test_messages_of_another_market_are_refused() -> None:
    with pytest.raises(DataError):
        book().apply_delta(delta(YES, 4_700, 1, ticker="U"))
    with pytest.raises(DataError):
        book().apply_snapshot(snapshot({}, {}, ticker="U"))


def test_a_quote_carries_the_sizes_of_the_best_prices() -> None:
    told = book().quote(ts_event=5, ts_recv=6, volume=9)
    assert (told.yes_bid, told.yes_bid_size, told.yes_ask, told.yes_ask_size) == (
        4_700,
        300,
        4_900,
        700,
    )
    assert (told.ticker, told.ts_event, told.ts_recv, told.volume) == ("T", 5, 6, 9)
    assert Book("T").quote(ts_event=5, ts_recv=6).yes_ask_size is None
