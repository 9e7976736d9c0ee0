"""The book agrees with a naive one, whatever comes."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from karb.adapters.kalshi.decode import decode_frame
from karb.domain.market.book import Book
from karb.domain.market.grid import checked_grid, is_on_grid, snap_down, snap_up
from karb.domain.market.messages import BookDelta, BookSnapshot, Level, PriceRange, Side
from karb.domain.units import DOLLAR, price_wire
from text_paths import text_path

YES, NO = Side.YES, Side.NO

# Few prices and small counts, so that levels empty, cross and run below nothing; now and then
# a price between two cents, so that the ticks become finer on the way.
fine = st.sampled_from([4_510, 4_905, 5_001, 5_550])
bid_prices = st.integers(40, 52).map(lambda cents: cents * 100) | fine
ask_prices = st.integers(48, 60).map(lambda cents: cents * 100) | fine
changes = st.integers(-3, 5).map(lambda contracts: contracts * 100)
moves = st.lists(
    st.tuples(st.just(YES), bid_prices, changes) | st.tuples(st.just(NO), ask_prices, changes),
    max_size=40,
)
starts = st.tuples(
    st.dictionaries(bid_prices, st.integers(1, 500), max_size=6),
    st.dictionaries(ask_prices, st.integers(1, 500), max_size=6),
)
Start = tuple[dict[int, int], dict[int, int]]
Moves = list[tuple[Side, int, int]]


def snapshot(bids: dict[int, int], asks: dict[int, int]) -> BookSnapshot:
    return BookSnapshot(
        ticker="T",
        bids=tuple(Level(price=p, count=n) for p, n in bids.items()),
        asks=tuple(Level(price=p, count=n) for p, n in asks.items()),
        sid=1,
        seq=1,
        ts_event=None,
        ts_recv=1,
    )


def book_of(start: Start) -> Book:
    book = Book("T")
    book.apply_snapshot(snapshot(*start))
    return book


def applied(start: Start, moves: Moves) -> tuple[dict[int, int], dict[int, int]] | None:
    """A naive book: None once a level has run below nothing."""
    sides = {YES: dict(start[0]), NO: dict(start[1])}
    for side, price, change in moves:
        count = sides[side].get(price, 0) + change
        if count < 0:
            return None
        sides[side][price] = count
    return tuple({p: n for p, n in sides[s].items() if n} for s in (YES, NO))  # type: ignore[return-value]


@given(starts, moves)
def test_the_book_holds_what_a_naive_one_holds(start: Start, moves: Moves) -> None:
    book = book_of(start)
    for side, price, change in moves:
        book.change(price, change, side)
        assert all(n > 0 for levels in (book.bids, book.asks) for n in levels.values())
    expected = applied(start, moves)
    if expected is None:
        assert book.needs_snapshot
        assert (book.bids, book.asks, book.best_bid, book.best_ask) == ({}, {}, None, None)
        return
    bids, asks = expected
    assert (book.bids, book.asks) == (bids, asks)
    crossed = bool(bids and asks) and max(bids) >= min(asks)
    assert book.crossed == crossed
    assert book.best_bid == (None if crossed else max(bids, default=None))
    assert book.best_ask == (None if crossed else min(asks, default=None))


@given(starts, moves)
def test_a_snapshot_with_changes_equals_the_snapshot_of_the_result(
    start: Start, moves: Moves
) -> None:
    expected = applied(start, moves)
    if expected is None:
        return
    changed, rebuilt = book_of(start), book_of(expected)
    for side, price, change in moves:
        changed.change(price, change, side)
    assert changed.offers(YES) == rebuilt.offers(YES)
    assert changed.offers(NO) == rebuilt.offers(NO)
    assert changed.quote(ts_event=1, ts_recv=1) == rebuilt.quote(ts_event=1, ts_recv=1)


@given(starts, st.integers(1, DOLLAR - 1))
def test_no_is_yes_of_the_mirrored_book(start: Start, limit: int) -> None:
    bids, asks = start
    book = book_of(start)
    mirror = book_of(
        ({DOLLAR - p: n for p, n in asks.items()}, {DOLLAR - p: n for p, n in bids.items()})
    )
    assert (book.ask(NO), book.bid(NO)) == (mirror.ask(YES), mirror.bid(YES))
    assert book.offers(NO) == mirror.offers(YES)
    assert book.depth(NO, limit) == mirror.depth(YES, limit)
    quote = book.quote(ts_event=1, ts_recv=1)
    assert (book.ask(NO), book.bid(NO)) == (quote.ask(NO), quote.bid(NO))


@given(starts, st.sampled_from(Side), st.integers(-200, DOLLAR + 200))
def test_depth_counts_the_offers_up_to_the_limit(start: Start, side: Side, limit: int) -> None:
    book = book_of(start)
    within = sum(level.count for level in book.offers(side) if level.price <= limit)
    assert book.depth(side, limit) == within


def told(
    side: Side, price: int, change: int, *, seq: int, cents: bool, use_yes_price: bool
) -> bytes:
    """The text by which the exchange tells a change, in either format."""
    listed = price if side is YES or use_yes_price else DOLLAR - price
    body: dict[str, str | int] = {"market_ticker": "T", "side": side.value}
    if cents and listed % 100 == 0:
        body |= {"price": listed // 100, "delta": change // 100}
    else:
        body |= {"price_dollars": price_wire(listed), "delta_fp": f"{change // 100}.00"}
    return json.dumps({"type": "orderbook_delta", "sid": 1, "seq": seq, "msg": body}).encode()


def told_whole(start: Start, *, use_yes_price: bool) -> bytes:
    """The text of a snapshot."""
    bids, asks = start
    listed = {p if use_yes_price else DOLLAR - p: n for p, n in asks.items()}
    body: dict[str, object] = {"market_ticker": "T"}
    for side, levels in (("yes", bids), ("no", listed)):
        body[f"{side}_dollars_fp"] = [[price_wire(p), f"{n / 100:.2f}"] for p, n in levels.items()]
    return json.dumps({"type": "orderbook_snapshot", "sid": 1, "seq": 1, "msg": body}).encode()


@given(starts, moves, st.booleans(), st.booleans())
def test_the_short_way_does_what_decoding_and_applying_do(
    start: Start, moves: Moves, cents: bool, use_yes_price: bool
) -> None:
    path, heard = text_path(use_yes_price=use_yes_price)
    opening = told_whole(start, use_yes_price=use_yes_price)
    path.on_text(opening)
    long, short = book_of(start), path.books["T"]
    assert (short.bids, short.asks) == (long.bids, long.asks)
    for seq, (side, price, change) in enumerate(moves, 2):
        raw = told(side, price, change, seq=seq, cents=cents, use_yes_price=use_yes_price)
        message = decode_frame(raw, ts_recv=1, use_yes_price=use_yes_price)
        assert isinstance(message, BookDelta)
        assert (message.side, message.price, message.change) == (side, price, change)
        long.apply_delta(message)
        path.on_text(raw)
        assert (short.bids, short.asks) == (long.bids, long.asks)
        assert (short.best_bid, short.best_ask) == (long.best_bid, long.best_ask)
        assert short.needs_snapshot == long.needs_snapshot
    assert heard.books == [short] * (1 + len(moves))
    assert heard.gaps == []


@st.composite
def grids(draw: st.DrawFn) -> tuple[PriceRange, ...]:
    """Ranges that join, cut at whole cents, each with a step that fits."""
    cuts = draw(st.sets(st.integers(1, 99), max_size=3))
    edges = [0, *(cut * 100 for cut in sorted(cuts)), DOLLAR]
    return tuple(
        PriceRange(start=a, end=b, step=draw(st.sampled_from([1, 10, 50, 100])))
        for a, b in pairwise(edges)
    )


@given(grids(), st.integers(0, DOLLAR))
def test_snapping_finds_the_neighbours_on_the_grid(
    grid: tuple[PriceRange, ...], price: int
) -> None:
    assert checked_grid(grid) == grid
    low, high = snap_down(price, grid), snap_up(price, grid)
    assert low <= price <= high
    assert is_on_grid(low, grid)
    assert is_on_grid(high, grid)
    assert (low == high) == is_on_grid(price, grid)
    assert not any(is_on_grid(p, grid) for p in range(low + 1, high))
