"""How the rows of `karb doctor` and `karb config check` look."""

from collections.abc import Sequence

from karb.cli.output import document, note, table
from karb.tasks.doctor import Row, State, worst

_STYLES = {State.FINE: "", State.WARN: "yellow", State.FAIL: "bold red"}


def show_checks(schema: str, rows: Sequence[Row], *, as_json: bool) -> None:
    """Print every check with its state and what to type."""
    if as_json:
        checks = [
            {"check": row.check, "state": row.state, "found": row.found, "do": row.do}
            for row in rows
        ]
        document(schema, {"verdict": worst(rows), "checks": checks})
        return
    table(
        ("check", "state", "found, and what to do"),
        [(row.check, row.state.upper(), _told(row)) for row in rows],
        style=[_STYLES[row.state] for row in rows],
    )
    counts = {state: sum(row.state is state for row in rows) for state in State}
    note(f"{counts[State.FINE]} pass, {counts[State.WARN]} warn, {counts[State.FAIL]} fail")


def _told(row: Row) -> str:
    return f"{row.found}. To do: {row.do}" if row.do else row.found
