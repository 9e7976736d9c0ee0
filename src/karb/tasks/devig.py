"""The pocket calculator: odds as people write them in, every method's fair price out."""

import re
from collections.abc import Sequence
from math import inf
from typing import TypeAlias

import msgspec

from karb.domain.fair.american import american, decimal_from_american
from karb.domain.fair.devig import devig, overround
from karb.domain.fair.rules import HONEST_METHODS, FairRules, Method
from karb.errors import DataError, UsageError

_AMERICAN = re.compile(r"[+-]\d{1,7}|[1-9]\d{2,6}", re.ASCII)
_FRACTION = re.compile(r"(\d{1,6})/(\d{1,6})", re.ASCII)
_DECIMAL = re.compile(r"\d{1,7}(\.\d{1,12})?|\.\d{1,12}", re.ASCII)
_EVEN = frozenset({"even", "evens", "evs", "ev", "pk"})
_MINUS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-"})
_Answers: TypeAlias = dict[Method, tuple[float, ...] | None]
_FORMS = "write American (-110, +130), decimal (1.91) or fractional (10/11) odds, one an outcome"


class FairOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome: its odds as written and as decimal, and its probabilities.

    `fair` is by method, None where a method has no answer. `worst` is the lowest of them:
    what to believe when buying. `fair_odds` and `fair_american` follow `Calculation.method`.
    """

    written: str
    odds: float
    implied: float
    fair: dict[Method, float | None]
    worst: float
    fair_odds: float
    fair_american: str


class Calculation(msgspec.Struct, frozen=True, kw_only=True):
    """Odds without their margin. Probabilities 0..1, `margin` and `hold` as fractions.

    `overround` is the sum of implied probabilities, `margin` what it has above 1, `hold` the
    share of all stakes the book keeps. `method` is karb's own choice for as many outcomes,
    `apart` the largest difference between two methods on one outcome.
    """

    outcomes: tuple[FairOutcome, ...]
    method: Method
    overround: float
    margin: float
    hold: float
    apart: float
    notes: tuple[str, ...]


def read_odds(text: str) -> float:
    """Decimal odds from what a person wrote; `UsageError` when it is not odds.

    A whole number from 100 up without a sign is American: 130 is +130, 130.0 is decimal.
    """
    word = text.strip().translate(_MINUS).lower()
    try:
        odds = _decimal(word)
    except DataError as error:
        raise UsageError(f"{text!r} is not odds: {error.what}", do=_FORMS) from error
    if odds is None:
        raise UsageError(f"{text!r} is not odds", do=_FORMS)
    if not 1.0 < odds < inf:
        raise UsageError(
            f"{text!r} is not odds: they return {odds:g} for a stake of 1",
            means="a bet that cannot win is not a price",
            do=_FORMS,
        )
    return odds


def _decimal(word: str) -> float | None:
    """The decimal odds a word stands for; None when it is in no known form."""
    if word in _EVEN:
        return 2.0
    if _AMERICAN.fullmatch(word):
        return decimal_from_american(float(word))
    if (fraction := _FRACTION.fullmatch(word)) and int(fraction[2]):
        return 1.0 + int(fraction[1]) / int(fraction[2])
    return float(word) if _DECIMAL.fullmatch(word) else None


def calculate(written: Sequence[str]) -> Calculation:
    """De-vig one market's odds by every method."""
    odds = tuple(read_odds(each) for each in written)
    if len(odds) < 2:
        raise UsageError(
            "one outcome's odds alone say nothing about their margin",
            do="give the odds of every outcome, such as: karb devig -150 +130",
        )
    answers = {method: _answer(odds, method) for method in HONEST_METHODS}
    method = _own_choice(answers, len(odds))
    outcomes = tuple(_outcome(place, written, odds, answers, method) for place in range(len(odds)))
    total = overround(odds)
    apart = max(max(known) - min(known) for known in (_known(each.fair) for each in outcomes))
    return Calculation(
        outcomes=outcomes,
        method=method,
        overround=total,
        margin=total - 1.0,
        hold=1.0 - 1.0 / total,
        apart=apart,
        notes=(
            _apart_note(apart),
            *_margin_notes(total, len(odds)),
            *(
                f"{each.capitalize()} has no answer here: its margin is larger than the "
                "chance of the longest shot."
                for each, answer in answers.items()
                if answer is None
            ),
        ),
    )


def _answer(odds: tuple[float, ...], method: Method) -> tuple[float, ...] | None:
    try:
        return devig(odds, method)
    except DataError:
        return None


def _own_choice(answers: _Answers, outcomes: int) -> Method:
    """The method karb itself would take; multiplicative, which always answers, if it cannot."""
    method = Method.ADDITIVE if outcomes == 2 else Method.POWER
    return method if answers[method] else Method.MULTIPLICATIVE


def _outcome(
    place: int,
    written: Sequence[str],
    odds: tuple[float, ...],
    answers: _Answers,
    method: Method,
) -> FairOutcome:
    fair = {each: answer[place] if answer else None for each, answer in answers.items()}
    fair_odds = 1.0 / (fair[method] or 1.0)
    return FairOutcome(
        written=written[place],
        odds=odds[place],
        implied=1.0 / odds[place],
        fair=fair,
        worst=min(_known(fair)),
        fair_odds=fair_odds,
        fair_american=american(fair_odds),
    )


def _known(fair: dict[Method, float | None]) -> list[float]:
    return [p for p in fair.values() if p is not None]


def _apart_note(apart: float) -> str:
    if apart < 0.00005:
        return "The four methods agree."
    return f"The methods are up to {100 * apart:.2f} cents apart: less than that is no edge."


def _margin_notes(total: float, outcomes: int) -> tuple[str, ...]:
    """Say when karb would not count a book with these odds, and what it likely means."""
    rules = FairRules()
    limit = rules.max_overround if outcomes == 2 else rules.max_outright_overround
    if total <= 1.0:
        return (
            "There is no margin: backing every outcome could not lose. One price is likely "
            "old or mistyped, or an outcome is missing; karb would not count this book.",
        )
    if total >= limit:
        return (
            f"A margin of {100 * (total - 1.0):.1f}% is wide: karb counts no book from "
            f"{100 * (limit - 1.0):.0f}% on. One price is likely mistyped.",
        )
    return ()
