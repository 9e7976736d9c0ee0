"""Answers of The Odds API in files become snapshots in time order."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karb.adapters.files.odds import OddsFiles, read_odds
from karb.errors import DataError, KarbError

NAMED = "nfl_20261128T170000Z.json"
NAMED_AT = 1_795_885_200 * 10**9


def event(ident: str = "e1", price: Any = 1.8, updated: str = "2026-11-28T16:59:30Z") -> Any:
    outcomes = [
        {"name": "Dallas Cowboys", "price": price},
        {"name": "New York Giants", "price": 2.1},
    ]
    market = {"key": "h2h", "last_update": updated, "outcomes": outcomes}
    return {
        "id": ident,
        "sport_key": "americanfootball_nfl",
        "commence_time": "2026-11-29T18:00:00Z",
        "home_team": "Dallas Cowboys",
        "away_team": "New York Giants",
        "bookmakers": [{"key": "draftkings", "title": "DraftKings", "markets": [market]}],
    }


def read(folder: Path, name: str, text: str | bytes | Any) -> OddsFiles:
    data = text if isinstance(text, bytes) else text if isinstance(text, str) else json.dumps(text)
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return read_odds([folder / name])


def test_the_time_is_the_stamp_in_the_name_else_the_newest_update(tmp_path: Path) -> None:
    assert [one.at for one in read(tmp_path, NAMED, [event()]).snapshots] == [NAMED_AT]
    older = event("e2", updated="2026-11-28T16:58:00Z")
    assert read(tmp_path, "nfl.json", [older, event()]).snapshots[0].at == NAMED_AT - 30 * 10**9


def test_a_folder_of_answers_comes_in_time_order(tmp_path: Path) -> None:
    for hour in (19, 17, 18):
        data = json.dumps([event()]).encode()
        (tmp_path / f"nfl_20261128T{hour}0000Z.json.gz").write_bytes(gzip.compress(data))
    (tmp_path / "notes.csv").write_text("a,b,c\n1,2,3\n")
    found = read_odds([tmp_path])
    hours = [(one.at - NAMED_AT) // (3600 * 10**9) for one in found.snapshots]
    assert (hours, found.files, found.bad) == ([0, 1, 2], 3, ())
    assert found.snapshots[0].origin.endswith("nfl_20261128T170000Z.json.gz:1")


def test_one_path_given_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / NAMED).write_text(json.dumps([event()]))
    assert read_odds([tmp_path, tmp_path / NAMED]).files == 1


@pytest.mark.parametrize(
    ("lines", "answers"),
    [
        ([event("e1"), event("e2")], [(NAMED_AT, 2)]),
        ([[event("e1")], [event("e2", updated="2026-11-28T17:30:00Z")]], [(-30, 1), (1800, 1)]),
        (
            [
                {"timestamp": "2026-11-28T17:00:10Z", "data": [event("e1"), event("e2")]},
                {"timestamp": "2026-11-28T17:05:10Z", "data": []},
            ],
            [(10, 2), (310, 0)],
        ),
    ],
    ids=["an event a line", "an answer a line", "a historical answer a line"],
)
def test_json_lines_are_events_of_one_answer_or_answers(
    tmp_path: Path, lines: list[Any], answers: list[tuple[int, int]]
) -> None:
    found = read(tmp_path, NAMED, "\n".join(map(json.dumps, lines)))
    told = [
        (one.at if one.at == NAMED_AT else (one.at - NAMED_AT) // 10**9, len(one.events))
        for one in found.snapshots
    ]
    assert told == answers


@pytest.mark.parametrize("shape", ["list", "historical", "lines"])
def test_one_bad_event_costs_that_event(tmp_path: Path, shape: str) -> None:
    events = [event("e1"), {**event("e2"), "commence_time": "soon"}, event("e3")]
    lines = ",\n".join(map(json.dumps, events))
    text = {
        "list": f"[\n{lines}]",
        "historical": f'{{"timestamp": "2026-11-28T17:00:00Z", "data": [\n{lines}]}}',
        "lines": "\n" + "\n".join(map(json.dumps, events)),
    }[shape]
    found = read(tmp_path, NAMED, text)
    assert [one.id for one in found.snapshots[0].events] == ["e1", "e3"]
    assert [(bad.origin, bad.ticker) for bad in found.bad] == [(f"{tmp_path / NAMED}:3", None)]
    assert "e2" in found.bad[0].problem
    assert found.snapshots[0].at == NAMED_AT


@pytest.mark.parametrize("price", ['"1.8"', "null", "NaN", "true"])
def test_one_bad_price_costs_that_book(tmp_path: Path, price: str) -> None:
    text = json.dumps([event()]).replace("1.8", price)
    (one,) = read(tmp_path, NAMED, text).snapshots[0].events
    assert one.quotes == ()
    assert one.unreadable[0].book == "draftkings"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"message": "no credits", "error_code": "OUT_OF_USAGE_CREDITS"}', "no credits"),
        ('{"a": 1}', "not an answer of The Odds API v4"),
        ("[1, 2]", "not an answer of The Odds API v4"),
        ("id,home_team,away_team\n1,a,b\n", "a CSV file"),
        ('{"markets": [{"ticker": "A-B", "event_ticker": "A"}]}', "this holds Kalshi markets"),
        ("[]", "there is no event in it"),
        ('[{"name": 1, "name": 2}]', "the key 'name' stands twice"),
    ],
)
def test_what_is_no_answer_is_refused_in_one_line(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, NAMED, text)
    assert what in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("spelled", ['"price" : 9.5', '"price"\n: 9.5', '"pric\\u0065": 9.5'])
def test_a_price_given_twice_is_found_however_it_is_written(tmp_path: Path, spelled: str) -> None:
    twice = json.dumps(event("e2")).replace('"price"', f'{spelled}, "price"', 1)
    found = read(tmp_path, NAMED, f"[{json.dumps(event())}, {twice}]")
    assert [one.id for one in found.snapshots[0].events] == ["e1"]
    assert "the key 'price' stands twice" in found.bad[0].problem


def test_a_price_given_twice_is_refused(tmp_path: Path) -> None:
    text = json.dumps([event("e1"), event("e2")]).replace(
        '"price": 1.8', '"price": 1.8, "price": 9', 1
    )
    found = read(tmp_path, NAMED, text)
    assert [one.id for one in found.snapshots[0].events] == ["e2"]
    assert "the key 'price' stands twice" in found.bad[0].problem


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(event())), json_values, st.booleans())
@settings(deadline=None)
def test_any_value_under_any_key_gives_a_snapshot_or_one_karb_error(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: Any, alone: bool
) -> None:
    events = [{**event(), key: value}] + ([] if alone else [event("good")])
    try:
        found = read(tmp_path_factory.getbasetemp(), NAMED, events)
    except KarbError:
        assert alone or key == "bookmakers"
    else:
        assert len(found.snapshots[0].events) + len(found.bad) <= 2
