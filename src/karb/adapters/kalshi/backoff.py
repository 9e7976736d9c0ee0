"""How long to wait before trying again: at random, up to a bound that doubles.

Full jitter: what fell together comes back apart. Chance is handed in.
"""

from random import Random

MOST_DOUBLINGS = 30


def full_jitter(random: Random, failures: int, first: float, most: float) -> float:
    """Seconds to wait after so many failures in a row: up to `first`, doubled for each."""
    return random.uniform(0.0, min(most, first * 2.0 ** min(failures, MOST_DOUBLINGS)))
