"""Ticks come from the ranges a market states, whatever its steps."""

import pytest

from karb.domain.market.grid import (
    checked_grid,
    is_on_grid,
    snap_down,
    snap_up,
    tick_down,
    tick_up,
)
from karb.domain.market.messages import WHOLE_CENTS, PriceRange
from karb.errors import DataError

TAPERED = (
    PriceRange(start=0, end=1_000, step=10),
    PriceRange(start=1_000, end=9_000, step=100),
    PriceRange(start=9_000, end=10_000, step=10),
)


@pytest.mark.parametrize(
    ("price", "down", "up"),
    [(4_800, 4_800, 4_800), (4_850, 4_800, 4_900), (1, 0, 100), (9_999, 9_900, 10_000)],
)
def test_whole_cents_round_to_the_cent(price: int, down: int, up: int) -> None:
    assert (snap_down(price, WHOLE_CENTS), snap_up(price, WHOLE_CENTS)) == (down, up)


@pytest.mark.parametrize(
    ("price", "down", "up"),
    [
        (995, 990, 1_000),
        (1_005, 1_000, 1_100),
        (8_999, 8_900, 9_000),
        (9_001, 9_000, 9_010),
        (1_000, 1_000, 1_000),
    ],
)
def test_the_range_a_price_lies_in_gives_the_step(price: int, down: int, up: int) -> None:
    assert (snap_down(price, TAPERED), snap_up(price, TAPERED)) == (down, up)


@pytest.mark.parametrize(
    ("price", "below", "above"),
    [(1_000, 990, 1_100), (9_000, 8_900, 9_010), (4_850, 4_800, 4_900), (500, 490, 510)],
)
def test_the_next_tick_is_strictly_beyond(price: int, below: int, above: int) -> None:
    assert (tick_down(price, TAPERED), tick_up(price, TAPERED)) == (below, above)


def test_points_of_the_grid_are_known() -> None:
    assert [p for p in (0, 985, 990, 1_000, 1_010, 9_010, 10_000) if is_on_grid(p, TAPERED)] == [
        0,
        990,
        1_000,
        9_010,
        10_000,
    ]


def test_beyond_the_ranges_there_is_no_tick() -> None:
    inner = checked_grid([PriceRange(start=100, end=9_900, step=100)])
    assert (snap_down(9_950, inner), snap_up(50, inner)) == (9_900, 100)
    assert not is_on_grid(10_000, inner)
    with pytest.raises(DataError):
        snap_down(50, inner)
    with pytest.raises(DataError):
        snap_up(9_950, inner)
    with pytest.raises(DataError):
        tick_up(10_000, WHOLE_CENTS)
    with pytest.raises(DataError):
        tick_down(0, WHOLE_CENTS)


def test_ranges_are_put_in_order() -> None:
    assert checked_grid(reversed(TAPERED)) == TAPERED


@pytest.mark.parametrize(
    "ranges",
    [
        [],
        [PriceRange(start=0, end=10_000, step=0)],
        [PriceRange(start=0, end=10_000, step=-100)],
        [PriceRange(start=0, end=10_000, step=300)],
        [PriceRange(start=5_000, end=5_000, step=100)],
        [PriceRange(start=6_000, end=5_000, step=100)],
        [PriceRange(start=0, end=10_100, step=100)],
        [PriceRange(start=-100, end=10_000, step=100)],
        [
            PriceRange(start=0, end=1_000, step=10),
            PriceRange(start=2_000, end=10_000, step=100),
        ],
        [
            PriceRange(start=0, end=3_000, step=10),
            PriceRange(start=2_000, end=10_000, step=100),
        ],
    ],
)
def test_ranges_that_do_not_fit_together_are_refused(ranges: list[PriceRange]) -> None:
    with pytest.raises(DataError):
        checked_grid(ranges)
