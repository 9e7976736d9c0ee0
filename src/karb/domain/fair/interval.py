"""The interval a fair price is trusted within, at a given moment.

`Consensus.low` and `high` hold what does not move: the de-vig methods' disagreement and the
books'. The third part grows: prices drift with the square root of time, so an old quote is
a worse quote. How fast closing lines move was measured (0.2 cents in 3 minutes, 0.8 in an
hour) and stands in the profile as `drift`.
"""

from math import sqrt

from karb.domain.fair.consensus import Consensus
from karb.domain.fair.rules import FairRules
from karb.domain.units import HOUR, Nanos


def interval(consensus: Consensus, rules: FairRules, at: Nanos) -> tuple[float, float]:
    """Low and high end of the fair probability at `at`, clamped to 0..1.

    Buying YES is judged at the low end, buying NO at 1 less the high end.
    """
    term = rules.drift * sqrt(max(0, at - consensus.oldest) / HOUR)
    return max(0.0, consensus.low - term), min(1.0, consensus.high + term)
