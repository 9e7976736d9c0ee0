"""What every method owes: probabilities, in the order of the prices, that add up to 1."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from karb.domain.fair.american import american_from_decimal, decimal_from_american
from karb.domain.fair.devig import devig, overround
from karb.domain.fair.rules import HONEST_METHODS, Method
from karb.errors import DataError

ANSWERING = (Method.MULTIPLICATIVE, Method.POWER, Method.SHIN)
"""The methods that answer for any field; additive answers for any two outcomes."""

prices = st.floats(1.01, 1_000.0)
fields = st.lists(prices, min_size=2, max_size=32).map(tuple).filter(lambda o: overround(o) < 2)
pairs = st.tuples(prices, prices)


@st.composite
def marketlike(draw: st.DrawFn, *, most: int = 32) -> tuple[float, ...]:
    """A field with a margin that books take, from none to 60 %."""
    shares = draw(st.lists(st.floats(0.002, 1.0), min_size=2, max_size=most))
    total = sum(shares)
    margin = draw(st.floats(1.0, 1.6))
    odds = tuple(total / (share * margin) for share in shares)
    assume(min(odds) > 1.005)
    return odds


@settings(max_examples=300, deadline=None)
@given(st.one_of(fields, marketlike()), st.sampled_from(ANSWERING))
def test_fair_probabilities_add_up_to_one(odds: tuple[float, ...], method: Method) -> None:
    fair = devig(odds, method)
    assert len(fair) == len(odds)
    assert sum(fair) == pytest.approx(1.0, abs=1e-9)
    assert all(0.0 < p < 1.0 for p in fair)


@settings(max_examples=300, deadline=None)
@given(st.one_of(fields, marketlike()), st.sampled_from(ANSWERING))
def test_a_lower_price_never_means_a_lower_probability(
    odds: tuple[float, ...], method: Method
) -> None:
    by_price = sorted(zip(odds, devig(odds, method), strict=True))
    chances = [p for _, p in by_price]
    assert all(a >= b - 1e-12 for a, b in pairwise(chances))


@settings(max_examples=200, deadline=None)
@given(pairs)
def test_two_outcomes_always_have_an_additive_answer_and_shin_is_the_same(
    odds: tuple[float, float],
) -> None:
    additive = devig(odds, Method.ADDITIVE)
    assert sum(additive) == pytest.approx(1.0, abs=1e-12)
    assert devig(odds, Method.SHIN) == pytest.approx(additive, abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=20), st.sampled_from(HONEST_METHODS))
def test_odds_without_a_margin_are_left_as_they_are(shares: list[float], method: Method) -> None:
    fair = [share / sum(shares) for share in shares]
    found = devig([1.0 / p for p in fair], method)
    assert found == pytest.approx(fair, abs=1e-9)


@settings(max_examples=200, deadline=None)
@given(marketlike(most=8), st.randoms(use_true_random=False), st.sampled_from(ANSWERING))
def test_the_order_of_the_outcomes_does_not_matter(
    odds: tuple[float, ...], chance: Random, method: Method
) -> None:
    places = list(range(len(odds)))
    chance.shuffle(places)
    shuffled = devig([odds[place] for place in places], method)
    straight = devig(odds, method)
    assert shuffled == pytest.approx([straight[place] for place in places], abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(marketlike())
def test_the_margin_lies_more_on_outsiders_under_power_than_under_multiplicative(
    odds: tuple[float, ...],
) -> None:
    assume(overround(odds) > 1.0)
    longest = max(range(len(odds)), key=odds.__getitem__)
    power, plain = devig(odds, Method.POWER), devig(odds, Method.MULTIPLICATIVE)
    assert power[longest] <= plain[longest] + 1e-12


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=6), st.sampled_from(Method)
)
def test_any_numbers_give_probabilities_or_a_data_error(odds: list[float], method: Method) -> None:
    try:
        fair = devig(odds, method)
    except DataError:
        return
    assert all(0.0 < p < 1.0 for p in fair)


@given(st.one_of(st.floats(100.0, 1e6), st.floats(-1e6, -101.0)))
def test_american_and_decimal_odds_are_the_same_price(price: float) -> None:
    assert american_from_decimal(decimal_from_american(price)) == pytest.approx(price, rel=1e-9)
