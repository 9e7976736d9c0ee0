"""Where an edge begins and ends, on numbers that a person can check."""

import msgspec
import pytest

from karb.domain.edge.bounds import CLOSED, Thresholds, max_price, thresholds
from karb.domain.edge.fees import FeeTerms
from karb.domain.edge.joined import join
from karb.domain.market.grid import Grid
from karb.domain.market.messages import NO, WHOLE_CENTS, YES, PriceRange, Side
from karb.domain.units import CASH_PER_CENT, DOLLAR, Cash, Price
from situations import LISTING, TERMS, fair, profile

FREE = msgspec.structs.replace(TERMS, taker=0)
TENTHS = (PriceRange(start=0, end=DOLLAR, step=10),)
# Tenths of a cent for cheap YES, whole cents above: NO is fine where it is dear.
TAPERED = (
    PriceRange(start=0, end=1_000, step=10),
    PriceRange(start=1_000, end=DOLLAR, step=100),
)


def limits(
    probability: float, low: float, high: float, *, net: bool = True, min_edge: Cash = 50_000
) -> Thresholds:
    rules = profile(min_edge=min_edge, min_edge_agreeing=min_edge)
    return thresholds(join(LISTING, fair(probability, low=low, high=high), rules), net=net)


def test_the_gross_edge_bounds_both_sides_to_the_tick() -> None:
    """Worth 55 with 5 wanted: YES up to 50; NO is worth 45, up to 40, a bid of 60."""
    assert limits(0.55, 0.55, 0.55) == Thresholds(ask=5_000, bid=6_000)


def test_a_part_of_a_tick_is_rounded_against_the_bounds() -> None:
    """Worth 55.003: 50.003 is not a price; NO is worth 44.997 and 39.997 is none either."""
    assert limits(0.55003, 0.55003, 0.55003) == Thresholds(ask=5_000, bid=6_001)


def test_the_fee_bounds_them_where_the_low_end_leaves_less() -> None:
    """At 48 a contract costs 49.7472: a low end one unit above it keeps 48, at it not."""
    assert limits(0.55, 0.497473, 0.55).ask == 4_800
    assert limits(0.55, 0.497472, 0.55).ask == 4_799
    # The same for NO, which is judged at 1 less the high end.
    assert limits(0.45, 0.45, 1 - 0.4974731).bid == DOLLAR - 4_800
    assert limits(0.45, 0.45, 1 - 0.497472).bid == DOLLAR - 4_799


def test_without_the_net_guard_only_the_gross_edge_counts() -> None:
    assert limits(0.55, 0.40, 0.70, net=False) == Thresholds(ask=5_000, bid=6_000)


def test_a_side_that_cannot_have_an_edge_is_closed_and_the_other_open() -> None:
    assert limits(0.03, 0.03, 0.03) == Thresholds(ask=CLOSED.ask, bid=800)
    assert limits(0.97, 0.97, 0.97) == Thresholds(ask=9_200, bid=CLOSED.bid)


def test_an_edge_that_even_a_price_of_nothing_keeps_is_open_at_0() -> None:
    assert limits(0.05, 0.05, 0.05).ask == 0
    assert limits(0.95, 0.95, 0.95).bid == DOLLAR


def highest(
    ask: Price,
    side: Side,
    grid: Grid,
    *,
    worth: Cash,
    low: Cash | None = None,
    terms: FeeTerms = FREE,
) -> Price | None:
    return max_price(
        ask,
        side=side,
        fair=worth,
        low=worth if low is None else low,
        min_edge=CASH_PER_CENT,
        contracts=10,
        terms=terms,
        grid=grid,
    )


@pytest.mark.parametrize(
    ("side", "worth", "expected"),
    [
        (YES, 65_700, 550),  # 5.57 is between 5.5 and 5.6: cheap YES moves in tenths
        (NO, 965_700, 9_550),  # a NO of 95.57 is a YES of 4.43: tenths as well
        (YES, 965_700, 9_500),  # dear YES moves in cents
        (NO, 65_700, 500),  # and cheap NO is dear YES
    ],
)
def test_the_highest_price_lies_on_the_grid_of_its_side(
    side: Side, worth: Cash, expected: Price
) -> None:
    """Worth 6.57 or 96.57, with a cent wanted and no fee."""
    assert highest(500, side, TAPERED, worth=worth) == expected


def test_the_highest_price_may_be_the_ask_and_nothing_below_it() -> None:
    assert highest(4_700, YES, WHOLE_CENTS, worth=480_000) == 4_700
    assert highest(4_800, YES, WHOLE_CENTS, worth=480_000) is None


def test_the_fee_takes_the_highest_price_down() -> None:
    """Worth 50: at 48 ten cost 49.7472 each; at 49 they would cost 50.7493."""
    assert highest(4_000, YES, WHOLE_CENTS, worth=500_000, terms=TERMS) == 4_800
    assert highest(4_000, NO, WHOLE_CENTS, worth=500_000, terms=TERMS) == 4_800
    at_cost = highest(4_000, YES, WHOLE_CENTS, worth=500_000, low=497_472, terms=TERMS)
    assert at_cost == 4_700


def test_a_price_that_leaves_exactly_nothing_is_not_kept() -> None:
    """Worth 50 with 2 wanted, 48 is the gross bound; its cost is the whole low end."""
    assert at(low=497_473) == 4_800
    assert at(low=497_472) == 4_700


def test_a_fee_in_cents_takes_it_down_tick_by_tick() -> None:
    """One contract at 48 costs 50 cents with its fee of 2, at 47.9 it costs 49.9."""
    in_cents = msgspec.structs.replace(TERMS, precision=CASH_PER_CENT)
    assert at(low=500_000, contracts=1, terms=in_cents, grid=TENTHS, min_edge=1_000) == 4_790


def at(
    *,
    low: Cash,
    contracts: int = 100,
    terms: FeeTerms = TERMS,
    grid: Grid = WHOLE_CENTS,
    min_edge: Cash = 2 * CASH_PER_CENT,
) -> Price | None:
    return max_price(
        4_000,
        side=YES,
        fair=500_000,
        low=low,
        min_edge=min_edge,
        contracts=contracts,
        terms=terms,
        grid=grid,
    )
