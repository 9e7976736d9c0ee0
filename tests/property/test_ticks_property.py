"""Comparing prices as text drops exactly what comparing them as numbers would drop."""

import json

from hypothesis import given
from hypothesis import strategies as st

from karb.adapters.kalshi.ticks import ask_bound, bid_bound, tick_in
from karb.domain.edge.bounds import CLOSED, NEVER, Thresholds
from karb.domain.units import DOLLAR, price_wire
from text_paths import text_path

prices = st.integers(0, DOLLAR)


@st.composite
def spelled(draw: st.DrawFn) -> tuple[int, str]:
    """A price and one of the ways to write it: fewer digits, or trailing zeros."""
    price = draw(prices)
    full = price_wire(price)
    zeros = len(full) - len(full.rstrip("0"))
    short = full[: len(full) - draw(st.integers(0, min(zeros, 3)))]
    return price, draw(st.sampled_from([full, short, full + "0", full + "00"]))


@given(spelled(), st.integers(NEVER, DOLLAR))
def test_an_ask_at_or_below_the_bound_always_passes(ask: tuple[int, str], bound: int) -> None:
    price, text = ask
    passes = not text > ask_bound(bound)
    assert passes == (price <= bound)


@given(spelled(), st.integers(0, DOLLAR + 1))
def test_a_bid_at_or_above_the_bound_always_passes(bid: tuple[int, str], bound: int) -> None:
    price, text = bid
    passes = not text < bid_bound(bound)
    assert passes == (price >= bound)


def frame(bid: str, ask: str, ticker: str = "T") -> bytes:
    body = {
        "market_ticker": ticker,
        "yes_bid_dollars": bid,
        "yes_ask_dollars": ask,
        "ts_ms": 1_795_000_000_000,
    }
    return json.dumps({"type": "ticker", "sid": 1, "msg": body}).encode()


@given(st.integers(1, DOLLAR - 2), st.booleans(), st.data())
def test_a_tick_is_handed_on_exactly_when_a_bound_is_met(
    bid: int, alert: bool, data: st.DataObject
) -> None:
    ask = data.draw(st.integers(bid + 1, DOLLAR - 1))
    bounds = st.builds(Thresholds, ask=st.integers(NEVER, DOLLAR), bid=st.integers(0, DOLLAR + 1))
    limits = data.draw(st.just(CLOSED) | bounds)
    path, heard = text_path()
    path.announce("T", limits, alert)
    path.on_text(frame(price_wire(bid), price_wire(ask)))
    matters = ask <= limits.ask or bid >= limits.bid
    assert bool(heard.quotes) == matters
    assert bool(heard.gone) == (alert and not matters)
    kept = tick_in(heard.tape[0], 1).quote
    assert (kept.yes_bid, kept.yes_ask) == (bid, ask)


def test_a_tick_told_in_cents_is_converted_and_judged_by_its_bounds() -> None:
    body = {"market_ticker": "T", "yes_bid": 48, "yes_ask": 49, "ts": 1_768_235_835_959}
    path, heard = text_path()
    path.announce("T", Thresholds(ask=4_900, bid=DOLLAR), False)
    path.on_text(json.dumps({"type": "ticker", "msg": body}).encode())
    assert [quote.yes_ask for quote in heard.quotes] == [4_900]
