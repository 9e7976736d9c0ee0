"""`karb detect --once` without files: every market of the cache judged once, as it stands now."""

import asyncio
from time import monotonic

from karb.domain.edge.same_bet import one_signal_a_bet
from karb.errors import KarbError, StoreDownError
from karb.services.detection import Missing
from karb.tasks.detect_report import Report, Unjudged, funnel_of
from karb.wiring.deciding import Nowhere
from karb.wiring.detect_files import Found
from karb.wiring.detect_live import Follower, wire_follower
from karb.wiring.opened import open_bus
from karb.wiring.settings import Chosen, caps_of, chosen

PATIENCE = 5.0
"""Seconds in which Redis must hand over its tables."""
LISTENING = 1.5
"""Seconds for a publisher of prices to be heard of; one silent for a second counts as gone."""
TURN = 0.02


def detect_cached(profile: str | None) -> Found:
    """Read the tables, judge, and report; nothing comes of it but the report."""
    return asyncio.run(_detect(chosen(profile)))


async def _detect(given: Chosen) -> Found:
    troubles: list[KarbError] = []
    async with open_bus(given.settings, troubles.append) as bus:
        follower = wire_follower(given, Nowhere())
        following = asyncio.create_task(follower.run(bus))
        try:
            await _filled(follower, following, troubles)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
    return Found(report=_report(given, follower), left_out=())


async def _filled(
    follower: Follower, following: "asyncio.Task[None]", troubles: list[KarbError]
) -> None:
    """Wait until all tables are here, and prices that live, if there are any."""
    began = monotonic()
    while follower.missing_tables and monotonic() < began + PATIENCE:
        if following.done():
            following.result()
        await asyncio.sleep(TURN)
    if follower.missing_tables:
        raise (
            troubles[-1]
            if troubles
            else StoreDownError(
                f"Redis did not hand over its tables within {PATIENCE:g} s",
                means="nothing was judged",
                do="see `karb services status`, or check REDIS_URL",
            )
        )
    if not follower.deciding.detection.listed:
        raise KarbError(
            "the cache lists no market",
            means="there is nothing to judge",
            do="start `karb stream`, or judge files with --kalshi PATH --odds PATH",
        )
    began = monotonic()
    while not follower.prices.live and monotonic() < began + LISTENING:
        await asyncio.sleep(TURN)


def _report(given: Chosen, follower: Follower) -> Report:
    detection, detector = follower.deciding.detection, follower.deciding.detector
    looks = {ticker: detector.look(ticker) for ticker in detection.watched}
    missing = list(detection.missing())
    unjudged = [_unjudged(each) for each in missing]
    known = {each.ticker for each in missing}
    unjudged += [
        Unjudged(
            ticker=ticker,
            event_ticker=detection.watched[ticker].event_ticker,
            league=detection.watched[ticker].league,
            stage="prices",
            reason="no_live_price",
            detail="no process publishes a live book of it now: karb stream does",
        )
        for ticker, look in looks.items()
        if look is None and ticker not in known
    ]
    links = {ticker: link for ticker in looks if (link := detection.link(ticker)) is not None}
    judged = one_signal_a_bet([look for look in looks.values() if look is not None])
    return Report(
        profile=given.profile,
        judged=judged,
        unjudged=unjudged,
        tallies={},
        funnel=funnel_of(judged, unjudged, {}),
        links=links,
        caps=caps_of(given.settings),
    )


def _unjudged(each: Missing) -> Unjudged:
    return Unjudged(
        ticker=each.ticker,
        event_ticker=each.event_ticker,
        league=each.league,
        stage=each.stage,
        reason=each.reason,
        detail=each.detail,
    )
