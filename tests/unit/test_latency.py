"""Latency from samples: the newest are kept."""

from itertools import count

from karb.services.latency import KEPT, Sampler


def test_nothing_is_said_before_a_sample() -> None:
    assert Sampler(lambda: 0).latency() is None


def test_what_is_timed_is_taken() -> None:
    taken: list[bytes] = []
    sampler = Sampler(iter(count(0, 7)).__next__)
    timed = sampler.timed(taken.append)
    for _ in range(3):
        timed(b"x")
    latency = sampler.latency()
    assert latency is not None
    assert (len(taken), latency.count) == (3, 3)
    assert (latency.average, latency.p50, latency.least, latency.most) == (7, 7, 7, 7)


def test_percentiles_are_of_the_newest_samples_only() -> None:
    spans = iter([*([9] * KEPT), *range(1, KEPT + 1)])
    readings = (at for span in spans for at in (0, span))
    sampler = Sampler(readings.__next__)
    timed = sampler.timed(lambda _raw: None)
    for _ in range(KEPT * 2):
        timed(b"x")
    latency = sampler.latency()
    assert latency is not None
    assert (latency.count, latency.least, latency.most) == (KEPT, 1, KEPT)
    assert (latency.p50, latency.p95) == (KEPT // 2 + 1, KEPT * 95 // 100 + 1)
