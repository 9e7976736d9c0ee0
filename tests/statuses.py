"""A running karb's status with a value in every place, and its pictures as a terminal has them."""

import re
from io import StringIO

import msgspec
from rich.console import Console

from karb.cli.screens.picture import Line, rendered
from karb.domain.edge.signal import Signal
from karb.domain.units import HOUR, SECOND
from karb.services.latency import Latency
from karb.services.status import Feed, Odds, Status, Store
from situations import LISTING, NOW, judge, profile, quote, situation

WIDTHS, HEIGHTS = (60, 80, 100, 120, 165), (24, 30, 40)


def signal(team: str = "Buffalo Bills", ticker: str = "BUF", hours: float = 20) -> Signal:
    """A signal for a game that starts in so many hours."""
    start = NOW + int(hours * HOUR)
    game = msgspec.structs.replace(
        LISTING, team=team, ticker=f"KXNFLGAME-26NOV26BUFHOU-{ticker}", start=start
    )
    return judge(situation(listing=game), profile())


SIGNAL = signal()
REFUSED = judge(situation(quote=quote(5_300, 5_430)), profile())
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
PROBLEM = (
    "3s ago, 4 times: odds: The Odds API did not answer within 10 s; prices stop counting when "
    "they are too old; nothing to do, it is asked again"
)
STATUS = Status(
    at=NOW,
    since=NOW - 83 * SECOND,
    profile="STANDARD",
    mode="NO ORDERS",
    feed=FEED,
    odds=Odds(at=NOW - 11 * SECOND, events=30, priced=28, credits_left=4_999_982),
    stores=[Store("redis", True, ""), Store("questdb", None, "history waits on disk")],
    funnel=[("listed", 84), ("linked", 80), ("priced", 78)],
    refused={"link: other_date": 4, "consensus: too_few_books": 2},
    edges=[SIGNAL, *[REFUSED] * 11],
    signals=[SIGNAL] * 20,
    sent=1_234,
    lost={"unreadable": 0, "history rows": 3},
    problems=[PROBLEM, *(f"{n}h ago: feed: trouble number {n}" for n in range(1, 20))],
)


def text(lines: list[Line], width: int, height: int) -> str:
    """A picture as a terminal of that size has it."""
    screen = Console(width=width, height=height, file=StringIO())
    with screen.capture() as captured:
        screen.print(rendered(lines))
    return captured.get()


def figures(told: str) -> set[str]:
    """Every word of a picture that has a digit, but for how many troubles it has no room for."""
    told = re.sub(r"and \d+ more", "", told)
    return {word for word in told.split() if re.search(r"\d", word)}
