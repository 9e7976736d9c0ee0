"""Fees: the published examples, the reference table, and the exchange's rounding."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_files import recorded
from karb.config.fees import load_fee_schedule
from karb.domain.edge.fees import (
    FeeTerms,
    book_fill,
    exact_fee,
    fee,
    least_fee,
    multiplier_of,
)
from karb.domain.market.messages import Event, Series
from karb.domain.units import (
    CASH_PER_DOLLAR,
    SECOND,
    Cash,
    parse_cash,
    parse_count,
    parse_price,
)

CENT, HUNDREDTH, FINEST = 10_000, 100, 1


def terms(precision: int, multiplier: str = "1") -> FeeTerms:
    return FeeTerms(700, 175, multiplier_of(multiplier), precision)


def test_published_examples_hold_rounded_to_the_cent_an_order() -> None:
    with recorded("fees/published_examples.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 16
    for row in rows:
        charged = fee(
            parse_price(row["price"]),
            parse_count(row["contracts"]),
            terms(CENT),
            maker=row["role"] == "maker",
        )
        assert charged == parse_cash(row["fee_dollars"]), row


@pytest.mark.parametrize(
    ("role", "multiplier", "count", "price", "api", "cent"),
    [
        ("taker", "1", "100", "0.50", "1.7500", "1.75"),
        ("taker", "1", "100", "0.25", "1.3125", "1.32"),
        ("taker", "1", "100", "0.01", "0.0693", "0.07"),
        ("taker", "1", "1", "0.50", "0.0175", "0.02"),
        ("taker", "1", "1", "0.52", "0.0175", "0.02"),
        ("taker", "1", "1", "0.99", "0.0007", "0.01"),
        ("taker", "1", "10", "0.62", "0.1650", "0.17"),
        ("taker", "0.5", "10", "0.62", "0.0825", "0.09"),
        ("maker", "1", "100", "0.50", "0.4375", "0.44"),
        ("maker", "1", "10", "0.62", "0.0413", "0.05"),
        ("taker", "1", "0.5", "0.52", "0.0088", "0.01"),
    ],
)
def test_one_function_rounds_to_the_precision_it_is_given(
    role: str, multiplier: str, count: str, price: str, api: str, cent: str
) -> None:
    at, size, maker = parse_price(price), parse_count(count), role == "maker"
    assert fee(at, size, terms(HUNDREDTH, multiplier), maker=maker) == parse_cash(api)
    assert fee(at, size, terms(CENT, multiplier), maker=maker) == parse_cash(cent)


def test_overpayment_accumulates_and_each_full_cent_is_given_back() -> None:
    """The documentation's example: three fills of 1 at 0.055 with a trade fee of 0.0085."""
    charged, carried = [], 0
    for _ in range(3):
        booked = book_fill(parse_cash("0.055"), parse_cash("0.0085"), carried, CENT)
        charged.append(booked.fee)
        carried = booked.carried
    assert charged == [parse_cash("0.015"), parse_cash("0.005"), parse_cash("0.015")]


def test_a_balance_changes_by_whole_cents_rounded_against_the_customer() -> None:
    """The documentation's second example: 0.30 at 0.50 with a trade fee of 0.0041."""
    booked = book_fill(parse_cash("0.15"), parse_cash("0.0041"), 0, CENT)
    assert booked.fee + parse_cash("0.15") == parse_cash("0.16")
    assert booked.fee - parse_cash("0.0041") == parse_cash("0.0059")


@pytest.mark.parametrize(
    ("fill", "carried", "booked"),
    [
        # A rebate of 0.01 would exceed what this fill is charged: it waits for a larger fee.
        ((parse_cash("0.069990"), 5, 9_996, CENT), 10_001, 10),
        ((parse_cash("0.070000"), 0, 10_001, CENT), 10_001, 0),
        ((parse_cash("0.055"), parse_cash("0.0085"), 10_001, CENT), 6_501, 5_000),
    ],
)
def test_no_fill_is_given_back_more_than_it_is_charged(
    fill: tuple[Cash, Cash, Cash, Cash], carried: Cash, booked: Cash
) -> None:
    made = book_fill(*fill)
    assert (made.fee, made.carried) == (booked, carried)


FILLS = st.lists(
    st.tuples(st.integers(-CASH_PER_DOLLAR, CASH_PER_DOLLAR), st.integers(0, 50_000)), max_size=30
)


@given(FILLS, st.sampled_from([CENT, HUNDREDTH, FINEST]))
def test_over_an_order_the_fees_are_the_trade_fees_and_what_is_still_carried(
    fills: list[tuple[Cash, Cash]], precision: Cash
) -> None:
    """Nothing is lost, no fee is negative, and each balance change is of the precision."""
    charged, carried = 0, 0
    for paid, trade_fee in fills:
        booked = book_fill(paid, trade_fee, carried, precision)
        assert booked.fee >= 0
        assert booked.carried >= 0
        assert (paid + booked.fee) % precision == 0
        charged, carried = charged + booked.fee, booked.carried
    assert charged == sum(trade_fee for _, trade_fee in fills) + carried


@given(
    st.integers(0, 10_000), st.integers(1, 1_000_000), st.sampled_from([CENT, HUNDREDTH, FINEST])
)
def test_a_fee_is_symmetric_never_below_the_exact_one_and_never_a_unit_above(
    price: int, count: int, precision: int
) -> None:
    charged = fee(price, count, terms(precision))
    exact = 700 * 10_000 * count * price * (10_000 - price)
    assert charged == fee(10_000 - price, count, terms(precision))
    assert 0 <= charged * 10**12 - exact < precision * 10**12
    assert charged % precision == 0


@given(st.integers(0, 10_000), st.integers(1, 500), st.sampled_from([CENT, HUNDREDTH, FINEST]))
def test_no_size_pays_less_per_contract_than_the_least_fee(
    price: int, contracts: int, precision: int
) -> None:
    charged = fee(price, contracts * 100, terms(precision))
    assert charged >= contracts * least_fee(price, terms(precision))


def test_the_exact_fee_is_the_formula() -> None:
    assert exact_fee(5_000, terms(CENT)) == pytest.approx(0.0175)


DAY = 86_400 * SECOND
NOVEMBER_2025, JUNE_2026, OCTOBER_2026 = 20_409 * DAY, 20_620 * DAY, 20_740 * DAY


@pytest.mark.parametrize(
    ("at", "precision"),
    [(NOVEMBER_2025, CENT), (JUNE_2026, HUNDREDTH), (OCTOBER_2026, FINEST)],
)
def test_the_day_chooses_the_precision(at: int, precision: int) -> None:
    assert load_fee_schedule().terms("KXNFLGAME", at).precision == precision


def test_baseball_costs_half_from_september_2026() -> None:
    schedule = load_fee_schedule()
    assert schedule.terms("KXMLBGAME", JUNE_2026).multiplier == 10_000
    assert schedule.terms("KXMLBGAME", OCTOBER_2026).multiplier == 5_000


def test_what_the_exchange_lists_wins_and_an_event_wins_over_its_series() -> None:
    schedule = load_fee_schedule()
    series = Series(ticker="KXNFLGAME", title="", fee_type="quadratic", fee_multiplier="2")
    event = Event(event_ticker="E", series="KXNFLGAME", title="", fee_multiplier="0.25")
    listed = schedule.terms("KXNFLGAME", OCTOBER_2026, listed=series)
    assert (listed.maker, listed.multiplier) == (0, 20_000)
    both = schedule.terms("KXNFLGAME", OCTOBER_2026, listed=series, event=event)
    assert (both.maker, both.multiplier) == (0, 2_500)


def test_an_unknown_fee_type_costs_as_much_as_the_dearest() -> None:
    series = Series(ticker="X", title="", fee_type="novel", fee_multiplier="1")
    known = load_fee_schedule().terms("X", OCTOBER_2026, listed=series)
    assert (known.taker, known.maker) == (700, 350)
