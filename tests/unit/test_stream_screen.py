"""The screen of `karb stream`: prices that are whole at any width, in the height there is."""

import pytest

from karb.cli.screens.stream import drawn
from karb.cli.screens.stream_json import Standing
from karb.ports import Quoted
from situations import NOW, quote
from statuses import FEED, HEIGHTS, PROBLEM, STATUS, WIDTHS, figures, text

TICKER = "KXNCAAFGAME-26NOV28OHIOSTMICH-OHIOST"
QUOTES = [
    Quoted(
        quote(
            4_830,
            4_925,
            ticker=f"{TICKER[:-1]}{number % 10}",
            yes_bid_size=1_234_550,
            yes_ask_size=98_700,
            volume=123_456_789,
        ),
        live=number % 2 == 0,
        last_price=4_870,
    )
    for number in range(100)
]
STANDING = Standing(NOW, FEED, STATUS.stores, STATUS.lost, 1_969, 12, [PROBLEM] * 9)


def shown(width: int = 200, height: int = 40, quotes: list[Quoted] = QUOTES) -> str:
    return text(drawn(STANDING, quotes, width, height), width, height)


@pytest.mark.parametrize("height", HEIGHTS)
@pytest.mark.parametrize("width", WIDTHS)
def test_ticker_bid_and_ask_are_whole_at_any_size(width: int, height: int) -> None:
    told = shown(width, height)
    lines = told.splitlines()
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines)
    rows = [line.split() for line in lines if line.startswith(TICKER[:-1])]
    assert len(rows) >= 8
    assert all(row[2:4] == ["48.3c", "49.25c"] or row[1:3] == ["48.3c", "49.25c"] for row in rows)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_figure_is_whole_or_not_there(width: int) -> None:
    assert figures(shown(width)) <= figures(shown())


def test_the_screen_says_how_the_stream_stands() -> None:
    told = shown()
    for said in ("LIVE", "83 of 84 books", "1,969 ticks", "12 trades", "history rows 3"):
        assert said in told
    assert "12,345.5" in told
    assert "1,234,567.89" in told
    assert "The Odds API did not answer" in told


def test_a_side_without_a_price_is_no_0() -> None:
    one_sided = Quoted(quote(None, 4_800), live=True, last_price=None)
    [row] = [line for line in shown(quotes=[one_sided]).splitlines() if "BUFHOU" in line]
    assert row.split()[2:5] == ["-", "48c", "-"]
