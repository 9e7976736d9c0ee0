"""The budget of requests: what is free, what waits, and for how long."""

from hypothesis import given
from hypothesis import strategies as st

from karb.adapters.kalshi.limiter import COST, TokenBucket
from karb.domain.units import MILLISECOND, SECOND

NOW = 1_000 * SECOND


def test_a_full_bucket_is_free_and_then_the_rate_decides() -> None:
    bucket = TokenBucket()
    waits = [bucket.take(COST, NOW) // MILLISECOND for _ in range(23)]
    assert waits == [0] * 20 + [50, 100, 150]


def test_tokens_come_back_up_to_the_brim() -> None:
    bucket = TokenBucket(capacity=20, rate=100)
    assert [bucket.take(10, NOW) for _ in range(2)] == [0, 0]
    assert bucket.take(10, NOW + 100 * MILLISECOND) == 0
    assert [bucket.take(10, NOW + SECOND) for _ in range(2)] == [0, 0]
    assert bucket.take(10, NOW + SECOND) == 100 * MILLISECOND


def test_who_asks_first_goes_first() -> None:
    bucket = TokenBucket(capacity=10, rate=10)
    assert [bucket.take(10, NOW) // SECOND for _ in range(3)] == [0, 1, 2]


def test_a_clock_that_stands_still_or_runs_back_gives_no_tokens() -> None:
    bucket = TokenBucket(capacity=10, rate=10)
    bucket.take(10, NOW)
    assert bucket.take(10, NOW - 5 * SECOND) == SECOND


def test_a_larger_account_gets_its_tokens_and_what_is_spent_stays_spent() -> None:
    bucket = TokenBucket(capacity=10, rate=10)
    bucket.take(10, NOW)
    bucket.resize(capacity=30, rate=100)
    assert [bucket.take(10, NOW) for _ in range(3)] == [0, 0, 100 * MILLISECOND]


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
def test_never_more_than_the_budget_in_any_second(gaps: list[int]) -> None:
    """Whoever waits as told starts at most capacity plus rate in a second."""
    bucket = TokenBucket(capacity=50, rate=100)
    now, starts = NOW, []
    for gap in gaps:
        now += gap * MILLISECOND
        starts.append(now + bucket.take(COST, now))
    for start in starts:
        within = [s for s in starts if start <= s < start + SECOND]
        assert len(within) * COST <= 50 + 100
