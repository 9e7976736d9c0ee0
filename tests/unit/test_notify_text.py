"""What a person's phone shows of a signal."""

import msgspec

from karb.wiring.notify import text, title
from situations import judge, profile, situation

SIGNAL = judge(situation(), profile())


def test_a_signal_says_what_to_buy_at_what_price_and_what_is_left() -> None:
    assert title(SIGNAL) == "BUY_YES Buffalo Bills at 48c, net 5.3c"
    assert SIGNAL.listing.ticker in text(SIGNAL)
    assert "at risk" in text(SIGNAL)


def test_a_price_that_is_not_known_is_not_said_to_be_0() -> None:
    """A missing price is no price."""
    told = title(msgspec.structs.replace(SIGNAL, edge=None, net_edge=None))
    assert "0" not in told
    assert "unknown" in told
