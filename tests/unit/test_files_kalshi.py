"""Kalshi markets in every shape that people keep them become records with time and place."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karb.adapters.files.kalshi import KalshiFiles, read_kalshi
from karb.domain.units import Price
from karb.errors import DataError, KarbError, UsageError

EVENT = "KXNFLGAME-26NOV29NYGDAL"
TICKER = f"{EVENT}-DAL"
AT = "2026-11-28T17:00:00Z"
AT_NANOS = 1_795_885_200 * 10**9


def market(ticker: str = TICKER, **changes: Any) -> dict[str, Any]:
    """A market in the current format; a change to None takes the key away."""
    fields = {
        "ticker": ticker,
        "event_ticker": ticker.rpartition("-")[0],
        "title": "Dallas wins",
        "yes_sub_title": "Dallas",
        "no_sub_title": "Dallas",
        "status": "active",
        "yes_bid_dollars": "0.4800",
        "yes_ask_dollars": "0.4950",
        "yes_bid_size_fp": "120.00",
        "yes_ask_size_fp": "75.00",
        "volume_fp": "5321.00",
        "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0010"}],
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def old_market(**changes: Any) -> dict[str, Any]:
    """The same in the format of 2025: whole cents."""
    dollars = {"yes_bid_dollars": None, "yes_ask_dollars": None, "volume_fp": None}
    sizes = {"yes_bid_size_fp": None, "yes_ask_size_fp": None}
    return market(**{**dollars, **sizes, "yes_bid": 48, "yes_ask": 50, "volume": 5321, **changes})


GAME = {"event_ticker": EVENT, "series_ticker": "KXNFLGAME", "title": "New York G vs Dallas"}


def read(folder: Path, content: Any, name: str = "markets.json") -> KalshiFiles:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text)
    return read_kalshi([folder / name])


@pytest.mark.parametrize(
    "content",
    [
        market(),
        [market()],
        {"market": market()},
        {"market": market(), "seen_at": AT},
        {"markets": [market()], "cursor": ""},
        {"event": GAME, "markets": [market()]},
        {"event": {**GAME, "markets": [market()]}},
        {"events": [{**GAME, "markets": [market()]}], "cursor": ""},
        {**GAME, "markets": [market()]},
    ],
)
def test_every_shape_of_answer_holds_the_same_market(tmp_path: Path, content: Any) -> None:
    found = read(tmp_path, content)
    (record,) = found.records
    assert found.bad == ()
    assert (record.market.ticker, record.market.quote.yes_bid) == (TICKER, 4_800)
    assert (record.market.quote.yes_ask, record.market.quote.yes_ask_size) == (4_950, 7_500)
    assert record.origin == f"{tmp_path / 'markets.json'}:1"
    assert record.at == (AT_NANOS if "seen_at" in content else None)
    assert set(found.events) == ({EVENT} if "series_ticker" in json.dumps(content) else set())


@pytest.mark.parametrize("key", ["synced_at", "seen_at", "captured_at", "fetched_at", "ts", "time"])
def test_the_capture_time_stands_beside_the_market_or_the_page(tmp_path: Path, key: str) -> None:
    assert read(tmp_path, {"market": market(), key: AT}).records[0].at == AT_NANOS
    page = {"markets": [market(), {**market(), key: "2026-11-28T17:00:05Z"}], key: AT}
    times = [record.at for record in read(tmp_path, page).records]
    assert times == [AT_NANOS, AT_NANOS + 5 * 10**9]


def test_a_record_carries_its_time_in_the_quote(tmp_path: Path) -> None:
    record = read(tmp_path, {"market": market(), "seen_at": AT}).records[0]
    assert record.market.quote.ts_recv == record.at == AT_NANOS


def test_one_ticker_at_two_times_is_two_records(tmp_path: Path) -> None:
    lines = [{"market": market(), "seen_at": AT}, {"market": market(), "seen_at": "1795885260"}]
    found = read(tmp_path, "\n\n".join(map(json.dumps, lines)), "markets.jsonl")
    assert [(record.at or 0) - AT_NANOS for record in found.records] == [0, 60 * 10**9]
    assert [record.origin[-2:] for record in found.records] == [":1", ":3"]


def test_both_price_formats_are_read(tmp_path: Path) -> None:
    quote = read(tmp_path, old_market()).records[0].market.quote
    assert (quote.yes_bid, quote.yes_ask, quote.volume) == (4_800, 5_000, 532_100)
    both = old_market(yes_bid_dollars="0.4850")
    assert read(tmp_path, both).records[0].market.quote.yes_bid == 4_850


@pytest.mark.parametrize(
    "broken",
    [
        market(yes_bid_dollars=None),
        market(yes_ask_dollars=None),
        market(yes_bid_dollars="-0.0100"),
        market(yes_ask_dollars="1.0100"),
        market(yes_bid_dollars="NaN"),
        market(yes_bid_dollars=float("nan")),
        market(yes_bid_dollars=0.48),
        market(yes_bid_dollars="48c"),
        market(yes_bid_dollars="0.4800", yes_bid=0.48),
        old_market(yes_bid=0.48),
        old_market(yes_bid="48"),
        old_market(yes_ask=101),
        old_market(yes_ask=-1),
        old_market(yes_ask=True),
        old_market(yes_ask=float("inf")),
        market(ticker=""),
        {**market(), "ticker": 7},
        {**market(), "ticker": None},
        market(yes_bid_size_fp="-5.00"),
        "KXNFLGAME",
        ["KXNFLGAME"],
        None,
        {"market": market(), "seen_at": "yesterday"},
        {"market": market(), "seen_at": "2026-11-28 17:00:00"},
        {"market": "gone"},
        {"error": {"code": "not_found"}},
    ],
)
def test_one_bad_record_costs_that_record_and_is_named(tmp_path: Path, broken: Any) -> None:
    text = f"[\n{json.dumps(market())},\n{json.dumps(broken)},\n{json.dumps(market())}]"
    found = read(tmp_path, text)
    assert [record.origin[-2:] for record in found.records] == [":2", ":4"]
    (bad,) = found.bad
    assert bad.origin == f"{tmp_path / 'markets.json'}:3"
    assert bad.problem
    assert "\n" not in bad.problem
    assert bad.ticker in (TICKER, None)


def test_a_key_given_twice_is_a_bad_record(tmp_path: Path) -> None:
    twice = json.dumps(market()).replace(
        '"yes_bid_dollars"', '"yes_bid_dollars": "0.1", "yes_bid_dollars"'
    )
    found = read(tmp_path, f"[{json.dumps(market())}, {twice}]")
    assert len(found.records) == 1
    assert "'yes_bid_dollars' stands twice" in found.bad[0].problem


@pytest.mark.parametrize(
    "spelled",
    ['"yes_bid_dollars" : "0.4700"', '"yes_bid_dollars"\t:"0.4700"', '"yes_bid\\u005fdollars":"0"'],
)
def test_a_key_given_twice_is_found_however_it_is_written(tmp_path: Path, spelled: str) -> None:
    twice = json.dumps(market()).replace("{", "{" + spelled + ", ", 1)
    found = read(tmp_path, f"[{json.dumps(market())}, {twice}]")
    assert len(found.records) == 1
    assert "'yes_bid_dollars' stands twice" in found.bad[0].problem


@pytest.mark.parametrize(
    ("twice", "key"),
    [
        (
            '{"series":{"ticker":"A","fee_type":"q","fee_multiplier":1,"fee_multiplier":2}}',
            "fee_mu",
        ),
        (f'{{"ticker":"{TICKER}","orderbook_fp":{{"yes_dollars":[],"yes_dollars":[]}}}}', "yes_do"),
    ],
)
def test_a_key_given_twice_in_a_series_or_a_book_is_a_bad_record(
    tmp_path: Path, twice: str, key: str
) -> None:
    found = read(tmp_path, f"[{json.dumps(market())}, {twice}]")
    assert (found.series, found.books) == ({}, {})
    assert f"the key '{key}" in found.bad[0].problem


def test_a_fee_multiplier_that_no_fee_rule_can_use_is_one_bad_record(tmp_path: Path) -> None:
    series = {"ticker": "KXNFLGAME", "fee_type": "quadratic", "fee_multiplier": 0.12345}
    found = read(tmp_path, [market(), {"series": series}])
    assert (len(found.records), found.series) == (1, {})
    assert "more than 4 places" in found.bad[0].problem


def test_what_is_said_of_a_bad_record_cannot_act_on_a_terminal(tmp_path: Path) -> None:
    evil = market("KXNFLGAME-\x1b[2J-DAL", yes_bid_dollars="\x1b]0;x\x07")
    (bad,) = read(tmp_path, [market(), evil]).bad
    assert f"{bad.origin}{bad.ticker}{bad.problem}".isprintable()
    assert "\\x1b[2J" in bad.problem


def test_nothing_usable_is_an_error_that_names_the_first_reason(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, [market(yes_ask_dollars="1.0100"), market(ticker="")])
    assert f"{tmp_path / 'markets.json'}:1: " in caught.value.what
    assert "1 more" in caught.value.what
    with pytest.raises(DataError, match="there is no market in it"):
        read(tmp_path, {"markets": [], "cursor": ""})
    with pytest.raises(DataError, match="this holds sportsbook odds"):
        read(tmp_path, [{"id": "1", "sport_key": "x", "bookmakers": []}])
    with pytest.raises(UsageError):
        read_kalshi([tmp_path / "gone.json"])


def test_unsupported_series_are_counted_and_not_read(tmp_path: Path) -> None:
    parlay = market("KXMVENFLSINGLEGAME-S1-X", yes_bid_dollars="broken")
    spread = market("KXNFLSPREAD-26NOV29NYGDAL-DAL3")
    found = read(tmp_path, [parlay, spread, parlay, market()])
    assert found.skipped == {"KXMVENFLSINGLEGAME": 2, "KXNFLSPREAD": 1}
    assert (len(found.records), found.bad) == (1, ())
    assert read(tmp_path, [parlay]).records == ()


def test_csv_exports_are_read_by_the_names_of_the_fields(tmp_path: Path) -> None:
    header = "ticker,event_ticker,title,yes_sub_title,no_sub_title,yes_bid,yes_ask,note,seen_at\n"
    rows = (
        f'{TICKER},{EVENT},"Giants at ""Dallas""",Dallas,Dallas,48,50,anything,{AT}\n'
        f"{EVENT}-NYG,{EVENT},x,New York G,New York G,,,,\n"
        f"{EVENT}-NYG,{EVENT},x,New York G,New York G,49.5,51,,\n"
        "KXEPLGAME-26NOV29AVLBOU-AVL,KXEPLGAME-26NOV29AVLBOU,x,y,y,1,2,,\n"
    )
    found = read(tmp_path, header + rows, "pool.csv")
    (record,) = found.records
    assert (record.market.quote.yes_bid, record.market.title) == (4_800, 'Giants at "Dallas"')
    assert (record.at, record.origin[-2:]) == (AT_NANOS, ":2")
    assert [(bad.origin[-2:], bad.ticker) for bad in found.bad] == [
        (":3", f"{EVENT}-NYG"),
        (":4", f"{EVENT}-NYG"),
    ]
    assert found.skipped == {"KXEPLGAME": 1}
    with pytest.raises(DataError, match="no columns ticker and event_ticker"):
        read(tmp_path, "event_id,sport_key,home_team\n1,2,3\n", "odds.csv")


def from_row(folder: Path, **columns: str) -> KalshiFiles:
    """A CSV with one market, beside a good one: no file is refused for want of records."""
    fields = {"ticker": TICKER, "event_ticker": EVENT, "status": "active", **columns}
    good = dict.fromkeys(fields, "") | {"ticker": f"{EVENT}-NYG", "event_ticker": EVENT}
    good |= {"yes_bid": "48", "yes_ask": "50"}
    with (folder / "rows.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*(fields | good)], restval="")
        writer.writeheader()
        writer.writerows([fields, good])
    return read_kalshi([folder / "rows.csv"])


def grid_of(found: KalshiFiles) -> list[tuple[Price, Price, Price]]:
    record = found.records[0]
    assert record.market.ticker == TICKER, found.bad
    return [(part.start, part.end, part.step) for part in record.market.grid]


def test_a_csv_in_the_current_format_has_the_grid_that_it_says(tmp_path: Path) -> None:
    tapered = [
        {"start": "0.0000", "end": "0.1000", "step": "0.0010"},
        {"start": "0.1000", "end": "1.0000", "step": "0.0100"},
    ]
    found = from_row(
        tmp_path,
        yes_bid_dollars="0.0950",
        yes_ask_dollars="0.1000",
        volume_fp="9000.00",
        price_level_structure="tapered_deci_cent",
        price_ranges=json.dumps(tapered),
    )
    assert grid_of(found) == [(0, 1_000, 10), (1_000, 10_000, 100)]
    assert found.records[0].market.quote.yes_bid == 950


def test_a_csv_may_say_its_grid_by_the_label_of_whole_cents(tmp_path: Path) -> None:
    prices = {"yes_bid_dollars": "0.4700", "yes_ask_dollars": "0.4800"}
    found = from_row(tmp_path, **prices, price_level_structure="linear_cent")
    assert grid_of(found) == [(0, 10_000, 100)]


@pytest.mark.parametrize(
    "prices",
    [
        {"yes_bid": "47", "yes_ask": "48"},
        {"yes_bid_dollars": "0.47", "yes_ask_dollars": "0.4800", "last_price_dollars": "0.5"},
        {"yes_bid": "47", "yes_bid_dollars": "0.4700", "yes_ask_dollars": "0.4800"},
    ],
)
def test_prices_in_whole_cents_stand_on_every_grid(tmp_path: Path, prices: dict[str, str]) -> None:
    assert grid_of(from_row(tmp_path, **prices)) == [(0, 10_000, 100)]


@pytest.mark.parametrize(
    "columns",
    [
        {"yes_bid_dollars": "0.4750", "yes_ask_dollars": "0.4810"},
        {"yes_bid_dollars": "0.4700", "yes_ask_dollars": "0.4800", "last_price_dollars": "0.4785"},
        {"yes_bid": "47", "yes_ask": "48", "yes_bid_dollars": "0.4750", "yes_ask_dollars": "0.48"},
        {"yes_bid": "47", "yes_ask": "48", "price_level_structure": "deci_cent"},
    ],
)
def test_no_grid_is_guessed_for_prices_finer_than_a_cent_or_under_another_label(
    tmp_path: Path, columns: dict[str, str]
) -> None:
    (bad,) = from_row(tmp_path, **columns).bad
    assert (bad.ticker, bad.origin[-2:]) == (TICKER, ":2")
    assert "the price ranges are missing" in bad.problem


@pytest.mark.parametrize("ranges", ["[{'start': '0.0000'}]", "finer", "[" * 5_000, '{"start": 1}'])
def test_ranges_in_a_csv_that_are_no_json_list_cost_their_record_alone(
    tmp_path: Path, ranges: str
) -> None:
    (bad,) = from_row(tmp_path, yes_bid="47", yes_ask="48", price_ranges=ranges).bad
    assert (bad.ticker, bad.origin[-2:]) == (TICKER, ":2")
    assert "price_ranges" in bad.problem


def test_series_events_and_order_books_are_kept_by_ticker(tmp_path: Path) -> None:
    levels = {"yes_dollars": [["0.4700", "3.00"]], "no_dollars": [["0.5000", "8.00"]]}
    series = {"ticker": "KXNFLGAME", "title": "Game", "fee_type": "quadratic", "fee_multiplier": 1}
    for name, content in {
        "market.json": market(),
        "series.json": {"series": series},
        f"{TICKER}.orderbook.json": {"orderbook_fp": levels},
        "book.json": {"orderbook_fp": levels, "ticker": f"{EVENT}-NYG", "seen_at": AT},
    }.items():
        (tmp_path / name).write_text(json.dumps(content))
    found = read_kalshi([tmp_path])
    assert found.bad == ()
    assert set(found.series) == {"KXNFLGAME"}
    assert set(found.books) == {TICKER, f"{EVENT}-NYG"}
    (captured,) = found.books[f"{EVENT}-NYG"]
    book = captured.value
    assert (book.bids[0].price, book.asks[0].price, book.ts_recv) == (4_700, 5_000, AT_NANOS)
    assert captured.at == AT_NANOS
    assert [captured.at for captured in found.books[TICKER]] == [None]
    assert found.files == 4


LATER = "2026-11-28T17:05:00Z"


def test_every_book_of_a_ticker_is_kept_in_the_order_of_time_undated_last(tmp_path: Path) -> None:
    times = [("0.4400", {}), ("0.4200", {"seen_at": LATER}), ("0.4100", {"seen_at": AT})]
    books = [
        {"ticker": TICKER, "orderbook_fp": {"yes_dollars": [[price, "1.00"]]}, **at}
        for price, at in times
    ]
    found = read(tmp_path, [market(), *books, {"orderbook_fp": {}}])
    assert [(one.at, one.value.bids[0].price) for one in found.books[TICKER]] == [
        (AT_NANOS, 4_100),
        (AT_NANOS + 300 * 10**9, 4_200),
        (None, 4_400),
    ]
    assert "does not say which market" in found.bad[0].problem


def test_series_and_events_of_several_times_are_all_kept_with_their_times(tmp_path: Path) -> None:
    series = {"ticker": "KXNFLGAME", "fee_type": "quadratic", "fee_multiplier": 1}
    event = {"event_ticker": EVENT, "series_ticker": "KXNFLGAME", "title": "then"}
    content = [
        {"series": {**series, "fee_multiplier": 2}, "seen_at": LATER},
        {"series": series, "seen_at": AT},
        {"event": {**event, "title": "now"}, "markets": [market()], "seen_at": LATER},
        {"event": event, "markets": []},
    ]
    found = read(tmp_path, content)
    fees = [(one.at, one.value.fee_multiplier) for one in found.series["KXNFLGAME"]]
    assert fees == [(AT_NANOS, "1"), (AT_NANOS + 300 * 10**9, "2")]
    titles = [(one.at, one.value.title) for one in found.events[EVENT]]
    assert titles == [(AT_NANOS + 300 * 10**9, "now"), (None, "then")]


def test_the_stamp_in_a_files_name_dates_the_books_and_series_in_it(tmp_path: Path) -> None:
    book = {"ticker": TICKER, "orderbook_fp": {"yes_dollars": [["0.4100", "1.00"]]}}
    series = {"series": {"ticker": "KXNFLGAME", "fee_type": "quadratic", "fee_multiplier": 1}}
    found = read(tmp_path, [market(), book, series], "nfl_20261128T170000Z.json")
    assert [one.at for one in found.books[TICKER]] == [AT_NANOS]
    assert [one.at for one in found.series["KXNFLGAME"]] == [AT_NANOS]


def test_files_and_folders_plain_and_gzip_are_read_together(tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    (tmp_path / "day" / "a.json.gz").write_bytes(gzip.compress(json.dumps(market()).encode()))
    (tmp_path / "b.jsonl").write_text(json.dumps(market()) + "\n")
    found = read_kalshi([tmp_path / "day", tmp_path / "b.jsonl"])
    assert [record.origin for record in found.records] == [
        f"{tmp_path}/day/a.json.gz:1",
        f"{tmp_path}/b.jsonl:1",
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
containers = ("markets", "series", "event", "orderbook", "orderbook_fp", "ts", "custom_strike")
keys = st.sampled_from(sorted({*old_market(), *market(), *containers, "fee_type"}))


@given(keys, json_values, st.booleans())
@settings(deadline=None)
def test_any_value_under_any_key_costs_at_most_its_record(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: Any, current: bool
) -> None:
    base = market() if current else old_market()
    try:
        found = read(tmp_path_factory.getbasetemp(), [{**base, key: value}, market()], "any.json")
    except KarbError as error:
        pytest.fail(f"one record refused the file: {error}")
    assert [record.market.ticker for record in found.records][-1] == TICKER
