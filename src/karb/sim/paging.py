"""Numbers, flags, pages and cursors of a query, checked as the exchange checks them."""

import base64
import binascii
from collections.abc import Mapping, Sequence

from karb.sim.catalog import Row
from karb.sim.refusals import NOT_FOUND, Refusal, bad_request

Query = Mapping[str, str]


class RefusedError(Exception):
    """A request that is answered with a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal.body))
        self.refusal = refusal


def whole(query: Query, name: str, default: int | None, *, least: int, most: int) -> int:
    """A whole number of the query, within its bounds; it must be there without a default."""
    text = query.get(name, "")
    if not text and default is not None:
        return default
    if not text.isascii() or not text.removeprefix("-").isdigit():
        raise RefusedError(bad_request(f'{name}: strconv.ParseInt: parsing "{text}"'))
    value = int(text)
    if not least <= value <= most:
        raise RefusedError(bad_request(f"{name} must be between {least} and {most}"))
    return value


def flag(query: Query, name: str) -> bool:
    """A truth value of the query; absent is false."""
    text = query.get(name, "false")
    if text not in ("true", "false"):
        raise RefusedError(bad_request(f"{name} must be true or false"))
    return text == "true"


def page(rows: Sequence[Row], query: Query, *, default: int, most: int) -> tuple[list[Row], str]:
    """One page and the cursor of the next, empty on the last.

    A cursor that is none is ignored, as on the real exchange; whoever follows it begins again.
    """
    limit = whole(query, "limit", default, least=1, most=most)
    after = _key(query.get("cursor", ""))
    keys = [row.key for row in rows]
    begin = keys.index(after) + 1 if after in keys else 0
    shown = list(rows[begin : begin + limit])
    more = begin + limit < len(rows)
    return shown, _cursor(shown[-1].key) if more and shown else ""


def listed(
    name: str, rows: Sequence[Row], query: Query, *, default: int, most: int
) -> dict[str, object]:
    """One page under the list's name, with the next one's cursor."""
    shown, cursor = page(rows, query, default=default, most=most)
    return {name: [row.body for row in shown], "cursor": cursor}


def one(rows: Sequence[Row], key: str) -> object:
    """The answer of the row with this name."""
    for row in rows:
        if row.key == key:
            return row.body
    raise RefusedError(NOT_FOUND)


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _key(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""
