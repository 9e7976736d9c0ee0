"""Many books' odds, one fair probability: who counts, who does not, and why.

Books disagree by 1.5 to 2.5 cents on an ordinary game, so one book is an opinion. Each is
checked (`books`) and de-vigged by itself, the ones far from the median are dropped, and the
rest are averaged with a little more weight on the sharp one. Everything left out is named
with its reason: a consensus that cannot be explained is not believed.

The two outcomes of a game are computed once, for the name that sorts first, and mirrored
for the other, so that rounding can never keep a book for one side and drop it for the
other. A championship is always de-vigged by power, the method that stays a probability for
the longest shot.
"""

from collections import Counter
from collections.abc import Sequence
from math import fsum

import msgspec

from karb.domain.fair.answers import BookFair, Consensus, NoConsensus, NoConsensusReason
from karb.domain.fair.average import combine, mirror, price, without_outliers
from karb.domain.fair.books import Dropped, DropReason, asked, vet
from karb.domain.fair.odds import BookQuote, OddsEvent
from karb.domain.fair.rules import FairRules, Method
from karb.domain.market.leagues import Kind
from karb.domain.units import Nanos

__all__ = [
    "BookFair",
    "Consensus",
    "DropReason",
    "Dropped",
    "NoConsensus",
    "NoConsensusReason",
    "consensus",
]

FEWEST = 2
"""One feed is an opinion, whatever a profile says."""


def consensus(
    event: OddsEvent, outcome: str, *, at: Nanos, rules: FairRules
) -> Consensus | NoConsensus:
    """The fair price of `outcome` from the quotes that are good at the time `at`."""
    quotes, dropped = asked(event, at=at, rules=rules)

    def none(reason: NoConsensusReason, detail: str) -> NoConsensus:
        return NoConsensus(
            event_id=event.id, outcome=outcome, reason=reason, detail=detail, dropped=dropped
        )

    if not _offers(event, outcome):
        return none(NoConsensusReason.UNKNOWN_OUTCOME, f"no book prices {outcome!r} here")
    if began := _started(quotes, event.start):
        return none(*began)
    method, main = _methods(event.kind, rules)
    good, faulty = vet(event, quotes, outcome, at=at, rules=rules)
    anchor = min(event.home, event.away) if event.kind is Kind.GAME else outcome
    priced, unanswered = price(good, anchor, main)
    kept, outliers = without_outliers(priced, main, rules)
    dropped = (*dropped, *faulty, *unanswered, *outliers)
    needed = max(rules.min_feeds, FEWEST)
    if len(kept) < needed:
        return none(NoConsensusReason.TOO_FEW_BOOKS, _too_few(len(kept), needed, dropped))
    answer = combine(event.id, anchor, kept, dropped, method=main, at=at, rules=rules)
    if outcome != anchor:
        answer = mirror(answer, outcome)
    if method is Method.NONE:
        plain = fsum(1.0 / each.quote.odds[outcome] for each in kept) / len(kept)
        answer = msgspec.structs.replace(answer, method=method, probability=plain)
    return answer


def _too_few(kept: int, needed: int, dropped: Sequence[Dropped]) -> str:
    """How many feeds are left, and what the others were dropped for, most common first."""
    reasons = Counter(book.reason for book in dropped if book.reason is not DropReason.NOT_ASKED)
    lost = ", ".join(f"{times} {reason}" for reason, times in reasons.most_common())
    return f"{kept} of {needed} feeds needed; {f'dropped: {lost}' if lost else 'no other quotes'}"


def _offers(event: OddsEvent, outcome: str) -> bool:
    if event.kind is Kind.GAME:
        return outcome in (event.home, event.away)
    return any(outcome in quote.odds for quote in event.quotes)


def _started(quotes: Sequence[BookQuote], start: Nanos) -> tuple[NoConsensusReason, str] | None:
    """Refuse prices from after the start: no age limit tells them from those before it."""
    running = [quote.book for quote in quotes if quote.updated >= start]
    if not running:
        return None
    if len(running) == len(quotes):
        return NoConsensusReason.STARTED, "every book's price is from after the start"
    detail = f"{len(running)} of {len(quotes)} prices are from after the start: {running[0]}"
    return NoConsensusReason.STRADDLES_START, detail


def _methods(kind: Kind, rules: FairRules) -> tuple[Method, Method]:
    """The method of the answer, and the one that books are compared under."""
    if kind is Kind.CHAMPION:
        return Method.POWER, Method.POWER
    return rules.method, Method.ADDITIVE if rules.method is Method.NONE else rules.method
