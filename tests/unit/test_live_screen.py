"""The screen of a running karb, drawn from values: what is shown, what stands out, what fits."""

import re

import msgspec
import pytest
from rich.cells import cell_len

from karb.cli.screens.live import drawn
from karb.domain.units import HOUR, SECOND
from karb.errors import UnreachableError
from karb.services.status import Rate, Recent, Status
from situations import NOW
from statuses import FEED, HEIGHTS, SIGNAL, STATUS, WIDTHS, figures, signal, text


def shown(status: Status = STATUS, width: int = 200, height: int = 60) -> str:
    return text(drawn(status, width, height), width, height)


@pytest.mark.parametrize(
    "said",
    [
        "NO ORDERS",
        "up 1m23s",
        "LIVE",
        "83 of 84 books",
        "heard 3 ms ago",
        "678/s",
        "gaps mended 1  reconnects 2",
        "avg 12.0 µs  P50 9.1  P95 30.0  min 5.0  max 400.0",
        "28 of 30 events priced  answered 11s ago  4,999,982 credits left",
        "questdb starting  history waits on disk",
        "84 listed  > 80 linked  > 78 priced",
        "link: other_date 4  consensus: too_few_books 2",
        "history rows 3",
        "The Odds API did not answer",
        "signals: 1,234",
        "KXNFLGAME-26NOV26BUFHOU-BUF",
        "55.0-55.0",
        "gross edge 0.7c, the profile wants 5.0c",
    ],
)
def test_the_screen_says(said: str) -> None:
    assert said in shown()


@pytest.mark.parametrize("height", HEIGHTS)
@pytest.mark.parametrize("width", WIDTHS)
def test_at_any_size_everything_that_matters_is_on_the_screen(width: int, height: int) -> None:
    """Mode, connection, the newest trouble, signals, edges, losses and funnel, in that room."""
    told = shown(width=width, height=height)
    lines = told.splitlines()
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines)
    for said in ("NO ORDERS", "LIVE", "history rows 3", "4 times: odds:", "> 78 priced"):
        assert said in told
    assert re.search(r"and \d+ more", told)
    assert len(re.findall(r"48c .* 5.3c .* 0s\n", told)) >= 2
    assert len(re.findall(r"48c .* 5.3c .* signal\n", told)) == 1
    assert len(re.findall(r"54.3c .* -1.0c .*(gross|min_edge)", told)) >= 2


@pytest.mark.parametrize("height", HEIGHTS)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_figure_is_whole_or_not_there(width: int, height: int) -> None:
    """Every figure on a small screen stands on the large one too; only words end in dots."""
    assert figures(shown(width=width, height=height)) <= figures(shown())


@pytest.mark.parametrize("width", WIDTHS)
def test_two_games_of_one_pair_on_one_day_can_be_told_apart(width: int) -> None:
    first, second = signal(ticker="G1", hours=6.9), signal(ticker="G2", hours=11.4)
    told = shown(msgspec.structs.replace(STATUS, signals=[first, second]), width, 24)
    rows = [line for line in told.splitlines() if " 48c " in line and line.endswith("0s")]
    assert ["6.9h" in row for row in rows] == [True, False]
    assert ["11.4h" in row for row in rows] == [False, True]


@pytest.mark.parametrize(
    ("width", "missing"),
    [
        (134, set()),
        (120, {"market"}),
        (100, {"market", "fee"}),
        (80, {"market", "fee", "interval", "edge", "odds"}),
    ],
)
def test_the_columns_at_a_width_are_those_that_the_readme_tells(
    width: int, missing: set[str]
) -> None:
    """With the longest ticker there is: a pair of college teams with three letters each."""
    longest = [signal(ticker="BUFHOU")]
    told = shown(msgspec.structs.replace(STATUS, signals=longest, edges=longest), width)
    columns = ["market", "starts", "ask", "fair", "interval", "edge", "fee", "net", "size", "odds"]
    [heading] = [line.split() for line in told.splitlines() if line.startswith("best edges now")]
    assert heading[3:-1] == [name for name in columns if name not in missing]


def test_the_time_to_the_start_is_from_now_also_for_a_signal_of_a_while_ago() -> None:
    old = msgspec.structs.replace(SIGNAL, at=NOW - HOUR)
    later = msgspec.structs.replace(STATUS, signals=[old], edges=[])
    [row] = [line for line in shown(later).splitlines() if " 48c " in line]
    assert " 20.0h " in row
    assert row.endswith("60m00s")


def test_without_troubles_and_signals_the_edges_take_their_lines() -> None:
    calm = msgspec.structs.replace(STATUS, problems=[], signals=[], sent=0, lost={"unreadable": 0})
    told = shown(calm, 80, 24)
    assert told.count("min_edge") == 11
    assert "lost    nothing" in told


def test_a_lost_connection_stands_out() -> None:
    lost = msgspec.structs.replace(STATUS, feed=msgspec.structs.replace(FEED, connected=False))
    assert "NOT CONNECTED" in shown(lost)


def test_text_from_outside_cannot_drive_the_terminal() -> None:
    told = shown(msgspec.structs.replace(STATUS, problems=["feed: \x1b[2J gone"]))
    assert "\x1b[2J" not in told


def test_a_name_of_wide_letters_takes_the_cells_that_it_has() -> None:
    wide = signal(team="東京ヤクルトスワローズ野球団")
    told = shown(msgspec.structs.replace(STATUS, signals=[wide], edges=[SIGNAL]), 60, 24)
    rows = [row for row in told.splitlines() if " 48c " in row]
    assert len({cell_len(row[: row.index(" 48c ")]) for row in rows}) == 1


def test_a_rate_is_over_the_last_seconds() -> None:
    time = [0]
    rate = Rate(lambda: time[0])
    assert rate.read(0) == 0.0
    time[0] += SECOND
    assert rate.read(100) == 100.0
    for _ in range(2, 20):
        time[0] += SECOND
        newest = rate.read(100)
    assert newest == 0.0


def test_a_problem_that_goes_on_is_said_once_with_its_count_and_the_newest_first() -> None:
    time = [NOW]
    recent = Recent(lambda: time[0])
    for _ in range(3):
        recent.problem("odds", UnreachableError("away"))
    time[0] += 5 * SECOND
    recent.problem("feed", UnreachableError("gone"))
    assert recent.problems() == ["0s ago: feed: gone", "5s ago, 3 times: odds: away"]


def test_a_problem_that_was_not_met_again_for_ten_minutes_is_forgotten() -> None:
    time = [NOW]
    recent = Recent(lambda: time[0])
    recent.problem("odds", UnreachableError("away"))
    recent.problem("feed", UnreachableError("gone"))
    time[0] += 599 * SECOND
    recent.problem("odds", UnreachableError("away"))
    time[0] += 2 * SECOND
    assert recent.problems() == ["2s ago, 2 times: odds: away"]
    time[0] += 599 * SECOND
    assert recent.problems() == []
    recent.problem("odds", UnreachableError("away"))
    assert recent.problems() == ["0s ago: odds: away"]


def test_signals_are_taken_once_and_stay_on_the_screen() -> None:
    recent = Recent(lambda: NOW)
    recent.signal(SIGNAL)
    assert recent.take() == [SIGNAL]
    assert recent.take() == []
    assert (list(recent.signals), recent.sent) == ([SIGNAL], 1)


def test_signals_that_nobody_takes_are_not_kept_for_ever() -> None:
    """On a terminal nobody does: the screen draws the newest few."""
    recent = Recent(lambda: NOW, untold=10)
    for _ in range(25):
        recent.signal(SIGNAL)
    assert (len(recent.take()), recent.sent) == (10, 25)
