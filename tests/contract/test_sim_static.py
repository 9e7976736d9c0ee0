"""Static mode: Kalshi's own answers are served as they were recorded, over REST and WebSocket."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest

from karb.sim.recorded import Recorded
from karb.sim.recorded_files import RecordedError
from karb.sim.venue import SimOptions, Venue, open_venue
from sim_client import Mirror, ask, frame, get, socket
from sim_judge import Hands
from sim_look import at_venue, body

EVENT, GB, CHI = "KXNFLGAME-26NOV29CHIGB", "KXNFLGAME-26NOV29CHIGB-GB", "KXNFLGAME-26NOV29CHIGB-CHI"
MARKET: dict[str, Any] = {
    "ticker": GB,
    "event_ticker": EVENT,
    "status": "active",
    "yes_bid_dollars": "0.5610",
    "yes_ask_dollars": "0.5730",
    "yes_bid_size_fp": "240.00",
    "yes_ask_size_fp": "579.00",
    "last_price_dollars": "0.5700",
    "volume_fp": "84210.00",
    "open_interest_fp": "50122.00",
}
OLD_MARKET: dict[str, Any] = {
    "ticker": CHI,
    "event_ticker": EVENT,
    "yes_bid": 42,
    "yes_ask": 44,
    "last_price": 43,
    "volume": 1_000,
    "open_interest": 600,
}
SERIES = {"ticker": "KXNFLGAME", "fee_type": "quadratic", "fee_multiplier": 1}
BOOK = {
    "yes_dollars": [["0.5500", "465.00"], ["0.5610", "240.00"]],
    "no_dollars": [["0.4200", "350.00"], ["0.4270", "579.00"]],
}
MILESTONE = {"id": "m1", "type": "football_game", "start_date": "2026-11-29T18:00:00Z"}


def recorded(folder: Path, **answers: object) -> Path:
    """A folder with these answers, each in a file of its own."""
    for name, answer in answers.items():
        (folder / f"{name}.json").write_bytes(msgspec.json.encode(answer))
    return folder


def static(path: Path) -> SimOptions:
    return SimOptions(static=path, key_kind="ed25519")


@pytest.mark.parametrize(
    "answer",
    [
        {"markets": [MARKET], "cursor": ""},
        {"market": MARKET},
        MARKET,
        [MARKET],
        {"events": [{"event_ticker": EVENT, "markets": [MARKET]}]},
        {"event": {"event_ticker": EVENT, "markets": [MARKET]}},
        {"event": {"event_ticker": EVENT}, "markets": [MARKET]},
    ],
)
def test_a_market_is_read_from_every_answer_that_holds_one(tmp_path: Path, answer: object) -> None:
    found = Recorded(recorded(tmp_path, answer=answer)).markets()
    assert [(row.key, row.series) for row in found] == [(GB, "KXNFLGAME")]


@pytest.mark.parametrize("answer", [{"series": SERIES}, {"series": [SERIES]}])
def test_a_series_is_read_alone_and_in_a_list(tmp_path: Path, answer: object) -> None:
    assert [row.key for row in Recorded(recorded(tmp_path, s=answer)).series()] == ["KXNFLGAME"]


def test_events_milestones_and_books_are_read_alone_and_in_lists(tmp_path: Path) -> None:
    one = Recorded(
        recorded(
            tmp_path,
            event={"event": {"event_ticker": EVENT}},
            milestone={"milestone": MILESTONE},
            books={"orderbooks": [{"ticker": GB, "orderbook_fp": BOOK}]},
        )
    )
    assert [row.key for row in one.events(nested=False)] == [EVENT]
    assert [row.key for row in one.milestones()] == ["m1"]
    assert list(one.tickers()) == [GB]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"markets": [{"title": "no ticker"}]}, "a market has no ticker"),
        ({"series": {"title": "no ticker"}}, "a series has no ticker"),
        ({"events": [{"title": "no ticker"}]}, "an event has no event_ticker"),
        ({"events": ["KXNFLGAME"]}, "events holds something that is not an object"),
        ({"milestones": [{"id": "m1"}]}, "milestone m1 has no start_date"),
        ({"market": MARKET | {"close_time": "soon"}}, "close_time is no time: 'soon'"),
        ({"market": MARKET | {"yes_bid_dollars": "much"}}, "'much' is no price or count"),
        ({"market": MARKET | {"yes_ask_dollars": "0.5"}}, "a bid that is not below its ask"),
        ({"orderbook_fp": {"yes_dollars": [["0.5"]]}}, "not a price and a count"),
        ({"orderbook_fp": []}, "is not an object"),
        ([{"sport_key": "baseball_mlb"}], "an odds event has no id"),
        ({"season": 2011, "home_team": "Packers"}, "an object of season, home_team"),
        ([17], "nor odds as the venues answer them, but something else"),
        ("text", "holds no JSON"),
    ],
)
def test_what_cannot_be_served_is_named_with_its_file(
    tmp_path: Path, answer: object, said: str
) -> None:
    with pytest.raises(RecordedError) as told:
        Recorded(recorded(tmp_path, odd=answer))
    assert "odd.json" in str(told.value)
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("prices.csv", b"a,b\n1,2\n", "is a table"),
        ("prices.parquet", b"PAR1", "is a Parquet file"),
        ("cut.json.gz", gzip.compress(b"[]")[:10], "cannot be read"),
        ("plain.json.gz", b"[]", "cannot be read"),
        ("lines.jsonl", b'{"market": null}\n{"mar\n', "a line of it is not JSON"),
        ("empty.json", b"", "holds no JSON"),
    ],
)
def test_what_is_no_json_is_told_by_what_it_is(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecordedError, match=said):
        Recorded(tmp_path / name)


def test_a_folder_without_json_says_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b")
    (tmp_path / "README").write_text("about")
    with pytest.raises(RecordedError, match=r"there is \.csv, README"):
        Recorded(tmp_path)
    with pytest.raises(RecordedError, match="does not exist"):
        Recorded(tmp_path / "nowhere")


def test_answers_by_the_line_gzipped_and_after_a_script_s_own_words(tmp_path: Path) -> None:
    lines = [{"market": MARKET, "synced_at": "2025-11-15"}, {"market": OLD_MARKET}]
    text = b"\n".join(map(msgspec.json.encode, lines))
    (tmp_path / "all.jsonl.gz").write_bytes(gzip.compress(text))
    printed = b"Fetched 1 markets from Kalshi\n" + msgspec.json.format(msgspec.json.encode(SERIES))
    (tmp_path / "one.json").write_bytes(
        printed.replace(b"KXNFLGAME", b"KX").replace(
            b'"ticker": "KX"', b'"event_ticker": "KX-1", "ticker": "KX-1-A"'
        )
    )
    (tmp_path / "notes.md").write_text("passed over")
    assert {row.key for row in Recorded(tmp_path).markets()} == {GB, CHI, "KX-1-A"}


def test_a_later_file_s_odds_replace_an_earlier_one_s(tmp_path: Path) -> None:
    event = {"id": "e1", "sport_key": "baseball_mlb"}
    folder = recorded(tmp_path, a=[event | {"n": 1}], b=[event | {"n": 2}], c=[])
    assert Recorded(folder).odds == {"baseball_mlb": [event | {"n": 2}]}


async def told(venue: Venue, hands: Hands, count: int, **params: Any) -> list[dict[str, Any]]:
    """The first messages after a subscription."""
    async with socket(venue, at=hands.at) as opened:
        await ask(opened, "subscribe", **params)
        return [await frame(opened) for _ in range(count)]


def test_a_market_s_best_prices_are_its_book_where_no_book_was_recorded(tmp_path: Path) -> None:
    async def look(venue: Venue, hands: Hands) -> None:
        frames = await told(
            venue, hands, 3, channels=["orderbook_delta"], market_tickers=[GB, CHI, "NONE"]
        )
        new, old = (each["msg"] for each in frames[1:])
        assert (new["yes_dollars_fp"], new["no_dollars_fp"]) == (
            [["0.5610", "240.00"]],
            [["0.4270", "579.00"]],
        )
        # The older format has no sizes; the least that there can be stands for them.
        assert (old["yes_dollars_fp"], old["no_dollars_fp"]) == (
            [["0.4200", "0.01"]],
            [["0.5600", "0.01"]],
        )
        mirror = Mirror()
        for each in frames:
            mirror.hear(each)
        assert mirror.books == venue.books()
        rest = (await body(venue, f"/markets/{GB}/orderbook"))["orderbook_fp"]
        assert rest["yes_dollars"] == new["yes_dollars_fp"]

    at_venue(look, static(recorded(tmp_path, markets={"markets": [MARKET, OLD_MARKET]})))


@pytest.mark.parametrize(
    "book",
    [
        {"orderbook_fp": BOOK},
        {"orderbook": BOOK | {"yes": [[55, 465], [56, 240]], "no": None}},
        {"ticker": GB, "orderbook_fp": BOOK, "captured_at": "2026-11-28T17:04:52Z"},
    ],
)
def test_a_recorded_book_is_the_book(tmp_path: Path, book: object) -> None:
    folder = recorded(tmp_path, markets={"markets": [MARKET]}, **{f"{GB}.orderbook": book})

    async def look(venue: Venue, hands: Hands) -> None:
        frames = await told(venue, hands, 2, channels=["orderbook_delta"], market_tickers=[GB])
        assert frames[1]["msg"]["yes_dollars_fp"] == BOOK["yes_dollars"]
        assert frames[1]["msg"]["no_dollars_fp"] == BOOK["no_dollars"]
        shallow = (await body(venue, f"/markets/{GB}/orderbook?depth=1"))["orderbook_fp"]
        assert shallow["yes_dollars"] == [["0.5610", "240.00"]]

    at_venue(look, static(folder))


def test_the_ticker_channel_opens_with_the_recorded_state(tmp_path: Path) -> None:
    async def look(venue: Venue, hands: Hands) -> None:
        frames = await told(venue, hands, 3, channels=["ticker"], send_initial_snapshot=True)
        first = frames[1]["msg"]
        assert {name: first[name] for name in MARKET if name in first} == {
            name: value for name, value in MARKET.items() if name in first
        }
        assert (first["price_dollars"], first["dollar_volume"]) == ("0.5700", 42_105)
        assert frames[2]["msg"]["market_ticker"] == CHI
        assert frames[2]["msg"]["yes_ask_dollars"] == "0.4400"

    at_venue(look, static(recorded(tmp_path, markets={"markets": [MARKET, OLD_MARKET]})))


def test_nothing_comes_after_the_recorded_state(tmp_path: Path) -> None:
    async def run() -> None:
        hands = Hands()
        async with (
            open_venue(
                static(recorded(tmp_path, markets={"markets": [MARKET]})), now=hands
            ) as venue,
            socket(venue, at=hands.at) as opened,
        ):
            channels = ["orderbook_delta", "ticker", "trade", "market_lifecycle_v2"]
            await ask(opened, "subscribe", channels=channels, market_tickers=[GB])
            for _ in range(5):
                await frame(opened)
            for _ in range(5):
                hands.move(60)
                await asyncio.sleep(0.03)
            await ask(opened, "list_subscriptions")
            assert (await frame(opened))["type"] == "ok"

    asyncio.run(run())


@pytest.mark.parametrize(("bid", "ask"), [("0.0000", "1.0000"), ("0.0000", "0.0000"), (None, None)])
def test_a_market_without_quotes_has_an_empty_book(
    tmp_path: Path, bid: str | None, ask: str | None
) -> None:
    market = MARKET | {"yes_bid_dollars": bid, "yes_ask_dollars": ask}
    found = Recorded(recorded(tmp_path, one={"market": market}))
    assert found.orderbook(GB, 0, named=False) is not None
    shown = found.shown(GB)
    assert shown is not None
    assert shown.book.levels("bid") == shown.book.levels("ask") == []


def test_a_market_whose_figures_were_not_recorded_has_no_ticker_message(tmp_path: Path) -> None:
    bare = {"ticker": GB, "event_ticker": EVENT}

    async def look(venue: Venue, hands: Hands) -> None:
        async with socket(venue, at=hands.at) as opened:
            await ask(opened, "subscribe", channels=["ticker"], send_initial_snapshot=True)
            assert (await frame(opened))["type"] == "subscribed"
            await ask(opened, "list_subscriptions")
            assert (await frame(opened))["type"] == "ok"

    at_venue(look, static(recorded(tmp_path, one={"market": bare})))


def test_what_files_do_not_say_is_not_there(tmp_path: Path) -> None:
    async def look(venue: Venue, _: Hands) -> None:
        assert (await get(f"{venue.rest_url}/search/filters_by_sport")).status == 404
        assert (await get(f"{venue.rest_url}/live_data/milestone/m1")).status == 404
        assert (await body(venue, "/structured_targets"))["structured_targets"] == []
        series = f"/series/KXNFLGAME/markets/{GB}/candlesticks"
        drawn = await body(venue, f"{series}?start_ts=1&end_ts=2&period_interval=60")
        assert drawn["candlesticks"] == []
        assert (await get(f"{venue.rest_url}/markets/NONE/orderbook")).status == 404

    at_venue(look, static(recorded(tmp_path, one={"market": MARKET})))
