"""A more careful profile never allows what a bolder one refuses; SCALP stands apart."""

from itertools import pairwise

import pytest

from karb.config.profiles import load_profile
from karb.domain.edge.profile import ConfidenceRules, Profile

LADDER = ("CONSERVATIVE", "STANDARD", "AGGRESSIVE", "VERY_AGGRESSIVE", "ANY_EDGE")
PAIRS = list(pairwise(LADDER))

FLOORS = ("min_edge", "min_edge_agreeing", "min_books", "min_volume", "min_time", "min_price")
CEILINGS = ("max_book_spread", "max_kalshi_spread", "max_time", "max_price", "kelly")
TIERS = ("high", "medium", "low")


@pytest.mark.parametrize(("careful", "bold"), PAIRS)
def test_every_threshold_of_the_careful_is_as_strict(careful: str, bold: str) -> None:
    one, other = load_profile(careful), load_profile(bold)
    for name in FLOORS:
        assert getattr(one, name) >= getattr(other, name), name
    for name in CEILINGS:
        assert getattr(one, name) <= getattr(other, name), name
    for name in TIERS:
        assert getattr(one.confidence, name) >= getattr(other.confidence, name), name


@pytest.mark.parametrize(("careful", "bold"), PAIRS)
def test_what_has_no_order_is_the_same(careful: str, bold: str) -> None:
    """Points, guards and fair price: were they different, thresholds could not be compared."""
    one, other = load_profile(careful), load_profile(bold)
    ordered = {*FLOORS, *CEILINGS, "name", "summary", "confidence", "live_allowed"}
    for name in set(Profile.__struct_fields__) - ordered:
        assert getattr(one, name) == getattr(other, name), name
    for name in set(ConfidenceRules.__struct_fields__) - set(TIERS):
        assert getattr(one.confidence, name) == getattr(other.confidence, name), name
