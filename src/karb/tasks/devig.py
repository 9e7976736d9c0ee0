"""The pocket calculator: odds as people write them in, every method's fair price out."""

import re
from collections.abc import Sequence
from math import inf
from typing import NamedTuple, TypeAlias

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
_COMMA = re.compile(r"(\d{1,2}),(\d{1,4})", re.ASCII)
_SEPARATORS = re.compile(r"[\s,;|/]+")
_PER_OUTCOME, _MOST = 0.06, 0.40
"""Margins grow with the outcomes: 12 % is wide for two, 18 % for three, 40 % for many."""

_FORMS = "write American (-110, +130), decimal (1.91) or fractional (10/11) odds, one an outcome"


class FairOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome: its odds as written and as decimal, and its probabilities.

    `read_as` is the form the odds were taken for: American, decimal, fraction or evens.
    `fair` is by method, None where a method has no answer. `worst` is the lowest of them:
    what to believe when buying. `fair_odds` and `fair_american` follow `Calculation.method`.
    """

    written: str
    read_as: str
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


class Odds(NamedTuple):
    """Decimal odds, and the form they were written in."""

    value: float
    form: str


def read_odds(text: str) -> Odds:
    """Decimal odds from what a person wrote; `UsageError` when it is not odds.

    A whole number from 100 up without a sign is American: 130 is +130, 130.0 is decimal.
    """
    word = text.strip().translate(_MINUS).lower()
    try:
        odds = _decimal(word)
    except DataError as error:
        raise UsageError(f"{text!r} is not odds: {error.what}", do=_FORMS) from error
    if odds is None:
        raise UsageError(f"{text!r} is not odds", do=_hint(word))
    if not 1.0 < odds.value < inf:
        raise UsageError(
            f"{text!r} is not odds: they return {odds.value:g} for a stake of 1",
            means="a bet that cannot win is not a price",
            do=_FORMS,
        )
    return odds


def _decimal(word: str) -> Odds | None:
    """The decimal odds a word stands for; None when it is in no known form."""
    if word in _EVEN:
        return Odds(2.0, "evens")
    if _AMERICAN.fullmatch(word):
        return Odds(decimal_from_american(float(word)), "American")
    if (fraction := _FRACTION.fullmatch(word)) and int(fraction[2]):
        return Odds(1.0 + int(fraction[1]) / int(fraction[2]), "fraction")
    return Odds(float(word), "decimal") if _DECIMAL.fullmatch(word) else None


def _hint(word: str) -> str:
    """What to type instead: a decimal point, or blanks between several odds."""
    if comma := _COMMA.fullmatch(word):
        return f"write {comma[1]}.{comma[2]}"
    several = [part for part in _SEPARATORS.split(word) if part]
    if len(several) > 1 and all(map(_is_odds, several)):
        return f"separate them with blanks, without quotes: karb devig {' '.join(several)}"
    return _FORMS


def _is_odds(word: str) -> bool:
    try:
        return _decimal(word) is not None
    except DataError:
        return False


def calculate(written: Sequence[str]) -> Calculation:
    """De-vig one market's odds by every method."""
    read = tuple(read_odds(each) for each in written)
    odds = tuple(each.value for each in read)
    if len(odds) < 2:
        raise UsageError(
            "one outcome's odds alone say nothing about their margin",
            do="give the odds of every outcome, such as: karb devig -150 +130",
        )
    answers = {method: _answer(odds, method) for method in HONEST_METHODS}
    method = _own_choice(answers, len(odds))
    outcomes = tuple(
        _outcome(
            text,
            each,
            {name: answer[place] if answer else None for name, answer in answers.items()},
            method,
        )
        for place, (text, each) in enumerate(zip(written, read, strict=True))
    )
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
            _method_note(method, len(odds)),
            _apart_note(apart),
            *_margin_notes(total, len(odds)),
            *(
                f"{each.capitalize()} has no answer here: it leaves the longest shot nothing."
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
    written: str, odds: Odds, fair: dict[Method, float | None], method: Method
) -> FairOutcome:
    fair_odds = 1.0 / (fair[method] or 1.0)
    return FairOutcome(
        written=written,
        read_as=odds.form,
        odds=odds.value,
        implied=1.0 / odds.value,
        fair=fair,
        worst=min(_known(fair)),
        fair_odds=fair_odds,
        fair_american=american(fair_odds),
    )


def _known(fair: dict[Method, float | None]) -> list[float]:
    return [p for p in fair.values() if p is not None]


def _method_note(method: Method, outcomes: int) -> str:
    """Which method the fair odds follow, and why it is not always the same."""
    if method is Method.ADDITIVE:
        why = "karb's own for two outcomes"
    elif method is Method.POWER:
        why = "karb's own for more than two outcomes, where additive takes too much from longshots"
    else:
        usual = "additive" if outcomes == 2 else "power"
        why = f"the usual one, {usual}, has none between 0 and 100% here"
    return f"Fair odds by the {method} method: {why}."


def _apart_note(apart: float) -> str:
    if apart < 0.00005:
        return "The four methods agree."
    return f"The methods are up to {100 * apart:.2f} cents apart: less than that is no edge."


def _margin_notes(total: float, outcomes: int) -> tuple[str, ...]:
    """Say when odds are no market's, and whether karb would count a book that has them."""
    rules = FairRules()
    if total <= 1.0:
        least = "exactly" if total == 1.0 else "only"
        return (
            f"There is no margin: implied adds up to {least} {100 * total:.2f}%, so backing every "
            "outcome could not lose. One price is likely old or mistyped, or an outcome is "
            "missing; karb would not count this book.",
        )
    if total - 1.0 < min(_PER_OUTCOME * outcomes, _MOST):
        return ()
    limit = rules.max_overround if outcomes == 2 else rules.max_outright_overround
    counted = f": karb counts no book from {100 * (limit - 1.0):.0f}% on" if total >= limit else ""
    return (
        f"A margin of {100 * (total - 1.0):.1f}% is wide for {outcomes} outcomes{counted}. One "
        "price is likely mistyped.",
    )
