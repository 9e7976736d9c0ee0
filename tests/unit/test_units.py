"""Prices, counts and amounts: read strictly, printed for people."""

import pytest

from karb.domain.units import (
    cash_cents,
    cents,
    contracts,
    dollars,
    fair_value,
    parse_cash,
    parse_count,
    parse_price,
    price_from_cents,
    price_wire,
)
from karb.errors import DataError


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("0.4850", 4_850),
        ("0.485", 4_850),
        ("0.48", 4_800),
        ("0", 0),
        ("0.0001", 1),
        ("1", 10_000),
        ("1.0000", 10_000),
        ("0.480000", 4_800),
    ],
)
def test_a_price_is_read_in_ten_thousandths_of_a_dollar(text: str, price: int) -> None:
    assert parse_price(text) == price


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " 0.48",
        "0.48 ",
        "0.48\n",
        "+0.48",
        "-0.0001",
        "1.0001",
        "2",
        "0.48505",
        ".48",
        "0.",
        "4e-1",
        "NaN",
        "nan",
        "Infinity",
        "0,48",
        "0_0.48",
        "٠.٤٨",
        "0.4８",
        "$0.48",
        "None",
        "9" * 5_000,
    ],
)
def test_what_is_not_a_price_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        parse_price(text)


@pytest.mark.parametrize(("whole", "price"), [(0, 0), (48, 4_800), (100, 10_000)])
def test_whole_cents_are_prices(whole: int, price: int) -> None:
    assert price_from_cents(whole) == price


@pytest.mark.parametrize("whole", [-1, 101, 4_800])
def test_cents_beyond_a_dollar_are_refused(whole: int) -> None:
    with pytest.raises(DataError):
        price_from_cents(whole)


@pytest.mark.parametrize(
    ("text", "count"),
    [("136.00", 13_600), ("0.5", 50), ("-54.00", -5_400), ("7", 700), ("-0.01", -1)],
)
def test_a_count_is_read_in_hundredths_and_may_be_negative(text: str, count: int) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize("text", ["", "1.001", "--1", "1e3", "NaN", "1.", "-"])
def test_what_is_not_a_count_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        parse_count(text)


@pytest.mark.parametrize(
    ("text", "cash"), [("0.017500", 17_500), ("98.0186", 98_018_600), ("-1.5", -1_500_000)]
)
def test_an_amount_is_read_in_millionths(text: str, cash: int) -> None:
    assert parse_cash(text) == cash


def test_an_amount_finer_than_a_millionth_is_refused() -> None:
    with pytest.raises(DataError):
        parse_cash("0.0175001")


@pytest.mark.parametrize(("probability", "cash"), [(0.0, 0), (0.5, 500_000), (1.0, 1_000_000)])
def test_a_probability_becomes_money_once(probability: float, cash: int) -> None:
    assert fair_value(probability) == cash


@pytest.mark.parametrize("probability", [-0.001, 1.001, float("nan"), float("inf")])
def test_what_is_not_a_probability_is_refused(probability: float) -> None:
    with pytest.raises(DataError):
        fair_value(probability)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (price_wire(4_850), "0.4850"),
        (price_wire(10_000), "1.0000"),
        (price_wire(1), "0.0001"),
        (cents(4_800), "48c"),
        (cents(4_850), "48.5c"),
        (cents(4_801), "48.01c"),
        (cents(10_000), "100c"),
        (cents(-150), "-1.5c"),
        (cash_cents(-13_000), "-1.3c"),
        (cash_cents(17_472, 2), "1.75c"),
        (dollars(1_750_000), "$1.75"),
        (dollars(-20_000), "-$0.02"),
        (dollars(1_234_567_890_000), "$1,234,567.89"),
        (contracts(2_500), "25"),
        (contracts(2_550), "25.5"),
        (contracts(-1), "-0.01"),
        (contracts(123_456_700), "1,234,567"),
    ],
)
def test_values_are_printed_for_people(shown: str, text: str) -> None:
    assert shown == text


@pytest.mark.parametrize(
    ("cash", "text"), [(4_999, "$0.00"), (5_000, "$0.01"), (-4_999, "$0.00"), (0, "$0.00")]
)
def test_an_amount_too_small_to_show_has_no_sign(cash: int, text: str) -> None:
    assert dollars(cash) == text
