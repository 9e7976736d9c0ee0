"""The offline exchange's filters: what they let through, and what is not allowed together."""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from karb.sim.units import SECOND
from karb.sim.venue import SimOptions, Venue
from sim_client import get
from sim_judge import OPENING, Hands
from sim_look import SMALL, at_venue, body

NOW = OPENING // SECOND
DAY = 24 * 3_600
COMBO = {"ticker": "KXMVESPORTS-S1-A", "event_ticker": "KXMVESPORTS-S1", "status": "active"}


async def tickers(venue: Venue, query: str) -> list[str]:
    listed = (await body(venue, f"/markets?limit=1000&{query}"))["markets"]
    return [market["ticker"] for market in listed]


@pytest.mark.parametrize(
    "query",
    [
        "status=open&max_close_ts=1",
        "status=open&min_close_ts=1",
        "status=settled&min_close_ts=1",
        "status=settled&max_created_ts=1",
        "status=open&min_settled_ts=1",
        "status=open&min_updated_ts=1",
        "min_close_ts=1&min_created_ts=1",
        "min_close_ts=1&max_settled_ts=1",
        "min_updated_ts=1&event_ticker=KX",
        "min_updated_ts=1&tickers=KX",
        "min_updated_ts=1&series_ticker=KX",
        "min_updated_ts=1&mve_filter=only",
        "mve_filter=include",
        "min_close_ts=1.5",
        "max_close_ts=-1",
    ],
)
def test_what_the_exchange_does_not_allow_together_is_refused(query: str) -> None:
    async def look(venue: Venue, _: Hands) -> None:
        answer = await get(f"{venue.rest_url}/markets?{query}")
        assert (answer.status, answer.body["code"]) == (400, "bad_request")

    at_venue(look, SMALL)


@pytest.mark.parametrize("path", ["markets?status=open,closed", "events?status=paused"])
def test_one_status_is_asked_for_by_one_of_the_words_of_its_list(path: str) -> None:
    async def look(venue: Venue, _: Hands) -> None:
        answer = await get(f"{venue.rest_url}/{path}")
        assert (answer.status, answer.body["error"]["code"]) == (400, "invalid_status_filter")

    at_venue(look, SMALL)


def test_a_time_of_close_parts_the_markets_in_two() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        every = await tickers(venue, "")
        soon = await tickers(venue, f"max_close_ts={NOW + 10 * DAY}")
        later = await tickers(venue, f"min_close_ts={NOW + 10 * DAY}")
        assert {ticker.partition("-")[0] for ticker in soon} == {"KXNFLGAME", "KXNBAGAME"}
        assert {ticker.partition("-")[0] for ticker in later} == {"KXNFL", "KXNBA"}
        assert sorted(soon + later) == sorted(every)

    at_venue(look, SMALL)


def test_only_what_was_settled_has_a_time_of_settlement() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        assert await tickers(venue, "min_settled_ts=0") == []
        assert await tickers(venue, "status=settled&min_settled_ts=0") == []

    at_venue(look, SMALL)


def test_the_later_time_of_a_change_is_included_and_the_earlier_is_not() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        market = (await body(venue, "/markets?series_ticker=KXNFLGAME&limit=1"))["markets"][0]
        changed = _seconds(market["updated_time"])
        at = f"mve_filter=exclude&series_ticker=KXNFLGAME&max_updated_ts={changed}"
        assert len(await tickers(venue, at)) == 4
        after = f"mve_filter=exclude&series_ticker=KXNFLGAME&min_updated_ts={changed}"
        assert await tickers(venue, after) == []

    at_venue(look, SMALL)


def _seconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp())


def test_open_markets_may_be_asked_for_by_the_time_of_their_making() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        recent = await tickers(venue, f"status=open&min_created_ts={NOW - 30 * DAY}")
        assert {ticker.partition("-")[0] for ticker in recent} == {"KXNFLGAME", "KXNBAGAME"}

    at_venue(look, SMALL)


def test_a_trade_is_no_change_of_a_market() -> None:
    async def look(venue: Venue, hands: Hands) -> None:
        before = (await body(venue, "/markets?limit=1000"))["markets"]
        hands.move(3)
        while not (await body(venue, "/markets/trades"))["trades"]:
            hands.move(1)
        after = (await body(venue, "/markets?limit=1000"))["markets"]
        assert [m["updated_time"] for m in after] == [m["updated_time"] for m in before]
        assert [m["volume_fp"] for m in after] != [m["volume_fp"] for m in before]

    at_venue(look, msgspec.structs.replace(SMALL, changes_per_second=400.0))


def test_events_by_the_close_of_their_last_market_and_by_ticker() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        later = (await body(venue, f"/events?min_close_ts={NOW + 10 * DAY}"))["events"]
        assert {event["series_ticker"] for event in later} == {"KXNFL", "KXNBA"}
        one = later[0]["event_ticker"]
        named = (await body(venue, f"/events?tickers={one},NONE"))["events"]
        assert [event["event_ticker"] for event in named] == [one]
        assert (await body(venue, "/events/multivariate"))["events"] == []

    at_venue(look, SMALL)


def test_combos_are_told_apart(tmp_path: Path) -> None:
    game = {"ticker": "KXNFLGAME-26NOV29CHIGB-GB", "event_ticker": "KXNFLGAME-26NOV29CHIGB"}
    events = [{"event_ticker": each["event_ticker"]} for each in (COMBO, game)]
    recorded: dict[str, Any] = {"markets": [COMBO, game], "events": events}
    (tmp_path / "all.json").write_bytes(msgspec.json.encode(recorded))

    async def look(venue: Venue, _: Hands) -> None:
        assert await tickers(venue, "mve_filter=only") == [COMBO["ticker"]]
        assert await tickers(venue, "mve_filter=exclude") == [game["ticker"]]
        assert len(await tickers(venue, "")) == 2
        listed = (await body(venue, "/events"))["events"]
        assert [event["event_ticker"] for event in listed] == [game["event_ticker"]]

    at_venue(look, SimOptions(static=tmp_path, key_kind="ed25519"))
