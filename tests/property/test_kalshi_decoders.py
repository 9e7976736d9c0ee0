"""Whatever the bytes: a value that can be true, or one decode error."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karb.adapters.kalshi.decode import decode_frame
from karb.errors import DecodeError
from soak.damage import mutated
from soak.fuzz import NOW, TARGETS, outcome
from soak.seeds import FRAMES

KALSHI = [name for name in TARGETS if name.startswith("kalshi")]

levels = st.dictionaries(st.integers(1, 99), st.integers(1, 10**6), max_size=8)


@pytest.mark.parametrize("name", list(TARGETS))
def test_what_is_damaged_was_valid(name: str) -> None:
    """Fuzzing messages that were refused anyway would find nothing."""
    for seed in TARGETS[name].seeds:
        TARGETS[name].run(seed)


@pytest.mark.parametrize("name", KALSHI)
@settings(max_examples=1_000, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_a_damaged_message_is_a_value_or_a_decode_error(name: str, random: Random) -> None:
    raw = mutated(random, TARGETS[name].seeds)
    assert outcome(TARGETS[name], raw) is None


@pytest.mark.parametrize("name", KALSHI)
@settings(max_examples=300, deadline=None)
@given(raw=st.binary(max_size=64))
def test_any_bytes_are_a_value_or_a_decode_error(name: str, raw: bytes) -> None:
    assert outcome(TARGETS[name], raw) is None


@given(st.sampled_from(FRAMES), st.data())
def test_a_message_cut_short_is_a_decode_error(raw: bytes, data: st.DataObject) -> None:
    cut = raw[: data.draw(st.integers(0, len(raw) - 1))]
    with pytest.raises(DecodeError):
        decode_frame(cut, ts_recv=NOW)


@given(levels, levels, st.randoms(use_true_random=False))
def test_a_snapshot_means_the_same_in_cents_and_in_dollars(
    yes: dict[int, int], no: dict[int, int], random: Random
) -> None:
    def snapshot(cents: bool) -> bytes:
        sides = {}
        for name, side in (("yes", yes), ("no", no)):
            rows = [[p, n] if cents else [f"{p / 100:.4f}", f"{n}.00"] for p, n in side.items()]
            random.shuffle(rows)
            sides[name if cents else f"{name}_dollars_fp"] = rows
        body = {"market_ticker": "T", **sides}
        return json.dumps({"type": "orderbook_snapshot", "sid": 1, "seq": 1, "msg": body}).encode()

    assert decode_frame(snapshot(True), ts_recv=NOW) == decode_frame(snapshot(False), ts_recv=NOW)
