"""The offline exchange's answers about games, teams and history: what is honest for its slate."""

from datetime import datetime

import pytest

from karb.sim.venue import Venue
from sim_client import get
from sim_judge import OPENING, Hands
from sim_look import QUIET, SMALL, at_venue, body


def test_live_data_tell_how_each_game_stands() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        games = (await body(venue, "/milestones?limit=500"))["milestones"]
        ids = "&".join(f"milestone_ids={game['id']}" for game in games)
        told = (await body(venue, f"/live_data/batch?{ids}&milestone_ids=NONE"))["live_datas"]
        standing = {each["milestone_id"]: each["details"]["status"] for each in told}
        assert standing == {game["id"]: game["details"]["status"] for game in games}
        assert set(standing.values()) == {"scheduled", "inprogress"}
        one = games[0]
        path = f"/live_data/milestone/{one['id']}"
        assert (await body(venue, path))["live_data"] in told
        path = f"/live_data/{one['type']}/milestone/{one['id']}"
        assert (await body(venue, path))["live_data"] in told
        assert (await body(venue, f"/milestones/{one['id']}"))["milestone"] == one

    at_venue(look, QUIET)


def test_games_are_found_by_competition_and_by_their_change() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        path = "/milestones?limit=500&competition=Pro%20Football"
        games = (await body(venue, path))["milestones"]
        assert {game["details"]["league"] for game in games} == {"NFL"}
        late = OPENING // 1_000_000_000
        assert (await body(venue, f"{path}&min_updated_ts={late}"))["milestones"] == []
        assert len((await body(venue, f"{path}&min_updated_ts={late - 1}"))["milestones"]) == 2

    at_venue(look, SMALL)


def test_every_market_s_team_is_a_structured_target() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        markets = (await body(venue, "/markets?limit=1000"))["markets"]
        teams = {team for market in markets for team in market["custom_strike"].values()}
        listed = await body(venue, "/structured_targets?page_size=2000")
        assert {target["id"] for target in listed["structured_targets"]} == teams
        assert listed["cursor"] == ""
        nba = await body(venue, "/structured_targets?type=basketball_team&competition=NBA")
        assert len(nba["structured_targets"]) == 30
        first, second = (target["id"] for target in nba["structured_targets"][:2])
        two = await body(venue, f"/structured_targets?ids={first}&ids={second}")
        assert [target["id"] for target in two["structured_targets"]] == [first, second]
        one = (await body(venue, f"/structured_targets/{first}"))["structured_target"]
        assert one["name"].endswith(one["details"]["team_name"])
        page = await body(venue, "/structured_targets?page_size=10")
        assert len(page["structured_targets"]) == 10
        assert page["cursor"]

    at_venue(look, SMALL)


def test_sports_are_listed_with_their_competitions() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        told = await body(venue, "/search/filters_by_sport")
        assert told["sport_ordering"] == ["Football", "Basketball"]
        football = told["filters_by_sports"]["Football"]
        assert football["competitions"]["Pro Football"]["scopes"] == ["Game", "Championship"]
        event = (await body(venue, "/events?series_ticker=KXNFLGAME"))["events"][0]
        metadata = await body(venue, f"/events/{event['event_ticker']}/metadata")
        assert metadata["competition"] == "Pro Football"
        assert len(metadata["market_details"]) == 2

    at_venue(look, SMALL)


def test_nothing_is_older_than_the_cutoff() -> None:
    async def look(venue: Venue, _: Hands) -> None:
        cutoff = await body(venue, "/historical/cutoff")
        days = [
            (OPENING / 1e9 - datetime.fromisoformat(at).timestamp()) / 86_400
            for at in cutoff.values()
        ]
        assert all(89 < each < 92 for each in days)
        assert len(days) == 4
        assert (await body(venue, "/historical/markets"))["markets"] == []
        assert (await body(venue, "/historical/trades"))["trades"] == []

    at_venue(look, SMALL)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/milestones/NONE", 404),
        ("/live_data/milestone/NONE", 404),
        ("/live_data/batch", 400),
        ("/structured_targets/NONE", 404),
        ("/structured_targets?page_size=2001", 400),
        ("/events/NONE/metadata", 404),
        ("/historical/markets/NONE", 404),
        ("/historical/fills", 401),
    ],
)
def test_what_is_not_there_is_refused(path: str, status: int) -> None:
    async def look(venue: Venue, _: Hands) -> None:
        assert (await get(venue.rest_url + path)).status == status

    at_venue(look, SMALL)
