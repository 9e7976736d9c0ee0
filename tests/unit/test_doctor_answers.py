"""What the doctor makes of answers: where it begins to warn, and where it says that it fails."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from karb.domain.units import SECOND, Nanos
from karb.errors import KarbError, UnreachableError
from karb.tasks import doctor_answers as answers
from karb.tasks.credit_plan import DAY, Plan
from karb.tasks.doctor import DoubtError

NOW: Nanos = int(datetime(2026, 10, 21, tzinfo=UTC).timestamp()) * SECOND


def raised(check: Callable[[], str]) -> KarbError:
    with pytest.raises(KarbError) as caught:
        check()
    assert caught.value.do
    return caught.value


def plan(remaining: int, cost: int = 2) -> Plan:
    """Eleven days are left of the month."""
    return Plan.of(remaining, None, cost=cost, at=NOW)


@pytest.mark.parametrize("offset", [0, SECOND, -SECOND])
def test_a_clock_within_a_second_is_right(offset: Nanos) -> None:
    assert "less than a second" in answers.clock(offset)


@pytest.mark.parametrize(
    ("offset", "said"),
    [(3 * SECOND, "3 s behind Kalshi's"), (-5 * SECOND, "5 s ahead of Kalshi's")],
)
def test_a_clock_that_is_off_by_seconds_is_doubted(offset: Nanos, said: str) -> None:
    error = raised(lambda: answers.clock(offset))
    assert isinstance(error, DoubtError)
    assert error.what == said


@pytest.mark.parametrize("offset", [5 * SECOND + 1, -3600 * SECOND])
def test_a_clock_beyond_what_the_exchange_accepts_fails(offset: Nanos) -> None:
    error = raised(lambda: answers.clock(offset))
    assert not isinstance(error, DoubtError)
    assert "timedatectl set-ntp true" in error.do


def test_an_exchange_says_what_it_is_closed_for() -> None:
    assert answers.exchange(active=True, trading=True, resumes=None) == "open and trading"
    closed = raised(lambda: answers.exchange(active=False, trading=False, resumes="5:00"))
    assert closed.what == "it answers, and is closed for maintenance, until about 5:00"
    paused = raised(lambda: answers.exchange(active=True, trading=False, resumes=None))
    assert paused.what == "it is open, and trading is paused"
    assert isinstance(closed, DoubtError)
    assert isinstance(paused, DoubtError)


def test_a_region_is_told_when_its_end_is_near_or_past() -> None:
    assert "no end" in answers.region(None, NOW)
    assert answers.region(NOW + 15 * DAY, NOW) == "confirmed until 2026-11-05 00:00 UTC"
    near = raised(lambda: answers.region(NOW + 14 * DAY, NOW))
    assert near.what == "keys of this account may trade sports until 2026-11-04 00:00 UTC"
    past = raised(lambda: answers.region(NOW, NOW))
    assert "refused since then" in past.means
    assert isinstance(near, DoubtError)
    assert isinstance(past, DoubtError)


def test_credits_are_told_by_what_they_are_worth() -> None:
    """220 passes of three minutes each in eleven days are an hour a day."""
    assert answers.credits_left(plan(440), ["NFL", "NBA"]) == (
        "440 left; a pass over NFL, NBA costs 2: 220 passes until 2026-11-01 00:00 UTC, "
        "at most 60 tradable minutes a day"
    )
    assert "so none is spent" in answers.credits_left(plan(440, cost=0), [])


def test_too_few_credits_for_one_pass_fail() -> None:
    error = raised(lambda: answers.credits_left(plan(1), ["NFL", "NBA"]))
    assert isinstance(error, UnreachableError)
    assert error.what == "1 left, and a pass over NFL, NBA costs 2"
    assert isinstance(raised(lambda: answers.schedule(plan(1))), DoubtError)


def test_a_pace_slower_than_quotes_age_is_doubted() -> None:
    """Eleven days are 5,280 times three minutes: so many passes keep every quote fresh."""
    assert "every 3m00s" in answers.schedule(plan(2 * 5_280))
    error = raised(lambda: answers.schedule(plan(2 * 5_279)))
    assert isinstance(error, DoubtError)
    assert error.what == (
        "the credits last for a pass every 3m01s, and a quote counts for 3m00s only"
    )
    assert "karb ingest-odds --plan" in error.do


def test_without_a_league_in_season_there_is_no_pace() -> None:
    assert "in season" in answers.schedule(plan(5, cost=0))
