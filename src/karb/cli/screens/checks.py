"""How the rows of `karb doctor` and `karb config check` look."""

from collections.abc import Sequence

from karb.cli.output import document, note, table
from karb.errors import ExitCode, UsageError
from karb.tasks.doctor import Row, State, verdict, worst

_STYLES = {State.FINE: "", State.WARN: "yellow", State.FAIL: "bold red"}


def show_doctor(profile: str | None, *, offline: bool, stores: bool, as_json: bool) -> ExitCode:
    """Examine what was asked for, print it, and say how the command ends."""
    from karb.wiring import checks

    if offline and stores:
        raise UsageError(
            "--offline and --stores do not go together: a store may be far",
            do="leave one of them out; --offline looks at karb's own stores as well",
        )
    rows = checks.stores() if stores else checks.doctor(profile, networked=not offline)
    show_checks("karb.doctor/1", rows, as_json=as_json)
    return verdict(rows, ExitCode.STORE_DOWN if stores else ExitCode.FINDINGS)


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
