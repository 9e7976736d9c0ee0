"""Rules of the edge that hold for every market, price and profile.

The markets here begin good and have at most two things wrong, because one that is drawn at
large is refused so often that rules of trading would be checked on nothing. How many of
them trade is counted below, on both sides.
"""

from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from karb.config.profiles import shipped
from karb.domain.edge.bounds import thresholds
from karb.domain.edge.confidence import Tier
from karb.domain.edge.fees import FeeTerms, cost
from karb.domain.edge.joined import join
from karb.domain.edge.profile import Guard
from karb.domain.edge.signal import Action, Signal
from karb.domain.edge.situation import Holdings
from karb.domain.edge.sizing import affordable, net_edge, size
from karb.domain.market.grid import Grid, is_on_grid, snap_down, snap_up
from karb.domain.market.messages import NO, WHOLE_CENTS, YES, PriceRange, Side
from karb.domain.units import (
    CASH_PER_CENT,
    CASH_PER_DOLLAR,
    CASH_PER_PRICE,
    CENT,
    CONTRACT,
    DOLLAR,
    HOUR,
    SECOND,
    Cash,
    Price,
)
from situations import CAPS, LISTING, NOW, Situation, fair, quote, situation
from situations import judge as judge_with
from situations import profile as made_profile

PROFILES = shipped()
FROM_CAUTIOUS_TO_BOLD = [
    "CONSERVATIVE",
    "STANDARD",
    "AGGRESSIVE",
    "VERY_AGGRESSIVE",
    "ANY_EDGE",
]

TENTHS = (PriceRange(start=0, end=DOLLAR, step=10),)
FINE_WHEN_CHEAP = (
    PriceRange(start=0, end=4_000, step=10),
    PriceRange(start=4_000, end=DOLLAR, step=CENT),
)

prices = st.integers(1, DOLLAR - 1)
sides = st.sampled_from([YES, NO])
terms = st.builds(
    FeeTerms,
    taker=st.just(700),
    maker=st.just(175),
    multiplier=st.sampled_from([5_000, 10_000]),
    precision=st.sampled_from([1, 100, 10_000]),
)

# What a good market has, and what a spoilt one may have in its place.
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "fair": st.sampled_from(range(350, 650)).map(lambda tenths: tenths / 1_000),
    "width": st.sampled_from([0.0, 0.005]),
    "edge": st.sampled_from(range(100, 1_000, 10)),
    "spread": st.sampled_from([CENT, 2 * CENT]),
    "size": st.integers(10 * CONTRACT, 1_000 * CONTRACT),
    "volume": st.sampled_from(range(600 * CONTRACT, 12_000 * CONTRACT, 99)),
    "books": st.integers(3, 6),
    "apart": st.sampled_from([0.01, 0.02, 0.025]),
    "hours": st.sampled_from(range(3, 37)),
    "odds_age": st.integers(0, 120),
    "odds_left": st.integers(0, 60),
    "quote_age": st.none() | st.integers(0, 2 * SECOND),
    "moved": st.just(value=False),
    "held": st.just(Holdings()),
}
SPOILT: dict[str, st.SearchStrategy[Any]] = {
    "fair": st.floats(0.02, 0.98),
    "width": st.just(0.03),
    "edge": st.sampled_from([-1_000, -10, 0, 10, 50, 1_200, 1_600, 2_000]),
    "spread": st.none() | st.integers(1, 2_500),
    "size": st.none() | st.integers(0, 3 * CONTRACT),
    "volume": st.none() | st.integers(0, 1_000 * CONTRACT),
    "books": st.just(2),
    "apart": st.sampled_from([0.03, 0.04, 0.05, 0.11]),
    "hours": st.integers(-1, 170),
    "odds_age": st.integers(0, 10 * 3_600),
    "odds_left": st.just(-1),
    "quote_age": st.just(2 * SECOND + 1),
    "moved": st.just(value=True),
    "held": st.sampled_from(
        [
            Holdings(committed_yes=4 * CONTRACT + 50),
            Holdings(committed_no=97 * CONTRACT),
            Holdings(committed_yes=CONTRACT, committed_no=CONTRACT),
            Holdings(exited_at=NOW - 60 * SECOND, changed_since_exit=True),
            Holdings(exited_at=NOW - 1_200 * SECOND, changed_since_exit=True),
            Holdings(exited_at=NOW - 1_200 * SECOND),
        ]
    ),
}


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """A market with an edge on one of its sides, and up to two things wrong with it."""
    wrong = draw(st.sampled_from([0, 1, 1, 2]))
    spoilt = draw(st.permutations(sorted(GOOD)))[:wrong]
    v = {name: draw(SPOILT[name] if name in spoilt else GOOD[name]) for name in GOOD}
    grid = draw(st.sampled_from([WHOLE_CENTS, TENTHS, FINE_WHEN_CHEAP]))
    bid, ask = _prices(draw(sides), round(v["fair"] * DOLLAR), v["edge"], v["spread"], grid)
    return situation(
        listing=msgspec.structs.replace(
            LISTING,
            terms=draw(terms),
            start=NOW + v["hours"] * HOUR,
            start_moved=v["moved"],
            grid=grid,
        ),
        quote=quote(bid, ask, yes_ask_size=v["size"], yes_bid_size=v["size"], volume=v["volume"]),
        consensus=fair(
            v["fair"],
            low=max(0.0, v["fair"] - v["width"]),
            high=min(1.0, v["fair"] + v["width"]),
            books=v["books"],
            spread=v["apart"],
            oldest=NOW - v["odds_age"] * SECOND,
            expires=NOW + v["odds_left"] * SECOND,
        ),
        quote_age=v["quote_age"],
        holdings=v["held"],
    )


def _prices(
    side: Side, worth: Price, edge: int, spread: int | None, grid: Grid
) -> tuple[Price | None, Price | None]:
    """Bid and ask of YES on the grid, with the edge on `side`; no spread: one is missing."""
    if side is YES:
        ask = snap_up(min(max(worth - edge, CENT), DOLLAR - CENT), grid)
        return (None if spread is None else snap_down(max(ask - spread, 0), grid)), ask
    bid = snap_down(min(max(worth + edge, CENT), DOLLAR - CENT), grid)
    return bid, (None if spread is None else snap_up(min(bid + spread, DOLLAR), grid))


def judge(now: Situation, name: str) -> Signal:
    return judge_with(now, PROFILES[name])


@cache
def sample() -> list[Situation]:
    """1,500 situations. Which ones they are may change with whatever else was imported."""
    drawn: list[Situation] = []

    @seed(1)
    @settings(max_examples=1_500, database=None)
    @given(situations())
    def draw(now: Situation) -> None:
        drawn.append(now)

    draw()
    return drawn


@pytest.mark.parametrize(
    ("name", "least"), [("ANY_EDGE", 120), ("STANDARD", 60), ("CONSERVATIVE", 24)]
)
def test_the_situations_drawn_here_trade_often_enough_on_both_sides(name: str, least: int) -> None:
    actions = [judge(now, name).action for now in sample()]
    assert actions.count(Action.BUY_YES) >= least // 3
    assert actions.count(Action.BUY_NO) >= least // 3
    assert len(actions) - actions.count(Action.NO_TRADE) >= least


def test_the_situations_drawn_here_fail_every_guard() -> None:
    refused = {reason.name for now in sample() for reason in judge(now, "ANY_EDGE").reasons}
    assert set(Guard) <= refused


@given(situations())
def test_a_more_conservative_profile_never_trades_what_a_bolder_one_refuses(now: Situation) -> None:
    trades = [judge(now, name).should_trade for name in FROM_CAUTIOUS_TO_BOLD]
    assert trades == sorted(trades)


@given(situations(), st.sampled_from(sorted(PROFILES)))
def test_what_is_traded_passes_every_number_again(now: Situation, name: str) -> None:
    """Recomputed here from the signal's own fields, not by the code that made it."""
    signal = judge(now, name)
    if not signal.should_trade:
        assert signal.reasons
        return
    assert signal.edge is not None
    price, contracts = signal.edge.price, signal.recommended_contracts
    paid = cost(price, contracts * CONTRACT, now.listing.terms)
    assert contracts >= 1
    assert contracts * signal.low > paid
    assert signal.net_edge == (contracts * signal.low - paid) // contracts
    assert paid == signal.risk_amount <= CAPS.risk_per_trade
    assert signal.edge.best_edge == signal.fair - price * CASH_PER_PRICE > 0
    offered = now.quote.ask_size(signal.edge.best_side)
    assert offered is not None
    assert contracts * CONTRACT <= offered
    assert signal.max_price is not None
    assert signal.max_price >= price


@given(situations(), st.sampled_from(sorted(PROFILES)))
def test_one_contract_more_than_is_traded_would_break_a_limit(now: Situation, name: str) -> None:
    signal = judge(now, name)
    if signal.edge is None or not signal.should_trade:
        return
    side, price, more = signal.edge.best_side, signal.edge.price, signal.recommended_contracts + 1
    holdings, caps = now.holdings, CAPS
    held = holdings.committed_yes if side is YES else holdings.committed_no
    share = {Tier.HIGH: 1.0, Tier.MEDIUM: 0.5, Tier.LOW: 0.25}[signal.confidence_tier]
    paid = cost(price, more * CONTRACT, now.listing.terms)
    assert (
        more * CONTRACT > (now.quote.ask_size(side) or 0)
        or more * CONTRACT + held > caps.max_position
        or paid > min(caps.risk_per_trade, caps.balance)
        or paid >= signal.low * more
        or more * CONTRACT + held > CONTRACT * share * kelly(signal, price, PROFILES[name].kelly)
    )


def kelly(signal: Signal, price: Price, fraction: float) -> float:
    """The contracts of the formula, in dollars; a fee in whole cents is that of one contract.

    It is the dearest per contract, so this is then a little below what is asked for.
    """
    terms = signal.listing.terms
    few = 1 if terms.precision == CASH_PER_CENT else 100
    each = cost(price, few * CONTRACT, terms) / few / CASH_PER_DOLLAR
    low = signal.low / CASH_PER_DOLLAR
    return fraction * (low - each) / (1 - each) * CAPS.bankroll / CASH_PER_DOLLAR / each


@given(situations(), st.sampled_from(sorted(PROFILES)))
def test_thresholds_are_the_last_prices_that_keep_both_edges_at_the_unrounded_fee(
    now: Situation, name: str
) -> None:
    """Not a tick more, and not one less: a bound too strict loses trades that nobody sees."""
    joined = join(now.listing, now.consensus, PROFILES[name])
    limits = thresholds(joined, net=True)
    terms, fair_no = now.listing.terms, CASH_PER_DOLLAR - joined.fair
    low_no, wanted = CASH_PER_DOLLAR - joined.high, joined.wanted
    assert limits.ask == last_price(joined.fair, joined.low, wanted, terms)
    assert DOLLAR - limits.bid == last_price(fair_no, low_no, wanted, terms)


def last_price(worth: Cash, low: Cash, wanted: Cash, terms: FeeTerms) -> Price:
    """The highest ask with worth - ask >= wanted and low - ask - exact fee > 0; else -1."""

    def keeps(ask: Price) -> bool:
        spare = low - ask * CASH_PER_PRICE
        # taker and multiplier are 1/10,000, prices too: 1e-16 dollars against 1e-6.
        fee = terms.taker * terms.multiplier * ask * (DOLLAR - ask)
        return worth - ask * CASH_PER_PRICE >= wanted and spare * 10**10 > fee

    return max((ask for ask in range(DOLLAR + 1) if keeps(ask)), default=-1)


@given(situations(), st.sampled_from(sorted(PROFILES)))
def test_a_tick_beyond_the_thresholds_could_never_have_been_a_signal(
    now: Situation, name: str
) -> None:
    profile = PROFILES[name]
    joined = join(now.listing, now.consensus, profile)
    limits = thresholds(joined, net=Guard.NET_EDGE in profile.guards)
    ask, bid = now.quote.yes_ask, now.quote.yes_bid
    if (ask is None or ask > limits.ask) and (bid is None or bid < limits.bid):
        assert not judge(now, name).should_trade


@given(situations())
def test_both_sides_of_one_book_are_judged_alike(now: Situation) -> None:
    """Swap YES and NO everywhere: the same price, size, net edge and reasons come out."""
    straight, mirrored = judge(binary(now), "ANY_EDGE"), judge(turned(binary(now)), "ANY_EDGE")
    assert straight.edge is not None
    assert mirrored.edge is not None
    assert (straight.edge.yes_edge, straight.edge.no_edge) == (
        mirrored.edge.no_edge,
        mirrored.edge.yes_edge,
    )
    if straight.edge.yes_edge == straight.edge.no_edge:
        return
    assert mirrored.edge.best_side is straight.edge.best_side.other
    for name in SEEN_ALIKE:
        assert getattr(mirrored, name) == getattr(straight, name), name


SEEN_ALIKE = (
    "should_trade",
    "fair",
    "low",
    "high",
    "net_edge",
    "fee",
    "confidence_score",
    "recommended_contracts",
    "max_price",
    "risk_amount",
    "potential_profit",
    "reasons",
)


def binary(now: Situation) -> Situation:
    """The same with probabilities that a float holds exactly, so that 1 - p loses nothing."""
    c = now.consensus
    exact = {name: round(getattr(c, name) * 65_536) / 65_536 for name in PROBABILITIES}
    return msgspec.structs.replace(now, consensus=msgspec.structs.replace(c, **exact))


PROBABILITIES = ("probability", "low", "high")


def turned(now: Situation) -> Situation:
    """The same market with YES and NO swapped: prices, sizes, worth, grid and holdings."""
    q, c, held, grid = now.quote, now.consensus, now.holdings, now.listing.grid
    return msgspec.structs.replace(
        now,
        listing=msgspec.structs.replace(
            now.listing,
            grid=tuple(PriceRange(DOLLAR - r.end, DOLLAR - r.start, r.step) for r in grid[::-1]),
        ),
        quote=quote(
            bid=None if q.yes_ask is None else DOLLAR - q.yes_ask,
            ask=None if q.yes_bid is None else DOLLAR - q.yes_bid,
            yes_bid_size=q.yes_ask_size,
            yes_ask_size=q.yes_bid_size,
            volume=q.volume,
        ),
        consensus=msgspec.structs.replace(
            c, probability=1 - c.probability, low=1 - c.high, high=1 - c.low
        ),
        holdings=msgspec.structs.replace(
            held, committed_yes=held.committed_no, committed_no=held.committed_yes
        ),
    )


@given(prices, terms, st.integers(0, 50 * CASH_PER_DOLLAR))
def test_what_is_affordable_fits_and_one_more_does_not(
    price: int, terms: FeeTerms, money: int
) -> None:
    contracts = affordable(money, price, terms)
    assert cost(price, contracts * CONTRACT, terms) <= money
    assert cost(price, (contracts + 1) * CONTRACT, terms) > money


@given(prices, prices, terms, st.floats(0.01, 1.0), st.integers(0, 20_000))
def test_a_size_never_exceeds_its_caps_and_never_loses_its_edge_to_the_fee(
    worth: int, price: int, terms: FeeTerms, fraction: float, offered: int
) -> None:
    low = worth * CASH_PER_PRICE
    made = size(low, price, terms, fraction=fraction, caps=CAPS, committed=0, offered=offered)
    assert 0 <= made.contracts <= min(made.target, offered // CONTRACT, 100)
    if made.contracts:
        assert net_edge(low, price, made.contracts, terms) > 0


@given(prices, prices, terms, st.floats(0.01, 1.0))
def test_a_larger_fraction_never_asks_for_less(
    worth: int, price: int, terms: FeeTerms, fraction: float
) -> None:
    low = worth * CASH_PER_PRICE
    whole = size(low, price, terms, fraction=1.0, caps=CAPS, committed=0, offered=None)
    part = size(low, price, terms, fraction=fraction, caps=CAPS, committed=0, offered=None)
    assert (part.contracts > 0) <= (whole.contracts > 0)


@given(situations(), st.sampled_from([1_000, 10_000, 50_000]))
def test_max_price_is_the_highest_tick_of_its_side_that_keeps_both_edges(
    now: Situation, min_edge: Cash
) -> None:
    """Also with a fee in whole cents on a finer grid, where a dearer tick can cost less."""
    rules = made_profile(min_edge=min_edge, min_edge_agreeing=min_edge)
    signal = judge_with(now, rules)
    assert signal.edge is not None
    side, grid, low = signal.edge.best_side, now.listing.grid, signal.low
    wanted = join(now.listing, now.consensus, rules).wanted
    count = max(1, signal.recommended_contracts)

    def keeps(price: Price) -> bool:
        on_grid = is_on_grid(price if side is YES else DOLLAR - price, grid)
        enough = signal.fair - price * CASH_PER_PRICE >= wanted
        return on_grid and enough and net_edge(low, price, count, now.listing.terms) > 0

    ticks = range(signal.edge.price, DOLLAR + 1)
    assert signal.max_price == max((tick for tick in ticks if keeps(tick)), default=None)
