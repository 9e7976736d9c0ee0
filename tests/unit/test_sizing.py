"""How many contracts: each cut by itself, on numbers that a person can check.

At 48 cents the fee is 0.07 x 0.48 x 0.52 = 1.7472 cents, so a contract costs 49.7472. Worth
55, full Kelly is (0.55 - 0.497472) / (1 - 0.497472) of the bankroll: of 1,000 dollars 210.1
contracts, and a quarter of that 52.5.
"""

import msgspec
import pytest

from karb.domain.edge.confidence import Tier
from karb.domain.edge.fees import FeeTerms
from karb.domain.edge.profile import ConfidenceRules
from karb.domain.edge.signal import Action, Signal
from karb.domain.edge.situation import Caps, Holdings
from karb.domain.edge.sizing import Size, kelly_target, net_edge, size
from karb.domain.units import CASH_PER_CENT, CASH_PER_DOLLAR, CONTRACT, Cash, Count
from situations import LISTING, TERMS, Situation, fair, judge, profile, quote, situation

PRICE, WORTH = 4_800, 550_000
IN_CENTS = msgspec.structs.replace(TERMS, precision=CASH_PER_CENT)
IN_HUNDREDTHS = msgspec.structs.replace(TERMS, precision=100)
RICH = Caps(
    bankroll=1_000 * CASH_PER_DOLLAR,
    balance=1_000 * CASH_PER_DOLLAR,
    risk_per_trade=1_000 * CASH_PER_DOLLAR,
    max_position=1_000 * CONTRACT,
)


def sized(
    low: Cash = WORTH,
    terms: FeeTerms = TERMS,
    *,
    fraction: float = 0.25,
    committed: Count = 0,
    offered: Count | None = None,
    caps: Caps = RICH,
) -> Size:
    return size(
        low, PRICE, terms, fraction=fraction, caps=caps, committed=committed, offered=offered
    )


def rich_but(**changed: int) -> Caps:
    return msgspec.structs.replace(RICH, **changed)


def judged(now: Situation | None = None, **changed: object) -> Signal:
    return judge(now or situation(), profile(**changed), RICH)


def test_a_quarter_of_kelly_is_52_contracts_with_the_fee_inside() -> None:
    assert kelly_target(WORTH, PRICE, TERMS, 0.25, RICH.bankroll) == 52
    assert sized().contracts == 52


@pytest.mark.parametrize(
    ("tiers", "tier", "contracts"),
    [((70, 50, 30), Tier.HIGH, 52), ((90, 50, 30), Tier.MEDIUM, 26), ((95, 90, 30), Tier.LOW, 13)],
)
def test_the_confidence_tier_stakes_all_half_or_a_quarter_of_it(
    tiers: tuple[int, int, int], tier: Tier, contracts: int
) -> None:
    high, medium, low = tiers
    signal = judged(confidence=ConfidenceRules(high=high, medium=medium, low=low))
    assert (signal.confidence_tier, signal.recommended_contracts) == (tier, contracts)


def test_no_is_sized_by_what_is_offered_on_no() -> None:
    """Buying NO takes the YES bid; the YES ask has nothing to do with it."""
    book = quote(bid=6_200, ask=6_300, yes_bid_size=3 * CONTRACT, yes_ask_size=7 * CONTRACT)
    signal = judged(situation(quote=book))
    assert (signal.action, signal.recommended_contracts) == (Action.BUY_NO, 3)


def test_no_is_sized_at_one_less_the_high_end_of_the_interval() -> None:
    book = quote(bid=5_200, ask=5_300)
    signal = judged(situation(quote=book, consensus=fair(0.45, low=0.20, high=0.45)))
    assert (signal.action, signal.recommended_contracts) == (Action.BUY_NO, 52)


def test_what_is_held_comes_off_what_kelly_asks_for() -> None:
    assert sized(committed=20 * CONTRACT).contracts == 32


def test_a_part_of_a_contract_that_is_held_counts_as_a_whole_one() -> None:
    assert sized(committed=20 * CONTRACT + 1).contracts == 31
    assert (
        sized(committed=20 * CONTRACT + 1, caps=rich_but(max_position=30 * CONTRACT)).contracts == 9
    )


def test_what_is_held_on_the_side_that_is_bought_counts() -> None:
    held = Holdings(committed_no=50 * CONTRACT)
    signal = judged(situation(quote=quote(bid=6_200, ask=6_300), holdings=held))
    free = judged(situation(quote=quote(bid=6_200, ask=6_300)))
    assert signal.recommended_contracts == free.recommended_contracts - 50


def test_what_is_held_comes_off_the_largest_position() -> None:
    assert sized(committed=20 * CONTRACT, caps=rich_but(max_position=30 * CONTRACT)).contracts == 10


def test_a_position_at_its_limit_leaves_no_contract() -> None:
    assert sized(committed=30 * CONTRACT, caps=rich_but(max_position=30 * CONTRACT)).contracts == 0


@pytest.mark.parametrize("cap", ["balance", "risk_per_trade"])
def test_a_dollar_of_balance_or_of_risk_pays_for_two(cap: str) -> None:
    """Two cost 99.4944 cents, fee included."""
    assert sized(caps=rich_but(**{cap: CASH_PER_DOLLAR})).contracts == 2
    assert sized(caps=rich_but(**{cap: 994_944})).contracts == 2
    assert sized(caps=rich_but(**{cap: 994_943})).contracts == 1


def test_the_rounded_fee_has_to_fit_into_the_risk_as_well() -> None:
    """Ten cost 4.97472 dollars before the fee is rounded, and 4.98 after."""
    assert sized(terms=IN_CENTS, caps=rich_but(risk_per_trade=4_975_000)).contracts == 9
    assert sized(terms=IN_CENTS, caps=rich_but(risk_per_trade=4_980_000)).contracts == 10


def test_only_whole_contracts_of_the_offer_are_bought() -> None:
    assert sized(offered=3 * CONTRACT + 99).contracts == 3
    assert sized(offered=CONTRACT - 1).contracts == 0


def test_a_fee_in_cents_that_eats_the_edge_of_few_contracts_stops_them() -> None:
    """Worth 50: one, two and three cost exactly 50 cents each with the fee rounded up."""
    assert sized(500_000, IN_CENTS, fraction=1.0, offered=3 * CONTRACT).contracts == 0
    assert sized(500_000, IN_CENTS, fraction=1.0, offered=4 * CONTRACT).contracts == 4


def test_a_size_goes_down_to_the_next_one_that_keeps_its_edge() -> None:
    """Worth 49.85: seven cost 3.49 dollars, 49.86 cents each; six cost 2.99."""
    made = sized(
        498_500,
        IN_CENTS,
        fraction=1.0,
        offered=7 * CONTRACT,
        caps=rich_but(bankroll=100 * RICH.bankroll),
    )
    assert (made.contracts, made.paid) == (6, 2_990_000)


def test_a_fee_in_cents_is_asked_again_at_the_size_that_came_out() -> None:
    """Of 4.90 dollars Kelly buys 1.03 contracts at a hundred's fee and 0.98 at one's."""
    assert kelly_target(WORTH, PRICE, IN_HUNDREDTHS, 1.0, 4_900_000) == 1
    assert kelly_target(WORTH, PRICE, IN_CENTS, 1.0, 4_900_000) == 0


def test_the_net_edge_per_contract_is_rounded_against_us() -> None:
    """Seven at 48.01 pay a fee of 12.24 cents: 52,414.28 are left of each, or -7,585.7."""
    assert net_edge(WORTH, 4_801, 7, IN_HUNDREDTHS) == 52_414
    assert net_edge(490_000, 4_801, 7, IN_HUNDREDTHS) == -7_586
    made = size(
        WORTH, 4_801, IN_HUNDREDTHS, fraction=1.0, caps=RICH, committed=0, offered=7 * CONTRACT
    )
    assert (made.contracts, made.net) == (7, 52_414)


def test_an_edge_of_one_unit_is_one_and_of_nothing_is_none() -> None:
    """A contract costs 497,472 units: a low end of as much leaves nothing."""
    large = 1_000 * RICH.bankroll
    assert (
        sized(497_472, fraction=1.0, offered=CONTRACT, caps=rich_but(bankroll=large)).contracts == 0
    )
    made = sized(497_473, fraction=1.0, offered=CONTRACT, caps=rich_but(bankroll=large))
    assert (made.contracts, made.net, made.paid) == (1, 1, 497_472)


def test_a_price_that_kelly_refuses_is_not_blamed_for_the_fee_of_one_contract() -> None:
    """With no stake asked for, the net edge is that of the size the caps leave room for."""
    none = sized(498_500, IN_CENTS, fraction=0.0, offered=6 * CONTRACT)
    assert (none.target, none.contracts, none.net) == (0, 0, 166)


def test_a_price_whose_fee_eats_every_size_is_shown_at_one_contract() -> None:
    """At 25 cents one costs 27 with its fee and two 53; worth 26.4, neither keeps an edge."""
    large = rich_but(bankroll=100 * RICH.bankroll)
    made = size(
        264_000, 2_500, IN_CENTS, fraction=1.0, caps=large, committed=0, offered=2 * CONTRACT
    )
    assert made.target > 0
    assert (made.contracts, made.net, made.paid) == (0, -6_000, 0)


def test_no_room_under_the_caps_is_said_as_such() -> None:
    full = judged(situation(holdings=Holdings(committed_yes=1_000 * CONTRACT)))
    assert [reason.name for reason in full.reasons] == ["caps"]
    assert (full.action, full.recommended_contracts) == (Action.NO_TRADE, 0)


def test_a_stake_that_buys_no_contract_is_said_as_such() -> None:
    assert [reason.name for reason in judged(kelly=0.001).reasons] == ["kelly"]


def test_the_potential_profit_is_what_the_middle_leaves_after_price_and_fee() -> None:
    signal = judged(situation(consensus=fair(low=0.54)))
    assert signal.potential_profit == 550_000 * signal.recommended_contracts - signal.risk_amount


def test_the_highest_price_is_the_one_of_the_size_that_is_bought() -> None:
    """Worth 50 at the low end, ten at 48 cost 49.8 each with a fee in cents; one costs 50."""
    in_cents = msgspec.structs.replace(LISTING, terms=IN_CENTS)
    ten = quote(4_600, 4_700, yes_ask_size=10 * CONTRACT)
    now = situation(listing=in_cents, quote=ten, consensus=fair(low=0.50))
    signal = judged(now)
    assert (signal.recommended_contracts, signal.max_price) == (10, 4_800)
    one = msgspec.structs.replace(ten, yes_ask_size=CONTRACT)
    alone = judged(msgspec.structs.replace(now, quote=one))
    assert (alone.recommended_contracts, alone.max_price) == (1, 4_700)
