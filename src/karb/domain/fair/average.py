"""One figure from several books: each de-vigged, outliers out, the rest averaged.

All four methods are carried along, because the widest of their answers bound the interval.
"""

from collections.abc import Sequence
from math import fsum, sqrt

import msgspec

from karb.domain.fair.answers import BookFair, Consensus
from karb.domain.fair.books import Dropped, DropReason, feed
from karb.domain.fair.devig import devig
from karb.domain.fair.odds import BookQuote
from karb.domain.fair.rules import HONEST_METHODS, SHARP, FairRules, Method
from karb.domain.units import Nanos
from karb.errors import DataError


class Priced(msgspec.Struct, frozen=True):
    """A quote with its answer for one outcome under each method that has one."""

    quote: BookQuote
    fair: dict[Method, float]


def price(
    quotes: Sequence[BookQuote], outcome: str, main: Method
) -> tuple[list[Priced], list[Dropped]]:
    """De-vig each book under every method; one without an answer under `main` is out."""
    priced, dropped = [], []
    for quote in quotes:
        fair = _answers(quote, outcome)
        if main in fair:
            priced.append(Priced(quote, fair))
        else:
            detail = f"{main} gives {outcome!r} no probability here"
            dropped.append(Dropped(book=quote.book, reason=DropReason.NO_ANSWER, detail=detail))
    return priced, dropped


def _answers(quote: BookQuote, outcome: str) -> dict[Method, float]:
    """What each honest method says about `outcome`; one that has no answer is left out."""
    place = list(quote.odds).index(outcome)
    odds = tuple(quote.odds.values())
    answers = {}
    for method in HONEST_METHODS:
        try:
            answers[method] = devig(odds, method)[place]
        except DataError:
            # Additive on a field of outsiders: an answer that is not a probability.
            continue
    return answers


def without_outliers(
    priced: Sequence[Priced], main: Method, rules: FairRules
) -> tuple[list[Priced], list[Dropped]]:
    """Drop the books that lie further from the median than books do."""
    if not priced:
        return [], []
    middle = _median([each.fair[main] for each in priced])
    kept, dropped = [], []
    for each in priced:
        distance = each.fair[main] - middle
        if abs(distance) > rules.outlier:
            detail = f"{100 * distance:+.1f}c from the median {100 * middle:.1f}c"
            dropped.append(Dropped(book=each.quote.book, reason=DropReason.OUTLIER, detail=detail))
        else:
            kept.append(each)
    return kept, dropped


def _median(values: list[float]) -> float:
    """The middle value. `statistics` would do, and imports `random` to do it."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2.0


def combine(
    event_id: str,
    outcome: str,
    priced: Sequence[Priced],
    dropped: tuple[Dropped, ...],
    *,
    method: Method,
    at: Nanos,
    rules: FairRules,
) -> Consensus:
    """Average what is left, and measure how far it is apart."""
    kept = _weighed(priced, method, rules)
    means = {
        each: _mean([book.fair[each] for book in priced], [book.weight for book in kept])
        for each in HONEST_METHODS
        if all(each in book.fair for book in priced)
    }
    fair = [book.probability for book in kept]
    sd = _sd(fair)
    margin = rules.k * sd / sqrt(min(len(kept), rules.copies))
    return Consensus(
        event_id=event_id,
        outcome=outcome,
        probability=means[method],
        low=max(0.0, min(means.values()) - margin),
        high=min(1.0, max(means.values()) + margin),
        books=len(kept),
        spread=max(fair) - min(fair),
        sd=sd,
        oldest=min(book.updated for book in kept),
        expires=min(book.updated + book.limit for book in kept),
        at=at,
        method=method,
        by_method=means,
        kept=kept,
        dropped=dropped,
    )


def _weighed(priced: Sequence[Priced], method: Method, rules: FairRules) -> tuple[BookFair, ...]:
    """Weigh every feed 1, and the first sharp one present `sharp_weight`."""
    present = {feed(each.quote.book) for each in priced}
    sharp = next((name for name in SHARP if name in present), None)
    return tuple(
        BookFair(
            book=each.quote.book,
            feed=feed(each.quote.book),
            probability=each.fair[method],
            weight=rules.sharp_weight if feed(each.quote.book) == sharp else 1.0,
            updated=each.quote.updated,
            limit=rules.age_limit(each.quote.book),
        )
        for each in priced
    )


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    return fsum(v * w for v, w in zip(values, weights, strict=True)) / fsum(weights)


def _sd(values: Sequence[float]) -> float:
    """Sample standard deviation."""
    mean = fsum(values) / len(values)
    return sqrt(fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def mirror(answer: Consensus, outcome: str) -> Consensus:
    """The same consensus seen from the other team."""
    kept = tuple(
        msgspec.structs.replace(book, probability=1.0 - book.probability) for book in answer.kept
    )
    return msgspec.structs.replace(
        answer,
        outcome=outcome,
        probability=1.0 - answer.probability,
        low=1.0 - answer.high,
        high=1.0 - answer.low,
        by_method={method: 1.0 - p for method, p in answer.by_method.items()},
        kept=kept,
    )
