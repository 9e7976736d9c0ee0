"""The offline exchange: price first, then time, and every change told."""

from random import Random

import pytest

from karb.sim.book import ASK, BID
from karb.sim.exchange import Delta, Exchange, Report, TimeInForce, Trade
from karb.sim.units import CONTRACT, DOLLAR

TICKER = "KXNFLGAME-26NOV29CHIGB-GB"


class Tape:
    """An exchange with one market, and everything that it told."""

    def __init__(self) -> None:
        self.deltas: list[Delta] = []
        self.trades: list[Trade] = []
        self.exchange = Exchange(self.deltas.append, self.trades.append)
        self.exchange.open(TICKER)

    def __call__(self, owner: str, side: str, price: int, count: int, **more: object) -> Report:
        return self.exchange.submit(owner, TICKER, side, price, count, **more)  # type: ignore[arg-type]

    def levels(self, side: str) -> list[tuple[int, int]]:
        return self.exchange.book(TICKER).levels(side)


@pytest.fixture
def tape() -> Tape:
    return Tape()


def test_the_better_price_trades_first_and_at_its_own_price(tape: Tape) -> None:
    tape("a", ASK, 5_200, 300)
    tape("b", ASK, 5_100, 300)
    report = tape("c", BID, 5_300, 400)
    assert [(trade.price, trade.count) for trade in tape.trades] == [(5_100, 300), (5_200, 100)]
    assert (report.filled, report.left, report.cost) == (400, 0, 300 * 5_100 + 100 * 5_200)


def test_at_one_price_the_older_order_trades_first(tape: Tape) -> None:
    first, second = tape("a", BID, 4_800, 200), tape("b", BID, 4_800, 200)
    tape("c", ASK, 4_800, 300)
    assert [trade.maker_order for trade in tape.trades] == [first.order, second.order]
    assert tape.levels(BID) == [(4_800, 100)]


def test_a_decrease_keeps_the_place_and_a_replacement_loses_it(tape: Tape) -> None:
    first, second = tape("a", BID, 4_800, 300), tape("b", BID, 4_800, 200)
    tape.exchange.decrease(first.order, 100)
    tape("c", ASK, 4_800, 50)
    assert tape.trades[-1].maker_order == first.order
    tape.exchange.cancel(first.order)
    tape("a", BID, 4_800, 300)
    tape("c", ASK, 4_800, 50)
    assert tape.trades[-1].maker_order == second.order


def test_an_ask_is_told_as_a_no_bid_at_its_own_price(tape: Tape) -> None:
    tape("a", ASK, 5_200, 300)
    tape("a", BID, 4_800, 100)
    told = [(delta.side, delta.price, delta.change, delta.clock) for delta in tape.deltas]
    assert told == [("no", 4_800, 300, 1), ("yes", 4_800, 100, 2)]


def test_the_taker_is_told_by_the_outcome_that_it_bought(tape: Tape) -> None:
    tape("a", ASK, 5_200, 100)
    tape("b", BID, 5_200, 100)
    tape("a", BID, 4_800, 100)
    tape("b", ASK, 4_800, 100)
    assert [trade.taker for trade in tape.trades] == ["yes", "no"]


def test_immediate_or_cancel_leaves_nothing_behind(tape: Tape) -> None:
    tape("a", ASK, 5_200, 100)
    report = tape("b", BID, 5_200, 300, life=TimeInForce.IMMEDIATE_OR_CANCEL)
    assert (report.filled, report.left) == (100, 0)
    assert tape.levels(BID) == tape.levels(ASK) == []


def test_fill_or_kill_trades_whole_or_not_at_all(tape: Tape) -> None:
    tape("a", ASK, 5_200, 100)
    killed = tape("b", BID, 5_200, 300, life=TimeInForce.FILL_OR_KILL)
    assert (killed.filled, killed.refused) == (0, "insufficient resting volume")
    assert tape("b", BID, 5_200, 100, life=TimeInForce.FILL_OR_KILL).filled == 100


def test_post_only_never_trades(tape: Tape) -> None:
    tape("a", ASK, 5_200, 100)
    assert tape("b", BID, 5_200, 100, post_only=True).refused == "post only cross"
    assert tape("b", BID, 5_100, 100, post_only=True).left == 100
    assert tape.trades == []


def test_nobody_trades_with_himself(tape: Tape) -> None:
    tape("a", ASK, 5_100, 100)
    tape("b", ASK, 5_200, 100)
    report = tape("a", BID, 5_300, 200)
    assert (report.filled, report.left, tape.trades) == (0, 0, [])
    assert tape.levels(ASK) == [(5_100, 100), (5_200, 100)]


def test_a_cancelled_order_is_gone_and_cannot_be_cancelled_again(tape: Tape) -> None:
    order = tape("a", BID, 4_800, 100).order
    assert (tape.exchange.cancel(order), tape.exchange.cancel(order)) == (100, 0)
    assert tape.exchange.order(order) is None


def test_a_closed_market_has_an_empty_book(tape: Tape) -> None:
    tape("a", ASK, 5_200, 300)
    tape("b", BID, 4_800, 100)
    tape.exchange.cancel_all(TICKER)
    assert tape.levels(BID) == tape.levels(ASK) == []
    assert sum(delta.change for delta in tape.deltas) == 0


@pytest.mark.parametrize(("price", "count"), [(0, 100), (DOLLAR, 100), (5_000, 0), (-1, 100)])
def test_an_order_that_cannot_be_is_refused(tape: Tape, price: int, count: int) -> None:
    with pytest.raises(ValueError, match="no such order"):
        tape("a", BID, price, count)


def test_whatever_happens_the_told_changes_are_the_book(tape: Tape) -> None:
    """Nothing is lost or invented over 5,000 random orders, and the book never crosses."""
    random = Random(1)
    resting: list[int] = []
    told: dict[tuple[str, int], int] = {}
    for _ in range(5_000):
        if resting and random.random() < 0.3:
            number = resting.pop(random.randrange(len(resting)))
            if tape.exchange.order(number) and random.random() < 0.5:
                tape.exchange.decrease(number, random.randint(1, 5) * CONTRACT)
            tape.exchange.cancel(number)
            continue
        side = random.choice((BID, ASK))
        price, count = random.randrange(4_500, 5_500, 50), random.randint(1, 9) * CONTRACT
        report = tape(random.choice("abc"), side, price, count)
        resting += [report.order] if report.left else []
    for delta in tape.deltas:
        key = (delta.side, delta.price)
        told[key] = told.get(key, 0) + delta.change
        assert told[key] >= 0
    bids, asks = tape.levels(BID), tape.levels(ASK)
    standing = {("yes", price): count for price, count in bids}
    standing |= {("no", DOLLAR - price): count for price, count in asks}
    assert {key: count for key, count in told.items() if count} == standing
    assert bids[-1][0] < asks[0][0]
    assert [delta.clock for delta in tape.deltas] == list(range(1, len(tape.deltas) + 1))
