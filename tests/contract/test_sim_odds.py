"""The offline Odds API: what it offers, what it costs, and how it refuses."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from statistics import fmean

import msgspec
import pytest

from karb.adapters.odds_api.wire import decode_odds
from karb.domain.fair.consensus import Consensus, consensus
from karb.domain.fair.rules import FairRules
from karb.sim.units import SECOND
from karb.sim.venue import Fault, SimOptions, Venue, open_venue
from sim_client import Answer, get
from sim_judge import Hands, links, offered, world

NBA = "/v4/sports/basketball_nba/odds"
TITLE = "/v4/sports/icehockey_nhl_championship_winner/odds"
QUIET = SimOptions(changes_per_second=0.0, edges_per_minute=0.0, odds_credits=5, key_kind="ed25519")
Look = Callable[[Venue], Awaitable[None]]


def at_venue(look: Look) -> None:
    async def run() -> None:
        async with open_venue(QUIET, now=Hands()) as venue:
            await look(venue)

    asyncio.run(run())


async def ask(venue: Venue, path: str, **query: str) -> Answer:
    given = {"apiKey": venue.odds_key, **query}
    text = "&".join(f"{name}={value}" for name, value in given.items())
    return await get(f"{venue.odds_url}{path}?{text}")


def test_every_league_and_title_is_in_season_and_the_list_is_free() -> None:
    async def look(venue: Venue) -> None:
        answer = await ask(venue, "/v4/sports")
        assert len(answer.body) == 10
        assert all(sport["active"] for sport in answer.body)
        assert answer.headers["x-requests-remaining"] == "5"
        assert answer.headers["x-requests-last"] == "0"

    at_venue(look)


def test_a_call_costs_its_markets_times_its_regions_or_ten_books() -> None:
    async def look(venue: Venue) -> None:
        ten = "draftkings,fanduel,betmgm,williamhill_us,betonlineag,betus,fanatics,betrivers"
        answer = await ask(venue, NBA, bookmakers=f"{ten},pinnacle,kalshi", regions="us,eu")
        assert answer.headers["x-requests-last"] == "1"
        books = {book["key"] for event in answer.body for book in event["bookmakers"]}
        assert len(books) == 9
        answer = await ask(venue, NBA, regions="us,eu", markets="h2h,spreads")
        assert answer.headers["x-requests-last"] == "4"
        assert answer.headers["x-requests-remaining"] == "0"
        refused = await ask(venue, NBA, regions="us")
        assert (refused.status, refused.body["error_code"]) == (401, "OUT_OF_USAGE_CREDITS")
        assert "quota" in refused.body["message"]
        assert (await ask(venue, "/v4/sports")).status == 200

    at_venue(look)


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        (NBA, {"apiKey": ""}, 401, "MISSING_KEY"),
        (NBA, {"apiKey": "0" * 32}, 401, "INVALID_KEY"),
        ("/v4/sports/cricket/odds", {"regions": "us"}, 404, "UNKNOWN_SPORT"),
        (NBA, {}, 422, "MISSING_REGION"),
        (NBA, {"regions": "mars"}, 422, "INVALID_REGION"),
        (NBA, {"bookmakers": "caesars"}, 422, "INVALID_BOOKMAKERS"),
        (NBA, {"regions": "us", "markets": "goals"}, 422, "INVALID_MARKET"),
        (NBA, {"regions": "us", "oddsFormat": "roman"}, 422, "INVALID_ODDS_FORMAT"),
        (NBA, {"regions": "us", "dateFormat": "moon"}, 422, "INVALID_DATE_FORMAT"),
    ],
)
def test_refusals(path: str, query: dict[str, str], status: int, code: str) -> None:
    async def look(venue: Venue) -> None:
        answer = await ask(venue, path, **query)
        assert (answer.status, answer.body["error_code"]) == (status, code)
        assert answer.body["details_url"].endswith(f"#{code.lower().replace('_', '-')}")
        assert ("x-requests-remaining" in answer.headers) == (status != 401)

    at_venue(look)


def test_formats() -> None:
    async def look(venue: Venue) -> None:
        american = await ask(venue, NBA, regions="us", oddsFormat="american", dateFormat="unix")
        event = american.body[0]
        prices = [
            outcome["price"]
            for book in event["bookmakers"]
            for outcome in book["markets"][0]["outcomes"]
        ]
        assert all(isinstance(price, int) and abs(price) >= 100 for price in prices)
        assert isinstance(event["commence_time"], int)
        title = await ask(venue, TITLE, regions="us", markets="outrights")
        assert title.body[0]["home_team"] is None
        field = title.body[0]["bookmakers"][0]["markets"][0]["outcomes"]
        assert len(field) == 32
        assert [each["name"] for each in field] == sorted(each["name"] for each in field)

    at_venue(look)


def test_karbs_consensus_is_the_truth_within_half_a_cent() -> None:
    of = world(Hands(), seed=5)
    at = of.clock.now()
    truths = {game.odds_id: (game, of.truths[game].probability) for game in of.slate.games}
    errors = []
    for event in offered(of):
        if event.id not in truths or event.start <= at:
            continue
        game, chance = truths[event.id]
        fair = consensus(event, game.home.full, at=at, rules=FairRules())
        assert isinstance(fair, Consensus)
        assert fair.books >= 8
        errors.append(fair.probability - chance)
    assert len(errors) > 15
    assert max(map(abs, errors)) < 0.008
    assert abs(fmean(errors)) < 0.002


def test_books_have_a_margin_of_four_cents_on_both_sides() -> None:
    for event in offered(world(Hands())):
        if event.home:
            for quote in event.quotes:
                assert 1.03 < sum(1 / price for price in quote.odds.values()) < 1.055


def test_each_book_is_as_old_as_its_last_reading_and_one_is_slow() -> None:
    hands = Hands()
    of = world(hands)
    ages: dict[str, list[float]] = {}
    for _ in range(75):
        hands.move(6)
        of.advance()
        for event in offered(of):
            if event.home and event.start > hands.at:
                for quote in event.quotes:
                    ages.setdefault(quote.book, []).append((hands.at - quote.updated) / SECOND)
                break
    slow = ages.pop("caesars")
    assert 100 < max(slow) < 200
    assert all(max(each) < 74 for each in ages.values())
    assert all(any(b < a for a, b in pairwise(each)) for each in ages.values())


def test_a_frozen_book_grows_old() -> None:
    hands = Hands()
    of = world(hands)
    of.sportsbooks.frozen.add("draftkings")
    for _ in range(10):
        hands.move(60)
        of.advance()
    ages = {
        quote.book: (hands.at - quote.updated) / SECOND
        for event in offered(of)
        if event.start > hands.at and event.home
        for quote in event.quotes
    }
    assert ages["draftkings"] > 590
    assert ages["fanduel"] < 70


def test_a_game_that_is_over_is_neither_offered_nor_quoted_any_more() -> None:
    hands = Hands()
    of = world(hands)
    running = next(game for game in of.slate.games if game.played and game.offered)
    assert running.odds_id in {event.id for event in offered(of)}
    for _ in range(24):
        hands.move(600)
        of.advance()
    assert of.truths[running].over
    assert running.odds_id not in {event.id for event in offered(of)}
    for team in (running.home, running.away):
        assert list(of.exchange.book(running.ticker(team)).orders()) == []


def test_the_answer_survives_karbs_decoder_byte_for_byte() -> None:
    async def look(venue: Venue) -> None:
        answer = await ask(venue, NBA, regions="us,eu")
        read = decode_odds(msgspec.json.encode(answer.body), origin="test")
        assert len(read.events) == len(answer.body) == 4
        assert not any(event.unreadable for event in read.events)

    at_venue(look)


def test_credits_can_be_used_up_on_request() -> None:
    async def look(venue: Venue) -> None:
        venue.begin(Fault.NO_CREDITS)
        assert (await ask(venue, NBA, regions="us")).body["error_code"] == "OUT_OF_USAGE_CREDITS"
        venue.end(Fault.NO_CREDITS)
        assert (await ask(venue, NBA, regions="us")).status == 200

    at_venue(look)


def test_every_offered_game_that_is_listed_is_linked_by_karb() -> None:
    for seed in range(8):
        of = world(Hands(), seed=seed)
        offered_games = {
            game.ticker(team)
            for game in of.slate.games
            if game.offered and game.listed
            for team in (game.home, game.away)
        }
        found = {answer.ticker: answer for answer in links(of)}
        linked = {ticker for ticker, answer in found.items() if hasattr(answer, "odds_event_id")}
        titles = {ticker for ticker in found if "GAME" not in ticker}
        assert linked == offered_games | titles
        for game in of.slate.games:
            if game.offered and game.listed:
                for team in (game.home, game.away):
                    link = found[game.ticker(team)]
                    assert getattr(link, "odds_event_id", "") == game.odds_id
                    assert getattr(link, "outcome", "") == team.full
