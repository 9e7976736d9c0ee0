"""What a fair price loses by the age of its quotes.

`Consensus.low` and `high` hold what does not move: the de-vig methods' disagreement and the
books'. The third part grows: prices drift with the square root of time, so an old quote is
a worse quote. How fast closing lines move was measured (0.2 cents in 3 minutes, 0.8 in an
hour) and stands in the profile as `drift`.
"""

from math import sqrt

from karb.domain.units import HOUR, Nanos

_ROOT_HOUR = sqrt(HOUR)


def age_term(drift: float, age: Nanos) -> float:
    """The probability to take off either end; `drift` is per square root of an hour."""
    return drift * sqrt(age) / _ROOT_HOUR if age > 0 else 0.0
