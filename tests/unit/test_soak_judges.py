"""The judges of the long proofs: what they must find fault with, and what they must let pass."""

import pytest

from karb.domain.units import SECOND
from karb.sim.venue import Planted
from planted_edges import LATE, Seen, Window, judged
from soak.running import Sample, growing

LIT = Window(0, 100 * SECOND)
A = Planted("A", "yes", 7, 10 * SECOND, 13 * SECOND)
B = Planted("B", "no", 7, 20 * SECOND, 23 * SECOND)


def seen(ticker: str, side: str, second: float) -> Seen:
    return Seen(ticker, side, round(second * SECOND))


def test_an_edge_without_a_signal_is_missed_and_one_with_a_signal_is_found() -> None:
    verdict = judged([A, B], [seen("A", "yes", 10.5)], lit=LIT)
    assert verdict.missed == [1]
    assert verdict.whole == {0, 1}
    assert verdict.found == {0: SECOND // 2}


@pytest.mark.parametrize(
    "stray",
    [seen("A", "no", 11), seen("C", "yes", 11), seen("A", "yes", 9), seen("A", "yes", 15.5)],
    ids=["other side", "other market", "too early", "too late"],
)
def test_a_signal_without_its_edge_is_a_stray(stray: Seen) -> None:
    verdict = judged([A], [stray], lit=LIT)
    assert (verdict.missed, verdict.strays) == ([0], (stray,))


def test_a_signal_on_its_way_when_the_edge_ended_is_none() -> None:
    late = Seen("A", "yes", A.ends_ns + LATE)
    assert judged([A], [late], lit=LIT).strays == ()


@pytest.mark.parametrize(
    ("dark", "owed"),
    [
        ([], True),
        ([Window(9 * SECOND, 12 * SECOND)], True),
        ([Window(11 * SECOND, 14 * SECOND)], True),
        ([Window(10 * SECOND, 12 * SECOND + 1)], False),
        ([Window(11 * SECOND - 1, 12 * SECOND + 1)], False),
        ([Window(9 * SECOND, 11 * SECOND), Window(11 * SECOND, 14 * SECOND)], False),
        ([Window(9 * SECOND, 14 * SECOND), Window(10 * SECOND, 11 * SECOND)], False),
    ],
)
def test_an_edge_is_owed_when_it_stood_a_whole_second_in_the_light(
    dark: list[Window], owed: bool
) -> None:
    assert judged([A], [], lit=LIT, dark=dark).owed == frozenset([0] if owed else [])


def test_what_stood_before_the_start_or_still_stands_at_the_end_is_owed_for_its_second() -> None:
    assert judged([A], [], lit=Window(12 * SECOND, 100 * SECOND)).missed == [0]
    assert judged([A], [], lit=Window(12 * SECOND + 1, 100 * SECOND)).missed == []
    assert judged([A], [], lit=Window(0, 11 * SECOND)).missed == [0]
    assert judged([A], [], lit=Window(0, 11 * SECOND - 1)).missed == []


def test_a_second_of_a_fast_venue_is_shorter() -> None:
    lit = Window(12 * SECOND + SECOND * 9 // 10, 100 * SECOND)
    assert judged([A], [], lit=lit).missed == []
    assert judged([A], [], lit=lit, speed=10.0).missed == [0]


def samples(**growth: float) -> list[Sample]:
    """Forty samples, ten seconds apart; `growth` is what a figure gains from each to the next."""
    level = {"memory_mb": 120.0, "descriptors": 30, "threads": 9, "connections": 6}
    return [
        Sample(
            at=10.0 * number,
            **{name: value + number * growth.get(name, 0) for name, value in level.items()},  # type: ignore[arg-type]
        )
        for number in range(40)
    ]


def test_a_process_that_stays_as_it_is_or_grows_only_at_first_is_flat() -> None:
    flat = samples()
    warm = [each._replace(memory_mb=60.0 + 6 * place) for place, each in enumerate(flat[:10])]
    assert growing(flat) == growing(warm + flat[10:]) == []


@pytest.mark.parametrize(
    ("name", "each"),
    [("memory_mb", 0.5), ("descriptors", 0.2), ("threads", 0.1), ("connections", 0.2)],
)
def test_what_grows_is_named(name: str, each: float) -> None:
    (told,) = growing(samples(**{name: each}))
    assert told.startswith(f"{name} grew by ")
