"""The true probability: calm before the start, a fair price in play, 0 or 1 at the end."""

from math import sqrt
from random import Random
from statistics import fmean, pstdev

from karb.sim.truth import Truth

HOUR = 3_600


def walked(seed: int, seconds: int, *, played: float = 0.0, chance: float = 0.5) -> Truth:
    truth = Truth(chance, Random(seed), hours=0.25, played=played)
    for _ in range(seconds):
        truth.walk()
    return truth


def test_before_the_start_it_moves_eight_tenths_of_a_cent_in_an_hour() -> None:
    moves = [walked(seed, HOUR).probability - 0.5 for seed in range(60)]
    assert 0.006 < pstdev(moves) < 0.010
    assert abs(fmean(moves)) < 3 * 0.008 / sqrt(60)


def test_in_play_it_is_a_fair_price_that_comes_to_an_end() -> None:
    """Of games priced 30 cents about 30 in a hundred are won, and each is over in time."""
    games = [walked(seed, HOUR // 4, played=0.001, chance=0.3) for seed in range(300)]
    assert all(game.over for game in games)
    assert {game.probability for game in games} == {0.0, 1.0}
    assert 0.22 < fmean(game.home_won for game in games) < 0.38


def test_the_outcome_agrees_with_the_last_price() -> None:
    for seed in range(20):
        game = walked(seed, HOUR // 4 - 10, played=0.001)
        while not game.over:
            before = game.probability
            game.walk()
        assert game.home_won == (game.probability == 1.0)
        assert abs(game.probability - before) < 0.5 + abs(before - 0.5)


def test_the_same_seed_walks_the_same_way() -> None:
    assert walked(1, 500).probability == walked(1, 500).probability
    assert walked(1, 500).probability != walked(2, 500).probability
