"""Whatever the bytes: a snapshot whose numbers can be used, or one decode error.

Answers are built whole and then damaged in a few places, so that most of them get far
enough to reach the parts that judge single prices.
"""

import json
from math import isfinite
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from karb.adapters.odds_api.sports import SPORTS
from karb.adapters.odds_api.wire import decode_odds
from karb.domain.fair.consensus import Consensus, NoConsensus, consensus
from karb.domain.fair.rules import FairRules, Method
from karb.domain.market.leagues import Kind
from karb.domain.units import SECOND, Nanos
from karb.errors import DecodeError

HOME, AWAY = "Buffalo Bills", "Miami Dolphins"
NOW = 1_768_150_800
AT: Nanos = NOW * SECOND

Damage = list[tuple[int, Any]]
"""Which places of an answer are replaced, and by what."""

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, -1, 1.0, 1.01, -110, 130, 501.0, "1.9", "Draw", HOME, 1e300]),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=6),
)
anything = st.one_of(
    scalars,
    st.lists(scalars, max_size=2),
    st.dictionaries(st.text(max_size=4), scalars, max_size=2),
)
damages = st.lists(st.tuples(st.integers(0, 500), anything), max_size=3)
pairs = st.sampled_from([(1.8, 2.1), (1.9, 2.0), (1.85, 2.05), (1.5, 2.75), (2.5, 2.5)])
quotes = st.tuples(
    st.sampled_from(["draftkings", "fanduel", "williamhill_us", "lowvig", "betonlineag"]),
    st.sampled_from(["h2h", "h2h", "h2h", "outrights"]),
    pairs,
    st.integers(0, 700),
)
sports = st.sampled_from([*sorted(SPORTS), "soccer_epl"])


@st.composite
def whole(draw: st.DrawFn) -> dict[str, Any]:
    """One event as the source sends it."""
    books = draw(st.lists(quotes, min_size=1, max_size=4))
    return {
        "id": "ev1",
        "sport_key": draw(sports),
        "commence_time": NOW + draw(st.sampled_from([7_200, -300])),
        "home_team": HOME,
        "away_team": AWAY,
        "bookmakers": [_book(*book) for book in books],
    }


def _book(key: str, market: str, pair: tuple[float, float], age: int) -> dict[str, Any]:
    outcomes = [{"name": n, "price": p} for n, p in zip((HOME, AWAY), pair, strict=True)]
    lines = [{"key": market, "last_update": NOW - age, "outcomes": outcomes}]
    return {"key": key, "last_update": NOW - age, "markets": lines}


answers = st.one_of(
    st.lists(whole(), min_size=1, max_size=2),
    whole(),
    whole().map(lambda event: {"timestamp": "2026-01-11T17:00:00Z", "data": [event]}),
    st.just({"message": "Usage quota has been reached.", "error_code": "OUT_OF_USAGE_CREDITS"}),
)


def damaged(answer: Any, damage: Damage) -> Any:
    """The answer with some places replaced."""
    for number, replacement in damage:
        places = list(_places(answer))
        if places:
            container, key = places[number % len(places)]
            container[key] = replacement
    return answer


def _places(node: Any) -> Any:
    """Every place below a node, as the container and the key or index in it."""
    keys = node.keys() if isinstance(node, dict) else range(len(node))
    for key in list(keys):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from _places(node[key])


def check(raw: bytes, at: Nanos | None) -> None:
    """Decode; what comes out must be usable by the next stage, or be one decode error."""
    try:
        snapshot = decode_odds(raw, origin="fuzz", at=at)
    except DecodeError:
        return
    assert isinstance(snapshot.at, int)
    for event in snapshot.events:
        assert event.id
        assert (event.kind is Kind.CHAMPION) or (event.home and event.away)
        for quote in event.quotes:
            assert quote.updated > 0
            assert all(name and isfinite(odds) for name, odds in quote.odds.items())
        for method in Method:
            answer = consensus(event, HOME, at=snapshot.at, rules=FairRules(method=method))
            assert isinstance(answer, Consensus | NoConsensus)
            if isinstance(answer, Consensus):
                assert 0.0 <= answer.low <= answer.high <= 1.0


@settings(max_examples=300, deadline=None)
@given(answers, damages, st.sampled_from([None, AT]))
def test_any_json_is_a_snapshot_or_a_decode_error(
    answer: Any, damage: Damage, at: Nanos | None
) -> None:
    check(json.dumps(damaged(answer, damage)).encode(), at)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_snapshot_or_a_decode_error(raw: bytes) -> None:
    check(raw, AT)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(whole(), min_size=1, max_size=2),
    st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 255)), min_size=1, max_size=3),
    st.integers(0, 3_000),
)
def test_a_torn_answer_is_a_snapshot_or_a_decode_error(
    answer: list[Any], changes: list[tuple[int, int]], length: int
) -> None:
    raw = bytearray(json.dumps(answer).encode())
    for place, value in changes:
        raw[place % len(raw)] = value
    check(bytes(raw), None)
    check(bytes(raw[:length]), None)
