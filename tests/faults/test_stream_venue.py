"""50,000 messages of a venue that does something wrong each second."""

import asyncio
from importlib.util import find_spec

from stream_chaos import chaos

TEXTS = 50_000


def test_books_stand_through_a_fault_a_second_and_end_as_the_venues_own() -> None:
    """How fast they stand again depends on the machine: here it is bounded, a soak measures it."""
    through = "picows" if find_spec("picows") else "websockets"
    went = asyncio.run(chaos(TEXTS, seed=4, rate=3_000, through=through))
    assert went.texts >= TEXTS
    assert went.struck
    assert went.compared > 100
    assert went.wrong == []
    assert went.longest_dead < 5.0
    assert went.least_live > 0.5
