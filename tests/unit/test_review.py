"""What a person should look at: links whose prices do not fit, before the start only."""

import pytest

from karb.domain.market.messages import Quote
from karb.domain.units import HOUR, Nanos
from karb.tasks.review import review
from offers import AWAY, BUF, HOME, HOU, START, link
from situations import quote


def quarantined(at: Nanos, *quotes: Quote) -> list[str]:
    found = review(
        [link(BUF, AWAY), link(HOU, HOME)], [], [], quotes, {}, lambda answer: answer, at
    )
    return [pending.ticker for pending in found if pending.reason == "quarantined"]


@pytest.mark.parametrize(("at", "told"), [(START - HOUR, [BUF, HOU]), (START, [])])
def test_prices_that_do_not_fit_are_told_before_the_start(at: Nanos, told: list[str]) -> None:
    prices = quote(4_700, 4_800, ticker=BUF), quote(7_400, 7_500, ticker=HOU)
    assert quarantined(at, *prices) == told


def test_prices_that_fit_are_not_told() -> None:
    prices = quote(4_700, 4_800, ticker=BUF), quote(5_200, 5_300, ticker=HOU)
    assert quarantined(START - HOUR, *prices) == []
