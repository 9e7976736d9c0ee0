"""Ticker shapes: every one that karb reads, and the look-alikes that it must not read."""

from datetime import date, time

import pytest

from karb.domain.linking.tickers import known_splits, league_and_kind, opponent_codes, parse_ticker
from karb.domain.market.leagues import Kind, League


@pytest.mark.parametrize(
    ("ticker", "league", "day", "clock", "number", "pair", "code"),
    [
        ("KXNFLGAME-26SEP24ATLGB-GB", League.NFL, date(2026, 9, 24), None, None, "ATLGB", "GB"),
        (
            "KXNBAGAME-26OCT20BOSDET-BOS",
            League.NBA,
            date(2026, 10, 20),
            None,
            None,
            "BOSDET",
            "BOS",
        ),
        (
            "KXNHLGAME-26OCT12VGKMIN-VGK",
            League.NHL,
            date(2026, 10, 12),
            None,
            None,
            "VGKMIN",
            "VGK",
        ),
        (
            "KXNCAAMBGAME-26MAR19TEXBYU-TEX",
            League.NCAAB,
            date(2026, 3, 19),
            None,
            None,
            "TEXBYU",
            "TEX",
        ),
        (
            "KXMLBGAME-26AUG121907BOSTOR-BOS",
            League.MLB,
            date(2026, 8, 12),
            time(19, 7),
            None,
            "BOSTOR",
            "BOS",
        ),
        ("KXMLBGAME-25AUG09MIAATLG2-MIA", League.MLB, date(2025, 8, 9), None, 2, "MIAATL", "MIA"),
        (
            "KXMLBGAME-26AUG091310MIAATLG1-ATL",
            League.MLB,
            date(2026, 8, 9),
            time(13, 10),
            1,
            "MIAATL",
            "ATL",
        ),
        (
            "KXNCAAFGAME-25DEC27M-OHFRES-M-OH",
            League.NCAAF,
            date(2025, 12, 27),
            None,
            None,
            "M-OHFRES",
            "M-OH",
        ),
        (
            "KXNCAAFGAME-25NOV29BALLM-OH-BALL",
            League.NCAAF,
            date(2025, 11, 29),
            None,
            None,
            "BALLM-OH",
            "BALL",
        ),
    ],
)
def test_game_tickers_are_taken_apart(
    ticker: str,
    league: League,
    day: date,
    clock: time | None,
    number: int | None,
    pair: str,
    code: str,
) -> None:
    read = parse_ticker(ticker)
    assert read is not None
    assert (read.league, read.kind, read.day, read.clock) == (league, Kind.GAME, day, clock)
    assert (read.number, read.pair, read.code) == (number, pair, code)
    assert parse_ticker(ticker, ticker.removesuffix(f"-{code}")) == read


def test_a_code_that_its_pair_does_not_hold_is_what_follows_the_event() -> None:
    read = parse_ticker("KXNCAAMBGAME-25NOV16CSULCHI-IL")
    assert read is not None
    assert (read.pair, read.code) == ("CSULCHI", "IL")


def test_a_champion_ticker_names_the_year_the_title_is_decided_in() -> None:
    read = parse_ticker("KXNHL-27-WSH")
    assert read is not None
    assert (read.kind, read.season, read.code, read.day) == (Kind.CHAMPION, 2027, "WSH", None)


def test_a_bare_series_with_a_date_is_one_teams_game() -> None:
    read = parse_ticker("KXNFL-26JAN11-BUF")
    assert read is not None
    assert (read.kind, read.day, read.code, read.pair) == (Kind.GAME, date(2026, 1, 11), "BUF", "")


@pytest.mark.parametrize(
    "ticker",
    [
        "KXNFLSPREAD-25DEC01NYGNE-NE10",
        "KXNFLTOTAL-25DEC01NYGNE-34",
        "KXNFLWINS-ARI-25-T14",
        "KXMLBPLAYOFFS-26-NYY",
        "KXMVENFLSINGLEGAME-S20252FF361E7A6D-B03802D5FC1",
        "KXEPLGAME-25DEC03LEECFC-TIE",
        "KXNFLGAMES-26SEP24ATLGB-GB",
        "XKXNFLGAME-26SEP24ATLGB-GB",
    ],
)
def test_a_series_that_only_looks_alike_is_refused(ticker: str) -> None:
    assert parse_ticker(ticker) is None
    assert league_and_kind(ticker.partition("-")[0]) is None


@pytest.mark.parametrize(
    "ticker",
    [
        "",
        "KXNFLGAME",
        "KXNFLGAME-",
        "KXNFLGAME-26SEP24ATLGB",
        "KXNFLGAME-26SEP31ATLGB-GB",
        "KXNFLGAME-26SPT24ATLGB-GB",
        "KXNFLGAME-26SEP24-GB",
        "KXMLBGAME-26AUG122507BOSTOR-BOS",
        "KXMLBGAME-26AUG121967BOSTOR-BOS",
        "KXMLBGAME-26AUG12190BOSTOR-BOS",
        "KXNFL-2027-BUF",
        "KXNFL-26JAN11X-BUF",
        "KXNFL-26JAN32-BUF",
        "KXNFL-27-",
        "KXNFLGAME-\u0662\u0666SEP24ATLGB-GB",
    ],
)
def test_a_shape_that_is_not_known_is_refused(ticker: str) -> None:
    assert parse_ticker(ticker) is None


def test_a_ticker_outside_the_event_it_is_said_to_belong_to_is_refused() -> None:
    assert parse_ticker("KXNFLGAME-26SEP24ATLGB-GB", "KXNFLGAME-26SEP24ATLNO") is None


def test_a_game_number_is_not_taken_from_a_code_that_ends_like_one() -> None:
    read = parse_ticker("KXMLBGAME-25AUG09MIAPG1-PG1")
    assert read is not None
    assert (read.number, read.pair) == (None, "MIAPG1")


@pytest.mark.parametrize(
    ("pair", "code", "others"),
    [
        ("LACAR", "LA", {"CAR"}),
        ("LACAR", "CAR", {"LA"}),
        ("LACAR", "LAC", set()),
        ("CSULCHI", "IL", set()),
        ("LALALA", "LA", {"LALA"}),
    ],
)
def test_the_markets_own_code_cuts_the_pair(pair: str, code: str, others: set[str]) -> None:
    known = {"LA", "LAC", "CAR", "LALA", "CSU", "LCHI"}
    assert opponent_codes(pair, code, known.__contains__) == others


def test_a_pair_is_never_cut_by_length() -> None:
    assert known_splits("LACAR", {"LA", "LAC", "CAR"}.__contains__) == [("LA", "CAR")]
    both = known_splits("LACAR", {"LA", "LAC", "CAR", "AR"}.__contains__)
    assert both == [("LA", "CAR"), ("LAC", "AR")]
