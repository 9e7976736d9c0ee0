"""The Odds API's answers: what is read, what is set aside with a reason, what is refused."""

import json
from typing import Any

import pytest

from karb.adapters.odds_api.sports import SPORTS
from karb.adapters.odds_api.wire import decode_odds
from karb.domain.fair.consensus import Consensus, DropReason, consensus
from karb.domain.fair.odds import OddsEvent, OddsSnapshot
from karb.domain.fair.rules import FairRules
from karb.domain.market.leagues import Kind, League
from karb.domain.units import HOUR, SECOND, Nanos
from karb.errors import DecodeError

STAMP = "2026-01-11T17:00:00Z"
AT: Nanos = 1_768_150_800 * SECOND
HOME, AWAY = "Buffalo Bills", "Miami Dolphins"


def outcomes(*prices: Any, names: tuple[Any, ...] = (HOME, AWAY)) -> list[dict[str, Any]]:
    return [{"name": n, "price": p} for n, p in zip(names, prices, strict=True)]


def market(*prices: Any, key: str = "h2h", stamp: Any = STAMP, **more: Any) -> dict[str, Any]:
    return {"key": key, "last_update": stamp, "outcomes": outcomes(*prices, **more)}


def book(key: str, *markets: dict[str, Any], stamp: Any = STAMP) -> dict[str, Any]:
    return {"key": key, "title": key.title(), "last_update": stamp, "markets": list(markets)}


def event(*books: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "ev1",
        "sport_key": "americanfootball_nfl",
        "sport_title": "NFL",
        "commence_time": "2026-01-11T20:00:00Z",
        "home_team": HOME,
        "away_team": AWAY,
        "bookmakers": list(books),
        **more,
    }


def decode(*events: Any, at: Nanos | None = None) -> OddsSnapshot:
    return decode_odds(json.dumps(list(events)).encode(), origin="answer.json", at=at)


def only(snapshot: OddsSnapshot) -> OddsEvent:
    (one,) = snapshot.events
    return one


def odds_of(*prices: Any) -> dict[str, float]:
    (quote,) = only(decode(event(book("draftkings", market(*prices))))).quotes
    return quote.odds


def why(*books: dict[str, Any], beside: bool = True) -> str:
    """The reason one book could not be read, beside a sane one that tells the format."""
    sane = [book("fanduel", market(1.8, 2.1))] if beside else []
    one = only(decode(event(*books, *sane), at=AT))
    assert len(one.quotes) == len(sane)
    (unreadable,) = one.unreadable
    return unreadable.why


def test_an_event_is_read_with_its_names_start_and_books() -> None:
    snapshot = decode(event(book("draftkings", market(1.8, 2.1))))
    one = only(snapshot)
    assert (one.id, one.league, one.kind) == ("ev1", League.NFL, Kind.GAME)
    assert (one.home, one.away, one.preseason) == (HOME, AWAY, False)
    assert one.start == AT + 3 * HOUR
    (quote,) = one.quotes
    assert quote.book == "draftkings"
    assert quote.odds == {HOME: 1.8, AWAY: 2.1}
    assert quote.updated == AT
    assert (snapshot.at, snapshot.origin, snapshot.skipped) == (AT, "answer.json", {})


def test_caesars_goes_by_the_name_people_know() -> None:
    (quote,) = only(decode(event(book("williamhill_us", market(1.8, 2.1))))).quotes
    assert quote.book == "caesars"


@pytest.mark.parametrize(
    ("prices", "odds"),
    [
        ((1.8, 2.1), (1.8, 2.1)),
        ((2, 1.8), (2.0, 1.8)),
        ((-150, 130), (1 + 100 / 150, 2.3)),
        ((-150.0, 130.0), (1 + 100 / 150, 2.3)),
        ((-110, -110), (1 + 100 / 110, 1 + 100 / 110)),
        ((100, -120), (2.0, 1 + 100 / 120)),
        ((-100, 100), (2.0, 2.0)),
        ((105, 105), (2.05, 2.05)),
        ((1.001, 251.0), (1.001, 251.0)),
    ],
)
def test_american_and_decimal_prices_are_told_apart(
    prices: tuple[float, float], odds: tuple[float, float]
) -> None:
    assert odds_of(*prices) == pytest.approx(dict(zip((HOME, AWAY), odds, strict=True)))


def title(*prices: float, key: str = "basketball_nba_championship_winner") -> dict[str, Any]:
    names = tuple(f"Team {i}" for i in range(len(prices)))
    return event(
        book("draftkings", market(*prices, key="outrights", names=names)),
        sport_key=key,
        home_team=None,
        away_team=None,
    )


@pytest.mark.parametrize(
    ("prices", "odds"),
    [
        ((2.5, 4.0, 501.0), (2.5, 4.0, 501.0)),
        ((450, 600, 50_000), (5.5, 7.0, 501.0)),
        ((-150, 600, 50_000), (1 + 100 / 150, 7.0, 501.0)),
        ((99.0, 101.0, 501.0), (99.0, 101.0, 501.0)),
    ],
)
def test_a_field_is_read_in_either_format(
    prices: tuple[float, ...], odds: tuple[float, ...]
) -> None:
    one = only(decode(title(*prices)))
    assert (one.kind, one.home, one.away) == (Kind.CHAMPION, "", "")
    assert tuple(one.quotes[0].odds.values()) == pytest.approx(odds)


def test_the_format_is_one_for_the_whole_answer() -> None:
    """+150 and +400 alone are either; the other events settle it."""
    decimal = decode(event(book("draftkings", market(1.8, 2.1))), title(2.5, 150.0, 400.0))
    american = decode(event(book("draftkings", market(-120, 100))), title(150.0, 400.0, 900.0))
    assert decimal.events[1].quotes[0].odds["Team 1"] == 150.0
    assert american.events[1].quotes[0].odds["Team 0"] == 2.5


def test_other_markets_help_to_tell_the_format() -> None:
    lines = market(-110, -110, key="spreads")
    one = only(decode(event(book("draftkings", market(150, 130), lines))))
    assert one.quotes[0].odds == pytest.approx({HOME: 2.5, AWAY: 2.3})


def test_one_price_in_the_other_format_does_not_turn_the_answer_round() -> None:
    good = [book(key, market(-120, 100)) for key in ("draftkings", "fanduel", "betmgm")]
    one = only(decode(event(*good, book("betus", market(1.83, 2.0)))))
    assert len(one.quotes) == 3
    assert "1.83" in one.unreadable[0].why


def test_an_answer_that_is_half_and_half_is_refused() -> None:
    with pytest.raises(DecodeError, match="mixed, 1 of each"):
        decode(event(book("draftkings", market(1.8, -110))))


def test_only_the_market_that_answers_the_question_is_read() -> None:
    others = [market(1.9, 1.9, key=key) for key in ("spreads", "totals", "h2h_lay", "outrights")]
    three = market(2.4, 2.9, 3.4, key="h2h_3_way", names=(HOME, AWAY, "Draw"))
    one = only(decode(event(book("draftkings", *others, three, market(1.8, 2.1)))))
    assert [quote.odds for quote in one.quotes] == [{HOME: 1.8, AWAY: 2.1}]


def test_a_title_is_not_priced_by_a_game_line() -> None:
    one = title(2.0, 3.0)
    one["bookmakers"].append(book("fanduel", market(1.8, 2.1)))
    assert [quote.book for quote in only(decode(one)).quotes] == ["draftkings"]


def test_a_book_without_the_market_is_simply_absent() -> None:
    one = only(decode(event(book("draftkings", market(1.9, 1.9, key="spreads")))))
    assert (one.quotes, one.unreadable) == ((), ())


@pytest.mark.parametrize("key", sorted(SPORTS))
def test_every_sport_key_names_its_league_and_kind(key: str) -> None:
    sport = SPORTS[key]
    one = only(decode(title(2.0, 3.0, key=key) | {"home_team": HOME, "away_team": AWAY}))
    assert (one.league, one.kind, one.preseason) == (sport.league, sport.kind, sport.preseason)
    assert one.preseason is key.endswith("_preseason")
    assert (one.kind is Kind.CHAMPION) is key.endswith("_winner")


def test_six_leagues_have_games_and_titles() -> None:
    for kind in Kind:
        assert {sport.league for sport in SPORTS.values() if sport.kind is kind} == set(League)


def test_other_sports_are_counted_and_skipped() -> None:
    other = event(book("draftkings", market(2.1, 3.3)), sport_key="soccer_epl", home_team=None)
    snapshot = decode(event(book("draftkings", market(1.8, 2.1))), other, other)
    assert len(snapshot.events) == 1
    assert snapshot.skipped == {"soccer_epl": 2}


def test_the_market_says_when_a_book_was_read_and_the_book_stands_in() -> None:
    older, own = "2026-01-11T16:59:00Z", market(1.8, 2.1)
    del own["last_update"]
    first, second = only(
        decode(
            event(
                book("draftkings", market(1.8, 2.1), stamp=older), book("betus", own, stamp=older)
            )
        )
    ).quotes
    assert (first.updated, second.updated) == (AT, AT - 60 * SECOND)


def test_times_may_be_seconds_since_1970() -> None:
    seconds = AT // SECOND
    one = event(
        book("draftkings", market(1.8, 2.1, stamp=seconds - 5)), commence_time=seconds + 7_200
    )
    snapshot = decode(one)
    assert only(snapshot).start == AT + 2 * HOUR
    assert only(snapshot).quotes[0].updated == AT - 5 * SECOND


def test_without_a_clock_an_answer_is_as_old_as_its_newest_quote() -> None:
    old = book("draftkings", market(1.8, 2.1, stamp="2026-01-11T16:50:00Z"), stamp=None)
    new = book("fanduel", market(1.9, 1.9, key="totals"), stamp=None)
    assert decode(event(old, new)).at == AT
    assert decode(event(old, new), at=AT + SECOND).at == AT + SECOND


def test_the_historical_wrapper_states_its_own_time() -> None:
    inner = event(book("draftkings", market(1.8, 2.1, stamp="2026-01-11T16:58:00Z"), stamp=None))
    for data in ([inner], inner):
        raw = json.dumps({"timestamp": STAMP, "previous_timestamp": None, "data": data}).encode()
        snapshot = decode_odds(raw, origin="history.json")
        assert snapshot.at == AT
        assert only(snapshot).id == "ev1"


def test_one_event_alone_is_an_answer_too() -> None:
    raw = json.dumps(event(book("draftkings", market(1.8, 2.1)))).encode()
    assert only(decode_odds(raw, origin="event.json")).id == "ev1"


def test_no_events_at_a_known_time_are_an_empty_snapshot() -> None:
    assert decode(at=AT).events == ()


@pytest.mark.parametrize("empty", [[], [event()]])
def test_an_answer_without_any_time_is_refused(empty: list[Any]) -> None:
    with pytest.raises(DecodeError, match="no last_update"):
        decode(*empty)


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ("1.80", "'1.80'"),
        (None, "None"),
        (True, "True"),
        ([1.8], "1.8"),
        ({"decimal": 1.8}, "decimal"),
        (10**12, "1000000000000"),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_a_price_that_is_no_number_costs_its_book_and_is_told(price: Any, said: str) -> None:
    reason = why(book("draftkings", market(price, 2.1)))
    assert "not a number" in reason
    assert said in reason


@pytest.mark.parametrize("price", [1.0, 0.5, 99, -50, 0, -110.5, 150.25])
def test_what_is_no_american_price_costs_its_book(price: float) -> None:
    good = [book(key, market(-120, 100)) for key in ("fanduel", "betmgm")]
    one = only(decode(event(book("draftkings", market(price, -110)), *good)))
    assert [quote.book for quote in one.quotes] == ["fanduel", "betmgm"]
    assert [quote.book for quote in one.unreadable] == ["draftkings"]


@pytest.mark.parametrize("stamp", ["yesterday", "2026-01-11T17:00:00", "", 0, -5, 1e300, [], True])
def test_a_book_without_a_readable_time_is_set_aside(stamp: Any) -> None:
    assert "last update" in why(book("draftkings", market(1.8, 2.1, stamp=stamp)))


def test_a_book_without_any_time_is_set_aside() -> None:
    assert "last update" in why(book("draftkings", market(1.8, 2.1, stamp=None), stamp=None))


def test_a_name_that_is_missing_or_comes_twice_is_set_aside() -> None:
    assert "without a name" in why(book("draftkings", market(1.8, 2.1, names=(HOME, None))))
    for control in ("\0", "\n", "\x1b[2J", "\x85"):
        names = (HOME, f"Buff{control}alo")
        assert "without a name" in why(book("draftkings", market(1.8, 2.1, names=names)))
    assert "priced twice" in why(book("draftkings", market(1.8, 2.1, names=(HOME, HOME))))


@pytest.mark.parametrize(
    ("prices", "names", "reason"),
    [
        ((1.8,), (HOME,), DropReason.WRONG_OUTCOMES),
        ((2.4, 2.9, 3.4), (HOME, AWAY, "Draw"), DropReason.WRONG_OUTCOMES),
        ((1.0, 2.1), (HOME, AWAY), DropReason.PLACEHOLDER_ODDS),
        ((-1.8, 2.1), (HOME, AWAY), DropReason.PLACEHOLDER_ODDS),
        ((2.5, 2.5), (HOME, AWAY), DropReason.OVERROUND),
        ((1.43, 1.43), (HOME, AWAY), DropReason.OVERROUND),
        (("x", 2.1), (HOME, AWAY), DropReason.UNREADABLE),
    ],
)
def test_a_defect_reaches_the_consensus_as_a_reason(
    prices: tuple[Any, ...], names: tuple[str, ...], reason: DropReason
) -> None:
    sane = [book(key, market(1.8, 2.1)) for key in ("draftkings", "fanduel")]
    one = only(decode(event(*sane, book("betmgm", market(*prices, names=names)))))
    answer = consensus(one, HOME, at=AT, rules=FairRules())
    assert isinstance(answer, Consensus)
    assert {dropped.book: dropped.reason for dropped in answer.dropped} == {"betmgm": reason}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"null",
        b"7",
        b'"odds"',
        b"{}",
        b"[7]",
        b"[[]]",
        b"<!DOCTYPE html><html></html>",
        b"Here are the odds:\n[]",
        b'[{"id": "a"',
        b"NaN",
        b"[NaN",
        b"\x1f\x8b\x08\x00",
        b"PAR1\x15\x04",
        b"ticker,yes_bid\nA,48\n",
        b"\xff\xfe[\x00]\x00",
        b'[{"id": "\xe9", "sport_key": "x"}]',
        b'{"a": 1}\n{"a": 2}\n',
        b"[" * 100_000,
        b'{"data": ' * 50_000,
        b'{"data": 7}',
        b'{"data": null}',
        b'{"markets": [], "cursor": ""}',
    ],
)
def test_bytes_of_another_shape_are_one_decode_error(raw: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_odds(raw, origin="odds.json", at=AT)
    assert str(caught.value).startswith("odds.json: ")
    assert caught.value.means
    assert caught.value.do


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": ""},
        {"id": "ev\0"},
        {"id": 7},
        {"sport_key": None},
        {"commence_time": None},
        {"commence_time": "soon"},
        {"commence_time": "2026-01-11T20:00:00"},
        {"home_team": None},
        {"home_team": "Buff\0alo"},
        {"away_team": "Buff\nalo"},
        {"away_team": ""},
        {"away_team": HOME},
        {"bookmakers": 7},
        {"bookmakers": [{"markets": []}]},
        {"bookmakers": [{"key": "x", "markets": "h2h"}]},
    ],
)
def test_an_event_that_cannot_be_identified_refuses_the_answer(change: dict[str, Any]) -> None:
    with pytest.raises(DecodeError):
        decode(event(book("draftkings", market(1.8, 2.1))), event() | change, at=AT)


@pytest.mark.parametrize("missing", ["id", "sport_key", "commence_time", "home_team"])
def test_a_missing_field_refuses_the_answer(missing: str) -> None:
    broken = event(book("draftkings", market(1.8, 2.1)))
    del broken[missing]
    with pytest.raises(DecodeError):
        decode(broken)


def test_an_error_answer_is_told_in_the_vendors_words() -> None:
    raw = b'{"message": "Usage quota has been reached.", "error_code": "OUT_OF_USAGE_CREDITS"}'
    with pytest.raises(DecodeError, match=r"OUT_OF_USAGE_CREDITS: Usage quota"):
        decode_odds(raw, origin="odds.json", at=AT)


def test_a_byte_order_mark_is_not_an_error() -> None:
    raw = "\ufeff".encode() + json.dumps([event(book("draftkings", market(1.8, 2.1)))]).encode()
    assert only(decode_odds(raw, origin="odds.json")).id == "ev1"
