"""How the rows of `karb services` look."""

from collections.abc import Sequence

import msgspec

from karb.cli.output import document, emit, note, table
from karb.cli.screens.fetching import fetching
from karb.errors import ExitCode
from karb.wiring import services
from karb.wiring.services import Service, State, troubles, verdict

_STYLES = {State.RUNNING: "", State.STOPPED: "yellow", State.DOWN: "bold red"}
_RIGHT = ("pid", "disk")
IN_USE = (
    "karb: karb processes that use these stores are running and start them again; "
    "stop those first, then type this once more"
)


def start(*, as_json: bool) -> ExitCode:
    """Start the stores and show them."""
    with fetching() as progress:
        found = services.start(progress)
    _show("karb.services.start/1", found, as_json=as_json)
    return verdict(found, wanted=State.RUNNING, failed=ExitCode.STORE_DOWN)


def stop(*, as_json: bool) -> ExitCode:
    """Stop karb's own stores and say which ran; FINDINGS when that will not last."""
    used = services.in_use()
    if used:
        note(IN_USE)
    found = services.stop()
    if as_json:
        document("karb.services.stop/1", {"in_use": used, "services": found})
    else:
        table(("store", "state"), [(each.store, _done(each)) for each in found])
        _tell(found)
    stopped = verdict(found, wanted=State.STOPPED, failed=ExitCode.STORE_DOWN)
    return ExitCode.FINDINGS if used and stopped is ExitCode.OK else stopped


def status(*, as_json: bool) -> ExitCode:
    """Show the stores and how to look inside."""
    found = services.status()
    _show("karb.services.status/1", found, as_json=as_json)
    if not as_json:
        _show_looks(found)
    return verdict(found, wanted=State.RUNNING, failed=ExitCode.FINDINGS)


def _show(schema: str, found: Sequence[Service], *, as_json: bool) -> None:
    if as_json:
        document(schema, {"services": found})
        return
    table(
        ("store", "state", "whose", "version", "pid", "disk", "where"),
        [_row(each) for each in found],
        right=_RIGHT,
        style=[_STYLES[each.state] for each in found],
    )
    _tell(found)


def _row(each: Service) -> tuple[str, ...]:
    return (
        each.store,
        each.done or each.state,
        "karb's" if each.own else "settings",
        each.version or "-",
        str(each.pid or "-"),
        _size(each.disk),
        each.where or "-",
    )


def _done(each: Service) -> str:
    if each.state is State.DOWN:
        return "does not stop"
    return each.done or "did not run"


def _size(count: int | None) -> str:
    return "-" if count is None else f"{count / 2**20:.1f} MB"


def _tell(found: Sequence[Service]) -> None:
    for trouble in troubles(found):
        note("karb: " + "; ".join(filter(None, msgspec.structs.astuple(trouble))))


def _show_looks(found: Sequence[Service]) -> None:
    """Whole lines, to be copied; no table would leave them so."""
    for each in found:
        if each.look:
            emit(f"\nlook into {each.store}:")
            for line in each.look:
                emit(f"  {line}")
