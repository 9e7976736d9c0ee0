"""The path of texts: ticks that matter, books in sequence, and nothing old once it is doubted."""

from typing import Any

import pytest

from kalshi_texts import MS, TICKER, frame, ticker
from karb.adapters.kalshi.frames import Ignored, read_frame
from karb.adapters.kalshi.texts import TextPath
from karb.adapters.kalshi.ticks import tick_in
from karb.domain.edge.bounds import CLOSED, Thresholds
from karb.domain.units import DOLLAR, MILLISECOND
from karb.errors import DecodeError
from text_paths import Heard, text_path

OTHER = "KXNFLGAME-26SEP21NYGLAR-LAR"
OPEN = Thresholds(ask=DOLLAR, bid=0)


def snapshot(seq: int, name: str = TICKER, sid: int = 2, **levels: Any) -> bytes:
    sides = levels or {
        "yes_dollars_fp": [["0.0800", "300.00"], ["0.2200", "333.00"]],
        "no_dollars_fp": [["0.5600", "146.00"], ["0.5400", "20.00"]],
    }
    return frame("orderbook_snapshot", {"market_ticker": name, **sides}, sid=sid, seq=seq)


def delta(seq: int, name: str = TICKER, sid: int = 2, **changes: Any) -> bytes:
    body: dict[str, Any] = {"market_ticker": name, "price_dollars": "0.5400", "delta_fp": "1.00"}
    body |= {"side": "no", "ts_ms": MS} | changes
    told = {key: value for key, value in body.items() if value is not None}
    return frame("orderbook_delta", told, sid=sid, seq=seq)


def two_books() -> tuple[TextPath, Heard]:
    """Books of two markets of one subscription, after its messages 1 and 2."""
    path, heard = text_path()
    path.on_text(snapshot(1))
    path.on_text(snapshot(2, OTHER))
    heard.books.clear()
    return path, heard


def live(path: TextPath) -> dict[str, bool]:
    return {name: book.live for name, book in path.books.items()}


BOTH, NEITHER = {TICKER: True, OTHER: True}, {TICKER: False, OTHER: False}


# Changes of levels


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"price_dollars": "0.54"},
        {"price_dollars": "0.540", "delta_fp": None, "delta": 1},
        {"price_dollars": None, "delta_fp": None, "price": 54, "delta": 1},
    ],
)
def test_a_change_is_applied_in_every_format_and_its_time_is_kept(changes: dict[str, Any]) -> None:
    path, heard = two_books()
    assert path.changed_at(TICKER) is None
    path.on_text(delta(3, **changes))
    assert path.books[TICKER].asks == {4_400: 14_600, 4_600: 2_100}
    assert path.changed_at(TICKER) == MS * MILLISECOND
    assert heard.books == [path.books[TICKER]]
    path.on_text(delta(4, **changes))
    assert path.books[TICKER].asks[4_600] == 2_200


@pytest.mark.parametrize(
    "broken",
    [
        {"side": "maybe"},
        {"side": None},
        {"price_dollars": "1.0000"},
        {"price_dollars": "x"},
        {"delta_fp": "x"},
        {"delta_fp": None},
        {"price_dollars": 0.54},
    ],
)
def test_a_change_that_cannot_be_read_loses_its_book_and_no_other(broken: dict[str, Any]) -> None:
    """The change was real: a book without it would offer what is no longer there."""
    path, heard = two_books()
    with pytest.raises(DecodeError):
        path.on_text(delta(3, **broken))
    assert live(path) == {TICKER: False, OTHER: True}
    assert heard.books == [path.books[TICKER]]


def test_a_snapshot_that_cannot_be_read_loses_its_book() -> None:
    for broken in ([["0.4700", "-1.00"]], [["0.4700"]], 7):
        path, heard = two_books()
        with pytest.raises(DecodeError):
            path.on_text(snapshot(3, yes_dollars_fp=broken))
        assert live(path) == {TICKER: False, OTHER: True}
        assert heard.books == [path.books[TICKER]]


def test_a_change_below_nothing_is_told_as_a_book_that_needs_a_snapshot() -> None:
    path, heard = two_books()
    path.on_text(delta(3, delta_fp="-21.00"))
    assert [book.needs_snapshot for book in heard.books] == [True]


def test_a_market_without_a_snapshot_has_no_book() -> None:
    path, heard = text_path()
    path.on_text(delta(1))
    assert (path.books, heard.books, path.changed_at(TICKER)) == ({}, [], None)


# The sequence


@pytest.mark.parametrize("seq", [4, 5, 1_000])
def test_a_number_left_out_loses_every_book_of_the_subscription(seq: int) -> None:
    path, heard = two_books()
    path.on_text(snapshot(7, "ELSE", sid=9))
    path.on_text(delta(seq))
    assert live(path) == {**NEITHER, "ELSE": True}
    assert heard.gaps == [2]
    assert path.books[TICKER].needs_snapshot


def test_after_a_gap_nothing_is_applied_to_a_book_before_its_snapshot() -> None:
    path, heard = two_books()
    for seq in (5, 6):
        path.on_text(delta(seq))
    assert path.books[TICKER].asks == {}
    path.on_text(snapshot(7))
    assert live(path) == {TICKER: True, OTHER: False}
    path.on_text(delta(8))
    assert path.books[TICKER].asks == {4_400: 14_600, 4_600: 2_100}
    assert heard.gaps == [2]


def test_the_same_message_twice_is_applied_once() -> None:
    path, heard = two_books()
    for _ in range(3):
        path.on_text(delta(3))
    assert path.books[TICKER].asks[4_600] == 2_100
    assert (live(path), heard.gaps, len(heard.books)) == (BOTH, [], 1)


def test_numbers_that_run_back_are_a_gap() -> None:
    path, heard = two_books()
    path.on_text(delta(3))
    path.on_text(delta(2))
    assert (live(path), heard.gaps) == (NEITHER, [2])


def test_a_snapshot_after_a_gap_loses_the_others() -> None:
    path, heard = two_books()
    path.on_text(snapshot(4))
    assert (live(path), heard.gaps) == ({TICKER: True, OTHER: False}, [2])


def test_a_change_out_of_turn_that_cannot_be_read_is_still_an_error() -> None:
    path, heard = two_books()
    with pytest.raises(DecodeError):
        path.on_text(delta(4, side="maybe"))
    assert (live(path), heard.gaps) == (NEITHER, [2])


def test_an_unusual_change_counts_as_well() -> None:
    path, heard = two_books()
    path.on_text(delta(3, price_dollars="0.54"))
    path.on_text(delta(4, "UNKNOWN"))
    path.on_text(delta(5, side="yes", price_dollars="0.2200"))
    assert (live(path), heard.gaps) == (BOTH, [])
    assert path.books[TICKER].bids[2_200] == 33_400


def test_a_change_that_could_not_be_read_shows_as_a_gap_where_it_names_no_market() -> None:
    path, heard = two_books()
    with pytest.raises(DecodeError):
        path.on_text(delta(3)[:-9])
    assert live(path) == BOTH
    path.on_text(delta(4, OTHER))
    assert (live(path), heard.gaps) == (NEITHER, [2])


@pytest.mark.parametrize(("seq", "expected"), [(2, BOTH), (3, BOTH), (4, NEITHER)])
def test_an_answer_may_take_a_number_or_not(seq: int, expected: dict[str, bool]) -> None:
    path, heard = two_books()
    path.on_text(frame("ok", {"market_tickers": [TICKER]}, id=3, sid=2, seq=seq))
    path.on_text(delta(seq + 1))
    assert (live(path), heard.gaps) == (expected, [] if expected is BOTH else [2])
    assert len(heard.frames) == 1


def test_an_answer_that_was_overtaken_says_nothing_about_newer_messages() -> None:
    path, heard = two_books()
    path.on_text(delta(3))
    path.on_text(delta(4))
    path.on_text(frame("ok", {"market_tickers": [TICKER]}, id=3, sid=2, seq=3))
    path.on_text(delta(5))
    assert (live(path), heard.gaps) == (BOTH, [])
    assert path.books[TICKER].asks[4_600] == 2_300


@pytest.mark.parametrize("kind", ["trade", "new"])
def test_messages_of_other_kinds_take_their_numbers(kind: str) -> None:
    path, heard = two_books()
    path.on_text(frame(kind, {"market_ticker": TICKER}, sid=2, seq=3))
    path.on_text(delta(4))
    assert (live(path), heard.gaps) == (BOTH, [])
    path.on_text(frame(kind, {"market_ticker": TICKER}, sid=2, seq=6))
    assert (live(path), heard.gaps) == (NEITHER, [2])


@pytest.mark.parametrize(
    ("end", "expected", "seq"),
    [
        (b'{"id":6,"sid":2,"seq":3,"type":"unsubscribed"}', NEITHER, 1),
        (frame("error", {"code": 25, "msg": "overflow"}, sid=2), NEITHER, 1),
        (frame("error", {"code": 10}, sid=2, seq=3), NEITHER, 1),
        (frame("error", {"code": 7}, id=4, sid=2), NEITHER, 1),
        (frame("error", {"code": 12}, sid=2, seq=3), BOTH, 4),
        (frame("subscribed", {"channel": "orderbook_delta", "sid": 2}), NEITHER, 1),
        (frame("subscribed", {"channel": "trade", "sid": 3}), BOTH, 3),
    ],
)
def test_books_end_with_their_subscription(end: bytes, expected: dict[str, bool], seq: int) -> None:
    path, heard = two_books()
    path.on_text(end)
    lost = [2] if expected is NEITHER else []
    assert (live(path), heard.gaps, len(heard.frames)) == (expected, lost, 1)
    path.on_text(snapshot(seq))
    assert (path.books[TICKER].live, heard.gaps) == (True, lost)


def test_a_book_belongs_to_the_subscription_of_its_newest_snapshot() -> None:
    """Both still send the change: it is one change."""
    path, heard = two_books()
    path.on_text(snapshot(1, sid=3))
    path.on_text(delta(2, sid=3))
    path.on_text(delta(3, sid=2))
    assert path.books[TICKER].asks[4_600] == 2_100
    path.on_text(delta(9, sid=2))
    assert (live(path), heard.gaps) == ({TICKER: True, OTHER: False}, [2])


def test_a_book_that_is_dropped_takes_no_change_and_comes_back_with_a_snapshot() -> None:
    path, heard = two_books()
    path.drop_book(TICKER)
    path.on_text(delta(3))
    assert (set(path.books), heard.books) == ({OTHER}, [])
    path.on_text(snapshot(4))
    assert live(path) == BOTH


# Ticks


def watched(*, alert: bool = False, limits: Thresholds = OPEN) -> tuple[TextPath, Heard]:
    path, heard = text_path(now=MS * MILLISECOND)
    path.announce(TICKER, limits, alert)
    return path, heard


def test_ticks_of_markets_that_were_not_announced_are_counted_and_not_kept() -> None:
    path, heard = watched()
    for _ in range(2):
        path.on_text(ticker(market_ticker=OTHER))
    path.on_text(ticker())
    assert (path.unknown, heard.tape) == (2, [ticker()])
    assert [quote.ticker for quote in heard.quotes] == [TICKER]
    path.forget(TICKER)
    path.on_text(ticker())
    assert (path.unknown, len(heard.tape), len(heard.quotes)) == (3, 1, 1)


def test_once_the_feed_is_lost_no_book_from_before_stands() -> None:
    path, heard = watched()
    path.on_text(ticker())
    path.on_text(snapshot(5))
    path.lose()
    assert not path.books[TICKER].live
    path.on_text(delta(1))
    assert path.books[TICKER].asks == {}
    path.on_text(snapshot(2))
    path.on_text(ticker())
    assert path.books[TICKER].live
    assert (len(heard.quotes), heard.gaps) == (2, [])


@pytest.mark.parametrize(
    "broken",
    [
        {"ts_ms": None},
        {"yes_bid_dollars": "0.6000"},
        {"yes_ask_dollars": ""},
        {"yes_ask_dollars": 0.53},
        {"volume_fp": "-1.00"},
    ],
)
def test_a_newest_tick_that_cannot_be_read_ends_what_the_older_one_began(
    broken: dict[str, Any],
) -> None:
    path, heard = watched()
    path.on_text(ticker())
    with pytest.raises(DecodeError):
        path.on_text(ticker(**broken))
    assert heard.gone == [TICKER]
    with pytest.raises(DecodeError):
        path.on_text(ticker(market_ticker=OTHER, yes_ask_dollars=0.53))
    assert heard.gone == [TICKER]


@pytest.mark.parametrize("spelled", ["1e-1", "0.5x", "00.53", "0,53"])
def test_a_text_that_is_no_price_makes_no_signal_and_is_refused_where_it_is_read(
    spelled: str,
) -> None:
    path, heard = watched(alert=True, limits=CLOSED)
    with pytest.raises(DecodeError):
        path.on_text(ticker(yes_ask_dollars=spelled))
    assert (heard.quotes, heard.gone) == ([], [TICKER])
    path, heard = watched(limits=CLOSED)
    path.on_text(ticker(yes_ask_dollars=spelled))
    with pytest.raises(DecodeError):
        tick_in(heard.tape[0], 1)
    assert heard.quotes == []


# Everything else


def test_every_other_frame_is_handed_on_as_it_was_read() -> None:
    path, heard = text_path()
    texts = [
        frame("fill", {"market_ticker": "T", "trade_id": "t", "order_id": "o", "is_taker": True}),
        frame("trade", {"market_ticker": "T", "trade_id": "t"}, sid=1, seq=1),
        frame("new", {}, sid=1, seq=2),
    ]
    for raw in texts:
        path.on_text(raw)
    assert heard.frames == [*map(read_frame, texts[:2]), Ignored(kind="new", sid=1, seq=2)]
    for raw in (b"{", b"", b'{"type":"ticker","msg":{}}', b'{"type":"ticker","msg":7}'):
        with pytest.raises(DecodeError):
            path.on_text(raw)
