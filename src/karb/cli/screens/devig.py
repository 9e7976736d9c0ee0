"""The calculator's answer as a table: one row an outcome, one column a method."""

from karb.cli.output import emit, table
from karb.domain.fair.rules import Method
from karb.tasks.devig import Calculation, FairOutcome

_METHODS = {
    Method.ADDITIVE: "additive",
    Method.MULTIPLICATIVE: "mult.",
    Method.POWER: "power",
    Method.SHIN: "Shin",
}


def show(answer: Calculation) -> None:
    """Print the table and the lines below it."""
    columns = ("odds", "read as", "implied", *_METHODS.values(), "worst", "fair", "American")
    table(columns, [_row(each) for each in answer.outcomes], right=columns[2:], tight=True)
    emit(
        f"margin {100 * answer.margin:.2f}% (implied adds up to {100 * answer.overround:.2f}%), "
        f"hold {100 * answer.hold:.2f}%; 1% is 1 cent on Kalshi, before its fee"
    )
    emit("worst is the lowest of the four: what to believe when buying")
    for note in answer.notes:
        emit(note)


def _row(outcome: FairOutcome) -> tuple[str, ...]:
    return (
        outcome.written,
        outcome.read_as,
        _percent(outcome.implied),
        *(_percent(outcome.fair[method]) for method in _METHODS),
        _percent(outcome.worst),
        f"{outcome.fair_odds:.3f}",
        outcome.fair_american,
    )


def _percent(probability: float | None) -> str:
    return "none" if probability is None else f"{100 * probability:.2f}%"
