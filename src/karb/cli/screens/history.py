"""History for people (a table), for programs (JSON) and for spreadsheets (CSV)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any, NamedTuple

from karb.cli.options import duration_option
from karb.cli.output import document, emit, note, table
from karb.cli.screens.fetching import fetching
from karb.domain.edge.refusal import duration
from karb.domain.units import SECOND
from karb.errors import UsageError
from karb.tasks.history import Answer
from karb.wiring import history


class Form(Enum):
    """How an answer is printed."""

    TABLE = auto()
    JSON = auto()
    CSV = auto()

    @classmethod
    def of(cls, *, as_json: bool, as_csv: bool) -> "Form":
        """What the flags ask for."""
        if as_json and as_csv:
            raise UsageError("--json and --csv do not go together", do="choose one of them")
        return cls.JSON if as_json else cls.CSV if as_csv else cls.TABLE


class _Shown(NamedTuple):
    """A column of a table for people. `unit` stands behind a number with so many decimals."""

    name: str
    heading: str
    unit: str = ""
    places: int = 2


_LATEST = (
    _Shown("ticker", "ticker"),
    _Shown("yes_bid", "YES bid", "c"),
    _Shown("yes_ask", "YES ask", "c"),
    _Shown("no_bid", "NO bid", "c"),
    _Shown("no_ask", "NO ask", "c"),
    _Shown("last_price", "last", "c"),
    _Shown("volume", "volume"),
    _Shown("timestamp", "age"),
)
_VOLUME = (
    _Shown("sport", "sport"),
    _Shown("total_contracts", "contracts"),
    _Shown("trade_count", "trades"),
)
_SIGNALS = (
    _Shown("timestamp", "time (UTC)"),
    _Shown("ticker", "ticker"),
    _Shown("action", "action"),
    _Shown("price", "price", "c"),
    _Shown("contracts", "size"),
    _Shown("edge_cents", "edge", "c", 1),
    _Shown("net_edge_cents", "net", "c", 1),
    _Shown("consensus_prob", "fair", "c", 1),
    _Shown("confidence_tier", "tier"),
    _Shown("profile", "profile"),
)


def latest(since: str, limit: int, form: Form) -> None:
    """Print each market's newest prices."""
    reach = duration_option("--since", since)
    with fetching() as progress:
        answer = history.latest(reach, limit, progress)
    _print("latest", answer, form, _LATEST, f"no market ticked within {since}")


def volume(since: str, limit: int, form: Form) -> None:
    """Print what was traded in each sport."""
    reach = duration_option("--since", since)
    with fetching() as progress:
        answer = history.volume(reach, limit, progress)
    _print("volume", answer, form, _VOLUME, f"no trade was recorded within {since}")


def signals(since: str | None, min_edge: float, limit: int, form: Form) -> None:
    """Print the signals to trade."""
    reach = None if since is None else duration_option("--since", since)
    with fetching() as progress:
        answer = history.signals(reach, min_edge, limit, progress)
    _print("signals", answer, form, _SIGNALS, f"no signal with {min_edge:g}c or more is recorded")


def sql(text: str, limit: int, form: Form) -> None:
    """Print the answer to any question."""
    with fetching() as progress:
        answer = history.sql(text, limit, progress)
    shown = tuple(_Shown(name, name) for name in answer.columns)
    _print("sql", answer, form, shown, "no rows")


def _print(name: str, answer: Answer, form: Form, shown: Sequence[_Shown], empty: str) -> None:
    if form is Form.JSON:
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        body = {"columns": answer.columns, "rows": rows, "more": answer.more}
        document(f"karb.history.{name}/1", body)
        return
    if form is Form.CSV:
        emit(_csv(answer))
    elif answer.rows:
        _table(answer, shown)
    else:
        note(empty)
    if answer.more:
        note(f"there are more than {len(answer.rows)}; --limit shows them")


def _table(answer: Answer, shown: Sequence[_Shown]) -> None:
    places = [answer.columns.index(each.name) for each in shown]
    rows = [
        tuple(_cell(row[place], each) for place, each in zip(places, shown, strict=True))
        for row in answer.rows
    ]
    numbers = [
        each.heading
        for place, each in zip(places, shown, strict=True)
        if each.heading == "age" or _is_number(row[place] for row in answer.rows)
    ]
    table([each.heading for each in shown], rows, right=numbers)


def _is_number(values: Iterable[object]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in known
    )


def _cell(value: Any, shown: _Shown) -> str:
    if value is None:
        return "-"
    if shown.heading == "age":
        return duration(round((datetime.now(UTC) - value).total_seconds()) * SECOND)
    if isinstance(value, float):
        return f"{round(value, shown.places) if shown.unit else value:,.10g}{shown.unit}"
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
    return str(value)


def _csv(answer: Answer) -> str:
    lines = [answer.columns, *(map(_plain, row) for row in answer.rows)]
    return "\n".join(",".join(map(_quoted, line)) for line in lines)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)


def _quoted(text: str) -> str:
    """As RFC 4180 has it: what a reader could take for the end of a cell stands in quotes."""
    if any(sign in text for sign in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
