"""The screen of a running karb, drawn from values: what is shown, what stands out."""

import json
from io import StringIO
from typing import Any

import msgspec
import pytest
from rich.console import Console

from karb.cli.screens.live import drawn, status_body
from karb.domain.units import SECOND
from karb.errors import UnreachableError
from karb.services.latency import Latency
from karb.services.status import Feed, Odds, Rate, Recent, Status, Store
from situations import NOW, judge, profile, quote, situation

SIGNAL = judge(situation(), profile())
REFUSED = judge(situation(quote=quote(5_300, 5_400)), profile())
FEED = Feed(
    connected=True,
    markets=84,
    live=83,
    messages=12_345,
    rate=678.0,
    latency=Latency(count=9, average=12_000, p50=9_100, p95=30_000, least=5_000, most=400_000),
    gaps=1,
    reconnects=2,
    unreadable=0,
    quiet=3_000_000,
)
STATUS = Status(
    at=NOW,
    since=NOW - 83 * SECOND,
    profile="STANDARD",
    mode="PAPER",
    feed=FEED,
    odds=Odds(at=NOW - 11 * SECOND, events=30, priced=28, credits_left=480),
    stores=[Store("redis", True, ""), Store("questdb", None, "history waits on disk")],
    funnel=[("listed", 84), ("linked", 80), ("priced", 78)],
    refused={"min_edge": 70, "net_edge": 4},
    edges=[SIGNAL, REFUSED],
    signals=[SIGNAL],
    sent=1,
    lost={"gaps": 1, "history rows": 0},
    problems=["odds: the source did not answer"],
)


def text(status: Status, width: int = 200) -> str:
    screen = Console(width=width, file=StringIO())
    with screen.capture() as captured:
        screen.print(drawn(status, width))
    return captured.get()


@pytest.mark.parametrize(
    "said",
    [
        "PAPER",
        "up 1m23s",
        "LIVE",
        "83 of 84 books",
        "avg 12.0, P50 9.1, P95 30.0, min 5.0, max 400.0",
        "asked 11s ago, 480 credits left",
        "questdb starting history waits on disk",
        "84 listed > 80 linked > 78 priced; 1 signals",
        "min_edge 70, net_edge 4",
        "gaps 1, history rows 0",
        "the source did not answer",
        "KXNFLGAME-26NOV26BUFHOU-BUF",
    ],
)
def test_the_screen_says(said: str) -> None:
    assert said in text(STATUS)


@pytest.mark.parametrize("width", [80, 100, 125, 165, 250])
def test_the_bet_its_price_and_what_is_left_of_it_are_whole_at_any_width(width: int) -> None:
    told = text(STATUS, width)
    assert all(len(line.rstrip()) <= width for line in told.splitlines())
    [row] = [line for line in told.splitlines() if " 48c " in line and "ago" in line]
    assert "YES Buffalo Bills" in row
    assert "55.0c (55.0-55.0)" in row
    assert "5.3c" in row


def test_a_lost_connection_stands_out() -> None:
    lost = msgspec.structs.replace(STATUS, feed=msgspec.structs.replace(FEED, connected=False))
    assert "NOT CONNECTED" in text(lost)


def test_text_from_outside_cannot_drive_the_terminal() -> None:
    told = text(msgspec.structs.replace(STATUS, problems=["feed: \x1b[2J gone"]))
    assert "\x1b[2J" not in told


def test_the_status_is_one_json_document() -> None:
    body: dict[str, Any] = json.loads(msgspec.json.encode(status_body(STATUS)))
    assert body["feed"]["latency"]["p50"] == 9_100
    assert body["funnel"] == {"listed": 84, "linked": 80, "priced": 78}


def test_a_rate_is_over_the_last_seconds() -> None:
    rate = Rate()
    assert rate.read(NOW, 0) == 0.0
    assert rate.read(NOW + SECOND, 100) == 100.0
    for second in range(2, 20):
        newest = rate.read(NOW + second * SECOND, 100)
    assert newest == 0.0


def test_a_problem_that_goes_on_is_said_once_with_its_count_and_the_newest_first() -> None:
    time = [NOW]
    recent = Recent(lambda: time[0])
    for _ in range(3):
        recent.problem("odds", UnreachableError("away"))
    time[0] += 5 * SECOND
    recent.problem("feed", UnreachableError("gone"))
    assert recent.problems() == ["0s ago: feed: gone", "5s ago, 3 times: odds: away"]


def test_signals_are_taken_once_and_stay_on_the_screen() -> None:
    recent = Recent(lambda: NOW)
    recent.signal(SIGNAL)
    assert recent.take() == [SIGNAL]
    assert recent.take() == []
    assert (list(recent.signals), recent.sent) == ([SIGNAL], 1)
