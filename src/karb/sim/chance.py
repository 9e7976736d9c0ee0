"""Chance that can be repeated: a generator for each purpose, named, all from one seed."""

from random import Random


def chance(seed: int, *purpose: object) -> Random:
    """The generator of a purpose; what one draws never changes what another draws."""
    name = "/".join(map(str, (seed, *purpose)))
    return Random(name)  # noqa: S311 - it makes a story, it guards nothing
