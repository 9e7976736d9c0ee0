"""How settings look: `karb config show`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from karb.cli.output import document, note, table

if TYPE_CHECKING:
    from karb.config.show import Row


def show_settings(
    rows: Sequence["Row"], doubts: Sequence[str], *, origin: bool, as_json: bool
) -> None:
    """Print every setting, secrets hidden; with `origin`, where each value was found."""
    if as_json:
        import msgspec

        document("karb.config/1", {"settings": msgspec.to_builtins(rows), "doubts": doubts})
        return
    if origin:
        table(
            ("setting", "value", "from", "what it is"),
            [(row.name, row.value or "-", row.place or row.source, row.note) for row in rows],
        )
    else:
        table(
            ("setting", "value", "what it is"),
            [(row.name, row.value or "-", row.note) for row in rows],
        )
    for doubt in doubts:
        note(f"note: {doubt}")
