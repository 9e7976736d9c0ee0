"""What linking reads: a record that cannot be used costs that record, never the run."""

import json
from pathlib import Path
from typing import Any

import pytest

from karb.adapters.files.mapping import read_markets, read_odds, read_truth
from karb.errors import DataError

EVENT = "KXNFLGAME-26NOV29NYGDAL"
MARKET = {"ticker": f"{EVENT}-DAL", "event_ticker": EVENT, "title": "Dallas wins"}
ROW = {
    "event_id": "e1",
    "sport_key": "americanfootball_nfl",
    "home_team": "Dallas Cowboys",
    "away_team": "New York Giants",
    "commence_time": "2026-11-29T18:00:00Z",
}
HUGE = ["1e999999999", "9" * 5_000, "-1e999999999", "[1e400]"]


def write(folder: Path, text: str, name: str = "x.json") -> Path:
    (folder / name).write_text(text)
    return folder / name


def with_number(record: dict[str, Any], number: str) -> str:
    """The record with a field that nobody reads and that holds an impossible number."""
    return json.dumps({**record, "other": "?"}).replace('"?"', number)


@pytest.mark.parametrize("number", HUGE)
def test_a_market_with_an_impossible_number_is_one_bad_record(tmp_path: Path, number: str) -> None:
    good, bad = json.dumps(MARKET), with_number(MARKET, number)
    for text in (f"[{good},\n{bad}]", f"{good}\n{bad}", f'{{"markets": [{good},\n{bad}]}}'):
        found = read_markets([write(tmp_path, text)])
        assert [facts.ticker for facts in found.facts] == [MARKET["ticker"]]
        assert [one.origin for one in found.bad] == [f"{tmp_path / 'x.json'}:2"]


@pytest.mark.parametrize("number", HUGE)
def test_a_row_with_an_impossible_number_is_a_data_error_that_names_it(
    tmp_path: Path, number: str
) -> None:
    row = write(tmp_path, f"[{json.dumps(ROW)},\n{with_number(ROW, number)}]")
    with pytest.raises(DataError, match=r"x\.json:2: the JSON cannot be read here"):
        read_odds([row])
    truth = {"kalshi_event_ticker": EVENT, "odds_event_id": "e1"}
    with pytest.raises(DataError, match=r"x\.json:1: the JSON cannot be read here"):
        read_truth(write(tmp_path, with_number(truth, number)))


def test_a_key_given_twice_is_never_guessed_at(tmp_path: Path) -> None:
    twice = json.dumps(MARKET).replace("{", '{"ticker" : "KXNFLGAME-X-Y", ', 1)
    found = read_markets([write(tmp_path, f"[{json.dumps(MARKET)}, {twice}]")])
    assert len(found.facts) == 1
    assert "the key 'ticker' stands twice" in found.bad[0].problem
    row = json.dumps(ROW).replace("{", '{"home_team" : "New York Jets", ', 1)
    with pytest.raises(DataError, match="the key 'home_team' stands twice"):
        read_odds([write(tmp_path, f"[{row}]")])


def test_what_is_said_of_a_bad_record_cannot_act_on_a_terminal(tmp_path: Path) -> None:
    evil = {"ticker": "A-B", "title": 1, "\x1b[2J": "\x1b[31m"}
    found = read_markets([write(tmp_path, json.dumps([MARKET, evil]))])
    assert len(found.bad) == 1
    assert found.bad[0].problem.isprintable()
    assert "\\x1b[2J" in found.bad[0].problem
