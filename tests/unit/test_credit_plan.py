"""What the month's credits are worth: passes, their distance, and minutes that can be traded."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karb.config.durations import parse_duration
from karb.domain.edge.refusal import duration
from karb.domain.units import HOUR, SECOND, Nanos
from karb.tasks.credit_plan import DAY, FASTEST, MINUTE, Plan, next_first


def at(*moment: int) -> Nanos:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * SECOND  # type: ignore[misc, arg-type]


def planned(remaining: int, *, cost: int = 6, now: Nanos = at(2026, 11, 1)) -> Plan:
    return Plan.of(remaining, None, cost=cost, at=now)


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (at(2026, 11, 25, 8, 30), at(2026, 12, 1)),
        (at(2026, 12, 31, 23, 59, 59), at(2027, 1, 1)),
        (at(2027, 1, 1), at(2027, 2, 1)),
        (at(2028, 2, 29), at(2028, 3, 1)),
    ],
)
def test_credits_come_back_at_midnight_utc_on_the_first(now: Nanos, first: Nanos) -> None:
    assert next_first(now) == first


def test_a_free_key_is_worth_eight_minutes_a_day() -> None:
    """500 credits over 6 sports: 83 passes of 3 minutes in 30 days, one every 8.7 hours."""
    plan = planned(500)
    assert (plan.passes, plan.every) == (83, 87 * HOUR // 10)
    assert plan.tradable == 83 * 180 * SECOND // 30


def test_the_larger_plans_of_the_source() -> None:
    assert planned(20_000).every == (12 * 60 + 58) * SECOND
    assert planned(100_000).every == (2 * 60 + 36) * SECOND
    assert planned(100_000).tradable == DAY


def test_more_credits_than_minutes_poll_no_faster_than_the_source_reads_the_books() -> None:
    plan = planned(5_000_000)
    assert plan.every == FASTEST == MINUTE
    assert plan.plenty
    assert not planned(200_000).plenty


def test_credits_may_last_at_a_distance_that_buys_the_same_prices_again() -> None:
    """131 hours of a pass a second over 6 sports take 2.83 of 5 million credits."""
    plan = planned(4_999_958, now=at(2026, 11, 25, 13))
    assert plan.lasts(SECOND)
    assert not planned(2_800_000, now=at(2026, 11, 25, 13)).lasts(SECOND)


@pytest.mark.parametrize("remaining", [0, 5])
def test_less_than_a_pass_is_no_pass(remaining: int) -> None:
    plan = planned(remaining)
    assert (plan.passes, plan.every, plan.tradable) == (0, None, 0)


def test_a_pass_over_nothing_in_season_needs_no_plan() -> None:
    plan = planned(500, cost=0)
    assert (plan.passes, plan.every) == (0, None)


@given(
    remaining=st.integers(0, 10**7),
    cost=st.integers(1, 30),
    seconds=st.integers(1_600_000_000, 2_000_000_000),
)
def test_a_plan_lasts_until_the_first_and_can_be_typed(
    remaining: int, cost: int, seconds: int
) -> None:
    now = seconds * SECOND
    plan = Plan.of(remaining, None, cost=cost, at=now)
    assert plan.passes * cost <= remaining < (plan.passes + 1) * cost
    assert 0 <= plan.tradable <= DAY
    if plan.every is not None:
        assert plan.every >= FASTEST
        assert plan.lasts(plan.every)
        assert plan.at + plan.passes * plan.every >= plan.until
        assert parse_duration(duration(plan.every)) == plan.every
