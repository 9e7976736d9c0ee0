"""What is written can be read again, and only that."""

from decimal import Decimal, InvalidOperation

from hypothesis import given
from hypothesis import strategies as st

from karb.domain.units import DOLLAR, cents, parse_cash, parse_count, parse_price, price_wire
from karb.errors import DataError

decimals = st.decimals(-2, 2, places=5) | st.decimals(0, 1, places=4)
texts = st.text(st.sampled_from("0123456789.-+eENa _,\n٤"), max_size=9)


@given(st.integers(0, DOLLAR))
def test_a_price_survives_the_wire(price: int) -> None:
    assert parse_price(price_wire(price)) == price
    assert Decimal(cents(price)[:-1]) * 100 == price


@given(st.integers(-(10**13), 10**13))
def test_counts_and_amounts_are_exact(value: int) -> None:
    assert parse_count(f"{Decimal(value) / 100:f}") == value
    assert parse_cash(f"{Decimal(value) / 1_000_000:f}") == value


@given(decimals.map(lambda d: f"{d:f}") | texts)
def test_a_price_is_what_decimal_reads_or_a_refusal(text: str) -> None:
    try:
        price = parse_price(text)
    except DataError:
        return
    assert Decimal(text) * DOLLAR == price
    assert 0 <= price <= DOLLAR


@given(st.decimals(0, 1, places=4, allow_nan=False))
def test_no_price_on_the_grid_is_refused(price: Decimal) -> None:
    assert parse_price(f"{price:f}") == price * DOLLAR


@given(texts)
def test_a_count_is_what_decimal_reads_or_a_refusal(text: str) -> None:
    try:
        count = parse_count(text)
    except DataError:
        return
    try:
        assert Decimal(text) * 100 == count
    except InvalidOperation as error:
        raise AssertionError(f"{text!r} is no number") from error
