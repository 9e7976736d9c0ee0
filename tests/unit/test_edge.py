"""The edge of one market: the specification's example, then every check by itself."""

import msgspec
import pytest

from karb.domain.edge.confidence import Tier, tier
from karb.domain.edge.edge import edges
from karb.domain.edge.profile import Guard, Profile
from karb.domain.edge.refusal import describe
from karb.domain.edge.signal import Action, Signal
from karb.domain.edge.situation import Holdings
from karb.domain.edge.stops import exit_levels
from karb.domain.market.leagues import Kind
from karb.domain.market.messages import Side
from karb.domain.units import CASH_PER_CENT, CASH_PER_DOLLAR, CONTRACT, HOUR, SECOND
from situations import CAPS, LISTING, NOW, Situation, fair, profile, quote, situation
from situations import judge as judge_with


def judge(now: Situation | None = None, rules: Profile | None = None) -> Signal:
    return judge_with(now or situation(), rules or profile())


def names(signal: Signal) -> list[str]:
    return [refusal.name for refusal in signal.reasons]


def test_the_specifications_example_has_edges_of_7_and_minus_7_cents() -> None:
    """YES at 48, NO at 52, consensus 55: 7 and -7, 14.6 %."""
    edge = edges(550_000, quote(bid=4_800, ask=4_800))
    assert edge is not None
    assert (edge.yes_edge, edge.no_edge) == (7 * CASH_PER_CENT, -7 * CASH_PER_CENT)
    assert edge.best_side is Side.YES
    assert edge.edge_percent == pytest.approx(14.6, abs=0.05)


def test_the_specifications_confidence_of_75_is_base_tight_books_and_volume() -> None:
    now = situation(listing=msgspec.structs.replace(LISTING, start=NOW + 30 * HOUR))
    signal = judge(now)
    assert (signal.confidence_score, signal.confidence_tier) == (75, Tier.HIGH)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (70, Tier.HIGH),
        (69, Tier.MEDIUM),
        (50, Tier.MEDIUM),
        (49, Tier.LOW),
        (30, Tier.LOW),
        (29, Tier.SKIP),
    ],
)
def test_tiers_begin_at_their_score(points: int, expected: Tier) -> None:
    assert tier(points, profile().confidence) is expected


def test_a_good_market_becomes_a_signal_with_every_number() -> None:
    signal = judge()
    assert signal.action is Action.BUY_YES
    assert signal.should_trade
    assert signal.reasons == ()
    assert signal.signal_id == "signal-1"
    assert signal.expires - signal.at == 2 * SECOND
    assert signal.recommended_contracts == 10
    assert signal.fee == 174_720
    assert signal.risk_amount == 4_800_000 + signal.fee
    assert signal.potential_profit == 700_000 - signal.fee
    assert signal.net_edge == 70_000 - 17_472


def test_risk_of_5_dollars_allows_10_contracts_at_48_cents_with_the_fee_inside() -> None:
    assert judge().recommended_contracts == 10


def test_the_no_side_is_bought_when_the_exchange_is_too_high() -> None:
    signal = judge(situation(quote=quote(bid=6_200, ask=6_300)))
    assert signal.action is Action.BUY_NO
    assert signal.edge is not None
    assert signal.edge.price == 3_800
    assert signal.fair == 450_000


def test_nothing_offered_is_a_reason_and_not_an_edge() -> None:
    signal = judge(situation(quote=quote(bid=None, ask=None)))
    assert names(signal) == ["no_ask"]
    assert signal.edge is None


def with_listing(**changed: object) -> Situation:
    return situation(listing=msgspec.structs.replace(LISTING, **changed))


CASES = [
    ("not_open", with_listing(open=False)),
    ("not_open", with_listing(closes=NOW)),
    ("quarantined", with_listing(quarantined=True)),
    ("min_edge", situation(quote=quote(bid=5_000, ask=5_100))),
    ("book_count", situation(consensus=fair(books=2))),
    ("book_spread", situation(consensus=fair(spread=0.031))),
    ("kalshi_spread", situation(quote=quote(bid=3_700))),
    ("kalshi_spread", situation(quote=quote(bid=None))),
    ("volume", situation(quote=quote(volume=499 * CONTRACT))),
    ("volume", situation(quote=quote(volume=None))),
    ("hours_to_event", with_listing(start=NOW + 1 * HOUR)),
    ("hours_to_event", with_listing(start=NOW + 49 * HOUR)),
    ("price_bounds", situation(quote=quote(bid=2_300, ask=2_400), consensus=fair(0.33))),
    ("kind", with_listing(kind=Kind.CHAMPION)),
    ("net_edge", situation(consensus=fair(low=0.49))),
    ("stale_odds", situation(consensus=fair(expires=NOW - 1))),
    ("stale_quote", situation(quote_age=2 * SECOND + 1)),
    ("started", with_listing(start=NOW)),
    ("started", with_listing(start_moved=True)),
    ("too_good", situation(consensus=fair(0.63))),
    ("depth", situation(quote=quote(yes_ask_size=CONTRACT - 1))),
    ("depth", situation(quote=quote(yes_ask_size=None))),
    ("stop_distance", situation(quote=quote(bid=4_000))),
    ("reentry", situation(holdings=Holdings(exited_at=NOW - 60 * SECOND, changed_since_exit=True))),
    ("reentry", situation(holdings=Holdings(exited_at=0))),
    ("opposing", situation(holdings=Holdings(committed_no=100))),
]


@pytest.mark.parametrize(("reason", "now"), CASES)
def test_each_check_refuses_by_its_name(reason: str, now: Situation) -> None:
    signal = judge(now)
    assert reason in names(signal)
    assert signal.action is Action.NO_TRADE
    assert not signal.should_trade
    assert signal.signal_id == ""
    assert all(describe(refusal) for refusal in signal.reasons)


def test_a_started_game_is_told_before_anything_that_follows_from_it() -> None:
    assert names(judge(with_listing(start=NOW - HOUR)))[0] == "started"


@pytest.mark.parametrize("guard", list(Guard))
def test_a_guard_switched_off_by_name_no_longer_refuses(guard: Guard) -> None:
    refused = [now for reason, now in CASES if reason == guard]
    rules = profile(guards=frozenset(Guard) - {guard})
    assert refused
    for now in refused:
        assert guard not in names(judge(now, rules))


def test_fewer_cents_are_enough_when_four_books_agree() -> None:
    near = quote(bid=5_000, ask=5_100)
    agreeing = fair(books=4, spread=0.02)
    assert names(judge(situation(quote=near, consensus=agreeing))) == []
    assert "min_edge" in names(judge(situation(quote=near, consensus=fair(books=4, spread=0.021))))


def test_no_profile_trades_an_edge_of_nothing() -> None:
    rules = profile(min_edge=0, min_edge_agreeing=0, guards=frozenset())
    now = situation(quote=quote(bid=5_400, ask=5_500))
    assert "min_edge" in names(judge(now, rules))


def test_a_score_below_the_lowest_tier_is_no_trade() -> None:
    rules = profile(
        confidence=msgspec.structs.replace(profile().confidence, low=90, medium=95, high=99)
    )
    assert "confidence" in names(judge(rules=rules))


def test_an_old_consensus_widens_the_interval_and_lowers_the_net_edge() -> None:
    fresh, old = judge(), judge(situation(consensus=fair(oldest=NOW - HOUR)))
    assert fresh.net_edge is not None
    assert old.net_edge is not None
    assert fresh.net_edge - old.net_edge == pytest.approx(8_000, abs=2)
    assert old.low < fresh.low


def test_what_is_held_comes_off_the_target() -> None:
    rich = msgspec.structs.replace(CAPS, risk_per_trade=1_000 * CASH_PER_DOLLAR)
    held = situation(holdings=Holdings(committed_yes=90 * CONTRACT))
    assert judge_with(held, profile(), rich).recommended_contracts == 10


def test_a_signal_does_not_outlive_the_start_of_its_game() -> None:
    near = with_listing(start=NOW + SECOND)
    assert judge(near, profile(min_time=0)).expires == NOW + SECOND


def test_the_offered_size_caps_the_order() -> None:
    now = situation(quote=quote(yes_ask_size=350))
    assert judge(now).recommended_contracts == 3


def test_max_price_is_the_last_tick_that_keeps_both_edges() -> None:
    """At 55 fair and 5 wanted, 50 is the gross bound and the net edge is still positive."""
    assert judge().max_price == 5_000
    tight = judge(situation(consensus=fair(low=0.51)))
    assert tight.max_price == 4_900


def test_no_price_is_good_enough_when_the_ask_is_not() -> None:
    assert judge(situation(quote=quote(bid=5_000, ask=5_100))).max_price is None


@pytest.mark.parametrize(
    ("entry", "edge_cents", "volume", "expected"),
    [
        (4_800, 5, 10_001, (5_300, 4_300)),
        (4_800, 5, 5_000, (5_400, 4_400)),
        (4_800, 1, 5_000, (5_100, 4_600)),
        (4_800, 4, 5_000, (5_300, 4_500)),
        (4_800, 40, 1_999, (5_900, 4_500)),
        (4_800, 0, 5_000, (5_100, 4_600)),
    ],
)
def test_exit_levels_follow_the_table(
    entry: int, edge_cents: int, volume: int, expected: tuple[int, int]
) -> None:
    levels = exit_levels(entry, edge_cents * CASH_PER_CENT, volume * CONTRACT)
    assert (levels.take_profit, levels.stop_loss) == expected


def test_the_minus_110_coin_flip_at_49_cents_is_no_edge_after_the_fee() -> None:
    """The most common line there is: 1 cent gross is less than the fee of 1.75."""
    now = situation(quote=quote(bid=4_800, ask=4_900), consensus=fair(0.5))
    signal = judge(now, profile(min_edge=1, min_edge_agreeing=1))
    assert names(signal) == ["net_edge"]
