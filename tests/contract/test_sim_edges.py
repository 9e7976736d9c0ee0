"""The offline venue through karb's eyes: every planted edge is one, and nothing else is."""

import msgspec
import pytest

from karb.config.profiles import open_profile
from karb.domain.edge.profile import Profile
from karb.domain.edge.signal import Action
from karb.domain.market.leagues import Kind
from karb.sim.planting import Planted
from karb.sim.units import CENT, DOLLAR
from karb.sim.world import World
from sim_judge import Hands, Judge, quote, world

STEP, POLL = 0.25, 30.0


def profile(name: str) -> Profile:
    return open_profile(name).profile


def standing(of: World) -> dict[tuple[str, str], Planted]:
    """The edges that are there now, by market and side."""
    at = of.clock.now()
    return {
        (edge.ticker, edge.side): edge
        for edge in of.edges.planted
        if edge.begins_ns <= at < edge.ends_ns
    }


def seen(name: str, *, seed: int, speed: float, edges: float, steps: int) -> tuple[int, int, int]:
    """How many edges were planted, how many karb saw, and how many it saw that were none."""
    hands = Hands()
    of = world(hands, seed=seed, speed=speed, edges=edges)
    judge = Judge(of, profile(name))
    planted: set[tuple[str, int]] = set()
    found: set[tuple[str, int]] = set()
    others = 0
    for step in range(steps):
        hands.move(STEP)
        of.advance()
        if step % (POLL / STEP) == 0:
            judge.poll()
        now = standing(of)
        planted |= {(edge.ticker, edge.begins_ns) for edge in now.values()}
        for signal in judge.look().signals:
            side = "yes" if signal.action is Action.BUY_YES else "no"
            edge = now.get((signal.listing.ticker, side))
            if edge is None:
                others += 1
            else:
                found.add((edge.ticker, edge.begins_ns))
    assert found <= planted
    return len(planted), len(found), others


@pytest.mark.parametrize("name", ["STANDARD", "AGGRESSIVE"])
def test_every_planted_edge_is_a_signal_and_nothing_else_is(name: str) -> None:
    planted, found, others = seen(name, seed=1, speed=4.0, edges=12.0, steps=240)
    assert planted > 30
    assert (found, others) == (planted, 0)


def test_without_planted_edges_not_even_the_greediest_profile_finds_one() -> None:
    """Six minutes of the venue's time, looked at each second, with odds up to 30 s old."""
    assert seen("ANY_EDGE", seed=3, speed=4.0, edges=0.0, steps=360) == (0, 0, 0)


def test_titles_hold_no_edge_either() -> None:
    hands = Hands()
    of = world(hands, edges=0.0)
    greedy = msgspec.structs.replace(
        profile("ANY_EDGE"), markets=frozenset({Kind.GAME, Kind.CHAMPION})
    )
    judge = Judge(of, greedy, titles=True)
    judge.poll()
    for _ in range(15):
        hands.move(3)
        of.advance()
        assert judge.look().signals == []


def test_a_planted_edge_is_as_large_as_it_says_and_as_good_as_can_be_taken() -> None:
    hands = Hands()
    of = world(hands, edges=30.0)
    looked = 0
    for _ in range(400):
        hands.move(STEP)
        of.advance()
        for (ticker, side), edge in standing(of).items():
            now, worth = quote(of, ticker), of.centre(ticker)
            assert now.yes_ask is not None
            assert now.yes_bid is not None
            edge_now = worth - now.yes_ask if side == "yes" else now.yes_bid - worth
            size = now.yes_ask_size if side == "yes" else now.yes_bid_size
            assert edge.cents * CENT - 5 < edge_now < (edge.cents + 1) * CENT + 5
            assert size is not None
            assert size >= 150 * 100
            assert now.yes_ask - now.yes_bid == CENT
            middle = (now.yes_ask + now.yes_bid) / 2
            assert abs(middle - worth) < 10 * CENT
            looked += 1
    assert looked > 100


def test_an_unplanted_offer_never_lies_below_the_truth() -> None:
    hands = Hands()
    of = world(hands, edges=30.0, changes=400.0, speed=10.0)
    for _ in range(80):
        hands.move(0.2)
        of.advance()
        wrong = {ticker for ticker, _ in standing(of)}
        for ticker, market in of.markets.items():
            now = quote(of, ticker)
            if ticker in wrong or not market.open or now.yes_bid is None or now.yes_ask is None:
                continue
            assert now.yes_bid < of.centre(ticker) < now.yes_ask, ticker
            if "GAME" in ticker and 100 < of.centre(ticker) < DOLLAR - 100:
                assert now.yes_ask - of.centre(ticker) >= 30, ticker
                assert of.centre(ticker) - now.yes_bid >= 30, ticker


def test_the_same_seed_plants_the_same_edges_whenever_it_is_opened() -> None:
    planted = []
    for hours in (0, 5):
        hands = Hands()
        hands.move(hours * 3_600)
        of = world(hands, edges=20.0)
        for _ in range(300):
            hands.move(STEP)
            of.advance()
        opening = of.clock.began
        teams = [edge.ticker.rpartition("-")[2] for edge in of.edges.planted]
        times = [edge.begins_ns - opening for edge in of.edges.planted]
        planted.append([*zip(teams, times, strict=True)])
    assert planted[0] == planted[1]
    assert len(planted[0]) > 15


def test_after_a_pause_the_world_goes_on_without_edges_that_nobody_could_see() -> None:
    hands = Hands()
    of = world(hands, edges=20.0)
    hands.move(600)
    of.advance()
    assert len(of.edges.planted) <= 3
    assert all(edge.ends_ns > hands.at for edge in of.edges.planted)
