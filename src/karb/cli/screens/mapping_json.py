"""Answers about markets for programs: documents, and lines of passes that go on.

Times are ISO 8601 in UTC.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from karb.cli.screens.detect_json import iso_time
from karb.domain.linking.links import Link, NoLink

if TYPE_CHECKING:
    from karb.wiring.mapping import Mapped

Answer = Link | NoLink


def plain(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """Answers as `karb map-events explain --json` has them."""
    return [_plain(answer) for answer in answers]


def _plain(answer: Answer) -> dict[str, Any]:
    body: dict[str, Any] = {
        "linked": isinstance(answer, Link),
        **msgspec.to_builtins(answer),
    }
    if isinstance(answer, Link):
        body["start"] = iso_time(answer.start)
    return body


def pass_body(found: "Mapped", links: Sequence[Link], unlinked: Sequence[NoLink]) -> dict[str, Any]:
    """A pass with every answer; `new` of them differ from what was recorded before."""
    return {
        "at": iso_time(found.at),
        "new": found.new,
        "links": plain(links),
        "unlinked": plain(unlinked),
    }


def pass_line(found: "Mapped", linked: int, changed: Sequence[Answer]) -> str:
    """A pass in one line: counts, and the answers that changed since the one before."""
    body = {
        "schema": "karb.map-events-pass/1",
        "at": iso_time(found.at),
        "new": found.new,
        "linked": linked,
        "unlinked": len(found.answers) - linked,
        "changed": plain(changed),
    }
    return msgspec.json.encode(body).decode()
