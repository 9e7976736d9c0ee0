"""Rules of the edge that hold for every market, price and profile."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from karb.config.profiles import shipped
from karb.domain.edge.bounds import thresholds
from karb.domain.edge.fees import FeeTerms, cost
from karb.domain.edge.joined import join
from karb.domain.edge.profile import Guard
from karb.domain.edge.signal import Signal
from karb.domain.edge.situation import Holdings
from karb.domain.edge.sizing import affordable, net_edge, size
from karb.domain.market.messages import Side
from karb.domain.units import CASH_PER_DOLLAR, CASH_PER_PRICE, CONTRACT, DOLLAR, HOUR, SECOND
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

prices = st.integers(1, DOLLAR - 1)
terms = st.builds(
    FeeTerms,
    taker=st.just(700),
    maker=st.just(175),
    multiplier=st.sampled_from([5_000, 10_000]),
    precision=st.sampled_from([1, 100, 10_000]),
)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """A market anywhere between hopeless and excellent, and often near a threshold."""
    probability = draw(st.floats(0.02, 0.98))
    width = draw(st.sampled_from([0.0, 0.005, 0.02]))
    spread = draw(st.sampled_from([0.0, 0.015, 0.02, 0.025, 0.04, 0.09]))
    ask = round(probability * DOLLAR) - draw(st.integers(-300, 900))
    ask = max(2, min(DOLLAR - 1, ask))
    bid = draw(st.none() | st.integers(max(1, ask - 1_200), ask - 1))
    return situation(
        listing=msgspec.structs.replace(
            LISTING, terms=draw(terms), start=NOW + draw(st.integers(-1, 100)) * HOUR
        ),
        quote=quote(
            bid=bid,
            ask=ask,
            yes_ask_size=draw(st.none() | st.integers(0, 100_000)),
            yes_bid_size=draw(st.none() | st.integers(0, 100_000)),
            volume=draw(st.none() | st.integers(0, 1_200_000)),
        ),
        consensus=fair(
            probability,
            low=max(0.0, probability - width),
            high=min(1.0, probability + width),
            books=draw(st.integers(2, 8)),
            spread=spread,
            oldest=NOW - draw(st.integers(0, 600)) * SECOND,
            expires=NOW + draw(st.integers(-10, 100)) * SECOND,
        ),
        quote_age=draw(st.none() | st.integers(0, 3 * SECOND)),
        holdings=draw(
            st.sampled_from(
                [
                    Holdings(),
                    Holdings(side=Side.YES, committed=500),
                    Holdings(opposed_to_no=True),
                    Holdings(exited_at=NOW - 20 * 60 * SECOND),
                ]
            )
        ),
    )


def judge(now: Situation, name: str) -> Signal:
    return judge_with(now, PROFILES[name])


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
    assert paid == signal.risk_amount <= CAPS.risk_per_trade
    assert signal.edge.best_edge == signal.fair - price * CASH_PER_PRICE > 0
    offered = now.quote.ask_size(signal.edge.best_side)
    assert offered is not None
    assert contracts * CONTRACT <= offered
    assert signal.max_price is not None
    assert signal.max_price >= price


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
    """Swap YES and NO everywhere: the same price, edge and size come out."""
    q, c = now.quote, now.consensus
    turned = msgspec.structs.replace(
        now,
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
        holdings=Holdings(),
    )
    straight = judge(msgspec.structs.replace(now, holdings=Holdings()), "ANY_EDGE")
    mirrored = judge(turned, "ANY_EDGE")
    assert straight.edge is not None
    assert mirrored.edge is not None
    if straight.edge.yes_edge != straight.edge.no_edge:
        assert mirrored.edge.best_side is straight.edge.best_side.other
        assert abs(mirrored.edge.best_edge - straight.edge.best_edge) <= 1


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


@given(situations())
def test_max_price_keeps_the_edge_and_the_next_tick_does_not(now: Situation) -> None:
    rules = made_profile(guards=frozenset())
    signal = judge_with(now, rules)
    if signal.max_price is None or signal.edge is None:
        return
    wanted = join(now.listing, now.consensus, rules).wanted
    count = max(1, signal.recommended_contracts)

    def keeps(price: int) -> bool:
        enough = signal.fair - price * CASH_PER_PRICE >= wanted
        return enough and net_edge(signal.low, price, count, now.listing.terms) > 0

    assert keeps(signal.max_price)
    following = signal.max_price - signal.max_price % 100 + 100
    assert following >= DOLLAR or not keeps(following)
