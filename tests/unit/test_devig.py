"""De-vig against published figures, and odds that cannot be de-vigged."""

from math import inf, log, nan

import pytest

from karb.domain.fair.american import american, american_from_decimal, decimal_from_american
from karb.domain.fair.devig import devig, overround
from karb.domain.fair.rules import HONEST_METHODS, Method
from karb.errors import DataError

OUTSIDERS = (1.2, 4.0, 501.0, 501.0, 501.0)


@pytest.mark.parametrize(
    ("favourite", "outsider", "multiplicative", "additive", "power"),
    [
        (-150, 130, 0.420, 0.417, 0.416),
        (-300, 240, 0.282, 0.272, 0.267),
        (-1000, 650, 0.128, 0.112, 0.102),
        (-3000, 1400, 0.064, 0.050, 0.039),
    ],
)
def test_an_outsider_is_worth_least_under_power(
    favourite: float, outsider: float, multiplicative: float, additive: float, power: float
) -> None:
    odds = (decimal_from_american(favourite), decimal_from_american(outsider))
    found = {method: devig(odds, method)[1] for method in HONEST_METHODS}
    # Sources round to three places in either direction at the half.
    assert found[Method.MULTIPLICATIVE] == pytest.approx(multiplicative, abs=6e-4)
    assert found[Method.ADDITIVE] == pytest.approx(additive, abs=6e-4)
    assert found[Method.POWER] == pytest.approx(power, abs=6e-4)


def test_a_coin_flip_is_a_half_under_every_method() -> None:
    for method in HONEST_METHODS:
        assert devig((1.909, 1.909), method) == pytest.approx((0.5, 0.5), abs=1e-12)


def test_none_leaves_the_margin_in() -> None:
    assert devig((2.0, 1.6), Method.NONE) == (0.5, 0.625)


def test_shin_agrees_with_the_published_three_way_example() -> None:
    found = devig((2.6, 2.4, 4.3), Method.SHIN)
    assert found == pytest.approx((0.37299406, 0.40477941, 0.22222653), abs=1e-8)


def test_power_raises_every_implied_probability_to_the_same_power() -> None:
    odds = (2.6, 2.4, 4.3)
    powers = [log(p) / -log(o) for p, o in zip(devig(odds, Method.POWER), odds, strict=True)]
    assert powers == pytest.approx([powers[0]] * 3, abs=1e-12)
    assert powers[0] > 1.0


def test_additive_refuses_a_field_whose_outsider_is_smaller_than_the_margin() -> None:
    with pytest.raises(DataError, match="additive has no answer"):
        devig(OUTSIDERS, Method.ADDITIVE)


@pytest.mark.parametrize("method", [Method.MULTIPLICATIVE, Method.POWER, Method.SHIN])
def test_the_others_answer_for_the_same_field(method: Method) -> None:
    assert sum(devig(OUTSIDERS, method)) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize(
    "odds",
    [(), (1.9,), (1.0, 2.0), (0.0, 2.0), (-110.0, 2.0), (nan, 2.0), (inf, 2.0), (2.0, 0.5)],
)
def test_odds_that_are_no_market_are_refused(odds: tuple[float, ...], method: Method) -> None:
    with pytest.raises(DataError):
        devig(odds, method)


def test_odds_beyond_floating_point_are_refused_and_not_rounded_to_certainty() -> None:
    with pytest.raises(DataError):
        devig((1.01, 1.01, 1e300), Method.POWER)


def test_overround_is_the_sum_of_implied_probabilities() -> None:
    assert overround((2.0, 1.6)) == pytest.approx(1.125)


@pytest.mark.parametrize("method", HONEST_METHODS)
def test_odds_without_margin_below_one_still_have_an_answer(method: Method) -> None:
    assert sum(devig((2.2, 4.0, 5.0), method)) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("price", "odds"), [(-150, 1 + 100 / 150), (130, 2.3), (100, 2.0), (-100, 2.0), (50_000, 501)]
)
def test_american_odds_become_decimal(price: float, odds: float) -> None:
    assert decimal_from_american(price) == pytest.approx(odds, abs=1e-12)


@pytest.mark.parametrize("price", [0, 99, -99.9, 1.91, nan, inf])
def test_nothing_lies_between_minus_and_plus_one_hundred(price: float) -> None:
    with pytest.raises(DataError):
        decimal_from_american(price)


@pytest.mark.parametrize("price", [-10_000, -150, -101, 100, 101, 130, 50_000])
def test_american_odds_survive_the_way_there_and_back(price: float) -> None:
    assert american_from_decimal(decimal_from_american(price)) == pytest.approx(price)


def test_american_odds_are_written_with_their_sign() -> None:
    assert (american(1.5), american(2.0), american(2.3)) == ("-200", "+100", "+130")


@pytest.mark.parametrize("odds", [1.0, 0.0, nan, inf])
def test_decimal_odds_that_cannot_win_have_no_american_form(odds: float) -> None:
    with pytest.raises(DataError):
        american_from_decimal(odds)
