"""The status of a running process as JSON: units in the names, times as text, one shape."""

import json
from typing import Any

import msgspec

from karb.cli.screens.live_json import status_body
from karb.cli.screens.stream_json import Standing, quote_body, standing_body
from karb.ports import Quoted
from situations import NOW, quote
from statuses import FEED, STATUS

STANDING = Standing(NOW, FEED, STATUS.stores, STATUS.lost, 7, 2, ["odds: away"])


def read(body: dict[str, Any]) -> dict[str, Any]:
    """What a program reads of it."""
    told: dict[str, Any] = json.loads(msgspec.json.encode(body))
    return told


def test_times_are_text_and_other_units_stand_in_the_names() -> None:
    body = read(status_body(STATUS, 0))
    assert body["at"] == "2026-11-18T11:06:40.000+00:00"
    assert body["odds"]["at"] == "2026-11-18T11:06:29.000+00:00"
    assert body["feed"]["quiet_ms"] == 3.0
    assert body["feed"]["latency_us"]["p50"] == 9.1
    assert body["feed"]["messages_per_s"] == 678.0
    assert body["funnel"] == {"listed": 84, "linked": 80, "priced": 78}


def test_no_number_is_larger_than_every_program_can_read() -> None:
    def numbers(value: Any) -> list[float]:
        inside = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list):
            return [number for each in inside for number in numbers(each)]
        return [value] if isinstance(value, int | float) else []

    assert max(numbers(read(status_body(STATUS, 0)))) < 2**53


def test_lines_that_nobody_read_are_among_what_was_lost() -> None:
    assert status_body(STATUS, 5)["lost"]["lines not read in time"] == 5
    assert standing_body(STANDING, 5)["lost"]["lines not read in time"] == 5


def test_a_stream_and_a_run_tell_their_status_in_one_shape() -> None:
    body = read(standing_body(STANDING, 0))
    assert body.keys() == status_body(STATUS, 0).keys()
    assert body["history"] == {"ticks": 7, "trades": 2}
    assert body["problems"] == ["odds: away"]
    assert (body["odds"], body["funnel"], body["signals"]) == (None, None, None)


def test_a_side_without_a_price_is_null_and_not_0() -> None:
    body = read(quote_body(Quoted(quote(None, 4_800), live=True, last_price=None)))
    assert (body["yes_bid"], body["no_ask"], body["last_price"]) == (None, None, None)
    assert (body["yes_ask"], body["no_bid"]) == (48.0, 52.0)
