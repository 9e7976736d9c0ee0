"""The offline exchange's fees: the cases of the exchange's own schedule, and karb's equal."""

from decimal import Decimal
from random import Random

import pytest

from karb.domain.edge.fees import FeeTerms
from karb.domain.edge.fees import fee as karb_fee
from karb.sim.fees import fee


@pytest.mark.parametrize(
    ("price", "count", "multiplier", "maker", "dollars"),
    [
        (5_000, 10_000, 1.0, False, "1.7500"),
        (2_500, 10_000, 1.0, False, "1.3125"),
        (5_200, 100, 1.0, False, "0.0175"),
        (9_900, 100, 1.0, False, "0.0007"),
        (6_200, 1_000, 0.5, False, "0.0825"),
        (5_000, 10_000, 1.0, True, "0.4375"),
        (5_200, 50, 1.0, False, "0.0088"),
    ],
)
def test_the_schedule(price: int, count: int, multiplier: float, maker: bool, dollars: str) -> None:
    assert fee(price, count, multiplier, maker=maker) == Decimal(dollars)


def test_two_codes_that_share_nothing_charge_the_same() -> None:
    random = Random(2)
    for _ in range(2_000):
        price, count = random.randrange(1, 10_000), random.randint(1, 100_000)
        maker, half = random.random() < 0.5, random.random() < 0.5
        terms = FeeTerms(700, 175, 5_000 if half else 10_000, precision=100)
        ours = fee(price, count, 0.5 if half else 1.0, maker=maker)
        assert ours * 1_000_000 == karb_fee(price, count, terms, maker=maker)
