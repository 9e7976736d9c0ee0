"""Which markets are found open, with what around them, and what is left out and why."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from kalshi_rest_server import Answer, Asked, Client, RestServer
from karb.adapters.kalshi.discovery import Discovery, Milestone, starts_of
from karb.domain.market.catalog import Listed
from karb.errors import AuthRefusedError, KarbError, UnreachableError

EVENT = "KXNBAGAME-26NOV25LALBOS"
START = 1_795_687_200_000_000_000
"""2026-11-26 10:00 UTC."""


def market(ticker: str, **changes: Any) -> dict[str, Any]:
    return {
        "ticker": ticker,
        "event_ticker": ticker.rpartition("-")[0],
        "yes_sub_title": "Boston",
        "status": "active",
        "yes_bid_dollars": "0.4000",
        "yes_ask_dollars": "0.4200",
        "price_level_structure": "linear_cent",
        **changes,
    }


def event(ticker: str = EVENT, **changes: Any) -> dict[str, Any]:
    return {"event_ticker": ticker, "title": "Los Angeles L vs Boston", **changes}


def milestone(ticker: str = EVENT, start: str = "2026-11-26T10:00:00Z") -> dict[str, Any]:
    return {"id": "m", "start_date": start, "primary_event_tickers": [ticker]}


def exchange(
    markets: list[Any],
    events: list[Any] | None = None,
    milestones: list[Any] | None = None,
    *,
    series: str = "KXNBAGAME",
) -> RestServer:
    server = RestServer()
    listed = [event()] if events is None else events
    found = {"events": listed, "milestones": milestones or [], "cursor": ""}
    fee = {"ticker": series, "fee_type": "quadratic", "fee_multiplier": 1}
    server.answers = {
        "/markets": Answer(json.dumps({"markets": markets, "cursor": ""})),
        "/events": Answer(json.dumps(found)),
        f"/series/{series}": Answer(json.dumps({"series": fee})),
    }
    return server


def discover(
    server: RestServer, *series: str, told: Callable[[KarbError], object] = print
) -> tuple[dict[str, Listed], dict[str, int]]:
    """What is listed, by ticker, and what was left out."""

    async def run() -> tuple[dict[str, Listed], dict[str, int]]:
        async with server.open(), Client(server.url).open() as client:
            discovery = Discovery(client.rest, told)
            found = await discovery.open_markets(series or ["KXNBAGAME"])
            return {each.market.ticker: each for each in found}, dict(discovery.skipped)

    return asyncio.run(run())


def test_a_game_comes_with_its_event_its_fee_and_its_start() -> None:
    tickers = [f"{EVENT}-LAL", f"{EVENT}-BOS"]
    server = exchange([market(t) for t in tickers], [event()], [milestone()])
    found, skipped = discover(server)
    assert list(found) == tickers
    assert skipped == {}
    for listed in found.values():
        assert listed.event is not None
        assert listed.event.title == "Los Angeles L vs Boston"
        assert listed.event.markets == ()
        assert listed.series is not None
        assert listed.series.fee_multiplier == "1"
        assert listed.start == START
        assert listed.at == listed.market.quote.ts_recv


def test_a_champion_comes_by_the_bare_series_and_has_no_start() -> None:
    """A milestone of the final would be no start of anything that is linked to it."""
    one = market("KXNBA-27-BOS")
    server = exchange([one], [event("KXNBA-27")], [milestone("KXNBA-27")], series="KXNBA")
    found, _ = discover(server, "KXNBA")
    assert found["KXNBA-27-BOS"].start is None
    assert found["KXNBA-27-BOS"].event is not None


def test_each_series_is_asked_by_itself_and_never_everything() -> None:
    server = exchange([])
    discover(server, "KXNBAGAME", "KXNFLGAME")
    lists = [asked for asked in server.asked if asked.path in ("/markets", "/events")]
    assert {asked.query["series_ticker"] for asked in lists} == {"KXNBAGAME"}
    assert all(asked.query["status"] == "open" for asked in lists)


def test_a_market_without_a_start_is_listed_all_the_same() -> None:
    found, skipped = discover(exchange([market(f"{EVENT}-BOS")]))
    assert found[f"{EVENT}-BOS"].start is None
    assert skipped == {}


@pytest.mark.parametrize(
    "events",
    [
        [],
        [event("KXNBAGAME-26NOV26CHIMIA")],
        [event(title=7)],
        [event(fee_multiplier_override=3.00001)],
        [event(fee_multiplier_override=11)],
        [event(fee_type_override=2)],
        [{"fee_multiplier_override": 3}],
    ],
)
def test_a_market_whose_event_cannot_be_read_is_left_out(events: list[Any]) -> None:
    """The event may have a dearer fee than its series."""
    found, skipped = discover(exchange([market(f"{EVENT}-BOS")], events))
    assert found == {}
    assert skipped["market of an event that is not listed or cannot be read"] == 1


@pytest.mark.parametrize(
    "prices",
    [
        {"yes_bid_dollars": "0.4200", "yes_ask_dollars": "0.4200"},
        {"yes_bid_dollars": "0.4300", "yes_ask_dollars": "0.4200"},
        {"yes_bid_dollars": None, "yes_ask_dollars": "x", "last_price_dollars": "-1"},
        {"yes_bid_dollars": 0.42, "volume_fp": "many"},
    ],
)
def test_prices_of_a_list_are_not_looked_at(prices: dict[str, Any]) -> None:
    """A bid that met the ask for a moment must not take a followed market away."""
    found, skipped = discover(exchange([market(f"{EVENT}-BOS", **prices)]))
    assert found[f"{EVENT}-BOS"].market.quote.yes_bid is None
    assert found[f"{EVENT}-BOS"].market.quote.yes_ask is None
    assert skipped == {}


def test_a_record_that_cannot_be_read_costs_no_other() -> None:
    bad = [
        market(f"{EVENT}-LAL", open_time="soon"),
        market(f"{EVENT}-MIA", price_level_structure="odd"),
        market(f"{EVENT}-PHX", yes_sub_title="Phoenix\0"),
        {"ticker": 3},
        None,
    ]
    server = exchange(
        [*bad, market(f"{EVENT}-BOS")],
        [{"title": "no ticker"}, event()],
        [{"start_date": "soon"}, milestone()],
    )
    found, skipped = discover(server)
    assert list(found) == [f"{EVENT}-BOS"]
    assert found[f"{EVENT}-BOS"].start == START
    kinds = [reason.partition(":")[0] for reason in skipped]
    assert (kinds.count("market"), kinds.count("event"), kinds.count("milestone")) == (5, 1, 1)


def test_only_active_markets_are_open() -> None:
    words = ["inactive", "closed", "finalized", "new word"]
    server = exchange([market(f"{EVENT}-{n}", status=word) for n, word in enumerate(words)])
    found, skipped = discover(server)
    assert found == {}
    assert sum(skipped.values()) == len(words)


def test_a_series_that_is_not_supported_is_not_asked_for() -> None:
    server = exchange([market(f"{EVENT}-BOS")])
    found, skipped = discover(server, "KXNBASPREAD", "KXNBAGAME")
    assert list(found) == [f"{EVENT}-BOS"]
    assert skipped == {"series KXNBASPREAD: not one that karb links": 1}
    assert not any("SPREAD" in str(asked) for asked in server.asked)


def test_a_series_that_the_exchange_does_not_have_is_left_out() -> None:
    found, skipped = discover(exchange([market(f"{EVENT}-BOS")]), "KXMLBGAME", "KXNBAGAME")
    assert list(found) == [f"{EVENT}-BOS"]
    assert skipped == {"series KXMLBGAME: not at the exchange": 1}


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"fee_type": "quadratic"},
        {"fee_multiplier": 2},
        {"fee_type": "quadratic", "fee_multiplier": 12},
        {"fee_type": "quadratic", "fee_multiplier": None},
        {"fee_type": 2, "fee_multiplier": 2},
    ],
)
def test_without_fee_terms_the_markets_of_a_series_are_left_out(terms: dict[str, Any]) -> None:
    """An older fee from a file may be cheaper than the real one. Other series go on."""
    server = exchange([market(f"{EVENT}-BOS")])
    record = {"series": {"ticker": "KXNBA", **terms}}
    server.answers["/series/KXNBA"] = Answer(json.dumps(record))
    found, skipped = discover(server, "KXNBA", "KXNBAGAME")
    assert list(found) == [f"{EVENT}-BOS"]
    assert [reason.partition(":")[0] for reason in skipped] == ["series KXNBA"]
    lists = [asked for asked in server.asked if asked.path in ("/markets", "/events")]
    assert {asked.query["series_ticker"] for asked in lists} == {"KXNBAGAME"}


@pytest.mark.parametrize("path", ["/series/KXNBAGAME", "/events", "/markets"])
@pytest.mark.parametrize(
    "body", ["<html>", "", "{}", "[]", '{"series":{"ticker":"KXNFLGAME"},"cursor":""}']
)
def test_an_answer_that_is_not_from_the_exchange_is_no_list(path: str, body: str) -> None:
    """A sign-in page on the way must not end a run of days, nor take markets or fees away."""
    server = exchange([market(f"{EVENT}-BOS")])
    server.answers[path] = Answer(body)
    with pytest.raises(UnreachableError) as caught:
        discover(server)
    assert caught.value.retryable


def test_a_refused_key_is_no_empty_list() -> None:
    server = exchange([])
    server.answers["/events"] = Answer('{"error":{"code":"authentication_error"}}', 401)
    with pytest.raises(AuthRefusedError):
        discover(server)


def test_open_markets_that_are_left_out_are_told_with_an_example() -> None:
    """An edge that nobody can see must not be missed in silence."""
    told: list[KarbError] = []
    lost = [market(f"KXNBAGAME-26NOV26CHIMIA-{team}") for team in ("CHI", "MIA")]
    unreadable, closed = market("T", open_time="soon"), market(f"{EVENT}-LAL", status="closed")
    server = exchange([*lost, unreadable, closed, market(f"{EVENT}-BOS")])
    server.answers["/series/KXNBA"] = Answer('{"series": {"ticker": "KXNBA"}}')
    discover(server, "KXNBAGAME", "KXNBA", "KXMLBGAME", told=told.append)
    fee, event_gone, record = (error.what for error in told)
    assert fee.startswith("every market of KXNBA is left out: ")
    assert event_gone == (
        "2 markets are left out: the event, which may have a fee of its own, is missing or "
        f"cannot be read, e.g. {lost[0]['ticker']}"
    )
    assert record.startswith("1 market is left out: the record is missing or cannot be read, e.g.")
    told.clear()
    discover(exchange([market(f"{EVENT}-BOS")]), told=told.append)
    assert told == []


def test_what_was_left_out_is_counted_anew_each_time() -> None:
    server = exchange([{"ticker": 3}])

    async def run() -> None:
        async with server.open(), Client(server.url).open() as client:
            discovery = Discovery(client.rest, print)
            for _ in range(2):
                await discovery.open_markets(["KXNBAGAME"])
                assert sum(discovery.skipped.values()) == 1

    asyncio.run(run())


def test_a_market_that_moves_between_two_pages_is_listed_once() -> None:
    server = exchange([])
    ticker = f"{EVENT}-BOS"

    def page(asked: Asked) -> Answer:
        cursor = "" if "cursor" in asked.query else "next"
        return Answer(json.dumps({"markets": [market(ticker)], "cursor": cursor}))

    server.answers["/markets"] = page
    found, _ = discover(server)
    assert list(found) == [ticker]


def test_starts() -> None:
    """Of the game itself first; two that disagree tell nothing."""
    game = Milestone("2026-11-26T10:00:00Z", ["A", "B"], ["A", "B", "C"])
    other = Milestone("2026-11-27T10:00:00Z", ["B"], ["C", "D"])
    same = Milestone("2026-11-26T10:00:00Z", ["A"])
    silent = Milestone("", ["E"])
    day = 86_400_000_000_000
    assert starts_of([game, other, same, silent]) == {"A": START, "D": START + day}
