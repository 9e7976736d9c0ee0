"""A game captured by both sides, for detection over files: its two markets, and its odds."""

from karb.config.fees import load_fee_schedule
from karb.config.teams import team_tables
from karb.domain.fair.odds import BookQuote, OddsEvent, OddsSnapshot
from karb.domain.linking.match import Linker
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import Market, MarketStatus, Quote
from karb.domain.units import CONTRACT, HOUR, SECOND, Nanos
from karb.tasks.detect_once import detect_once
from karb.tasks.detect_report import Report
from karb.tasks.recorded import Inputs, Recorded
from situations import CAPS, NOW, profile

# NOW is the morning of 2026-11-18 in New York; the game starts 20 hours later, on the 19th.
START = NOW + 20 * HOUR
EVENT = "KXNFLGAME-26NOV19BUFHOU"
GAME = "buf-at-hou"
MINUTE = 60 * SECOND


def market(code: str, team: str, bid: int, ask: int) -> Market:
    ticker = f"{EVENT}-{code}"
    return Market(
        ticker=ticker,
        event_ticker=EVENT,
        series="KXNFLGAME",
        title="Buffalo at Houston Winner?",
        team=team,
        status=MarketStatus.ACTIVE,
        quote=Quote(
            ticker=ticker,
            yes_bid=bid,
            yes_ask=ask,
            yes_bid_size=500 * CONTRACT,
            yes_ask_size=500 * CONTRACT,
            volume=6_000 * CONTRACT,
            ts_event=NOW,
            ts_recv=NOW,
        ),
    )


def odds(at: Nanos, buffalo: float, houston: float, *, start: Nanos = START) -> OddsSnapshot:
    quotes = tuple(
        BookQuote(
            book=book,
            odds={"Buffalo Bills": buffalo, "Houston Texans": houston},
            updated=at - 30 * SECOND,
        )
        for book in ("draftkings", "fanduel", "betmgm")
    )
    event = OddsEvent(
        id=GAME,
        league=League.NFL,
        kind=Kind.GAME,
        home="Houston Texans",
        away="Buffalo Bills",
        start=start,
        quotes=quotes,
    )
    return OddsSnapshot(at=at, origin="odds.json", events=(event,))


BUFFALO, HOUSTON = market("BUF", "Buffalo", 4_700, 4_800), market("HOU", "Houston", 5_200, 5_300)


def run(
    *snapshots: OddsSnapshot,
    markets: tuple[Market, ...] = (BUFFALO, HOUSTON),
    at: Nanos | None = NOW,
    as_of: Nanos | None = None,
    skipped: int = 0,
) -> Report:
    inputs = Inputs(
        recorded=[Recorded(each, at, "markets.json:1") for each in markets],
        snapshots=sorted(snapshots, key=lambda s: s.at),
        skipped=skipped,
    )
    return judged(inputs, as_of)


def judged(inputs: Inputs, as_of: Nanos | None = None) -> Report:
    return detect_once(
        inputs,
        linker=Linker(team_tables()),
        profile=profile(),
        caps=CAPS,
        schedule=load_fee_schedule(),
        max_skew=10 * MINUTE,
        as_of=as_of,
    )
