"""The plan of planted edges: a function of the seed, and never more than a market can bear."""

from itertools import islice

from karb.sim.planting import LONGEST, MOST_CENTS, SHORTEST, Candidate, Plan, plans

HOUR = 3_600.0
GAMES = [
    Candidate(ticker=f"{event}-{side}", event=event, chance=chance, to_start=hours * HOUR)
    for event, home, hours in (("A", 0.45, 6.0), ("B", 0.6, 20.0), ("C", 0.5, 39.0))
    for side, chance in (("H", home), ("W", 1.0 - home))
]


def drawn(
    seed: int = 1, count: int = 300, *, speed: float = 1.0, of: list[Candidate] = GAMES
) -> list[Plan]:
    return list(islice(plans(seed, of, per_minute=12.0, speed=speed), count))


def test_the_same_seed_plants_the_same_edges() -> None:
    assert drawn() == drawn()
    assert drawn(2) != drawn()


def test_edges_are_as_long_as_large_and_as_frequent_as_promised() -> None:
    edges = drawn()
    assert all(SHORTEST <= edge.ends - edge.begins <= LONGEST for edge in edges)
    assert {edge.cents for edge in edges} == {6, 7, MOST_CENTS}
    assert {edge.side for edge in edges} == {"yes", "no"}
    assert 4.0 < edges[-1].begins / len(edges) < 6.5


def test_the_price_stays_between_25_and_80_cents() -> None:
    wide = [
        Candidate(f"X{chance}", f"X{chance}", chance, 6 * HOUR)
        for chance in (0.2, 0.31, 0.5, 0.79, 0.9)
    ]
    chances = {each.ticker: each.chance for each in wide}
    prices = [
        100 * (chances[edge.ticker] if edge.side == "yes" else 1 - chances[edge.ticker])
        - edge.cents
        for edge in drawn(of=wide)
    ]
    assert min(prices) > 25
    assert max(prices) < 80


def test_no_event_carries_two_edges_at_once() -> None:
    until: dict[str, float] = {}
    for edge in drawn():
        event = edge.ticker[0]
        assert edge.begins > until.get(event, -1.0)
        until[event] = edge.ends


def test_only_games_two_to_forty_hours_ahead_are_taken() -> None:
    near, far = Candidate("N", "N", 0.5, 2.0 * HOUR), Candidate("F", "F", 0.5, 41.0 * HOUR)
    assert {edge.ticker for edge in drawn(count=50, of=[near, far, GAMES[0]])} <= {"A-H", "F"}
    assert drawn(count=5, of=[near, far])[0].begins >= HOUR


def test_the_venues_time_may_run_faster_than_the_games_come_nearer() -> None:
    fast = drawn(count=100_000, speed=10.0, of=GAMES[:1])
    assert 3.0 * HOUR * 10 < fast[-1].begins < 3.8 * HOUR * 10


def test_without_games_or_rate_nothing_is_planted() -> None:
    assert drawn(of=[]) == []
    assert list(plans(1, GAMES, per_minute=0.0, speed=1.0)) == []
