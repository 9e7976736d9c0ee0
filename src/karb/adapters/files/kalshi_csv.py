"""A row of a CSV export as the market object it was made from.

Columns have the names of the exchange's fields. Whole cents and contracts are numbers
there, the price ranges are JSON, everything else is text; a column that karb does not read
may hold anything, and an empty field means not told.
"""

import re
from collections.abc import Collection, Mapping

import msgspec

from karb.adapters.files.kalshi_shapes import CAPTURE_KEYS, Part, What
from karb.adapters.files.opening import Value

_DOLLARS = ("yes_bid_dollars", "yes_ask_dollars", "last_price_dollars")
_WHOLE = ("yes_bid", "yes_ask", "last_price", "volume", "open_interest")
_TEXT = (
    "ticker",
    "event_ticker",
    "title",
    "yes_sub_title",
    "no_sub_title",
    "status",
    "open_time",
    "close_time",
    "expected_expiration_time",
    "rules_primary",
    "rules_secondary",
    "result",
    *_DOLLARS,
    "yes_bid_size_fp",
    "yes_ask_size_fp",
    "volume_fp",
    "open_interest_fp",
    "price_level_structure",
)
_RANGES = "price_ranges"
_INTEGER = re.compile(r"-?\d{1,15}", re.ASCII)
_WHOLE_CENTS = re.compile(r"\d+(?:\.\d{1,2}0*)?", re.ASCII)


def looks_like_markets(columns: Collection[str]) -> bool:
    """Whether a header has what every market needs: whose market, and of which event."""
    return {"ticker", "event_ticker"} <= set(columns)


def part_of_row(row: Mapping[str, str], line: int) -> Part:
    """The row as a market's JSON with its capture time.

    What cannot be a number, or JSON, stays text, for the decoder to refuse.
    """
    market: dict[str, object] = {name: row[name] for name in _TEXT if row.get(name)}
    for name in _WHOLE:
        if text := row.get(name, ""):
            market[name] = int(text) if _INTEGER.fullmatch(text) else text
    if text := row.get(_RANGES, ""):
        market[_RANGES] = _json(text)
    if not market.keys() & {"price_level_structure", _RANGES} and _is_in_whole_cents(row):
        # Whole cents are ticks of every grid the exchange has had.
        market["price_level_structure"] = "linear_cent"
    time = next((row[name] for name in CAPTURE_KEYS if row.get(name)), None)
    return Part(
        What.MARKET,
        Value(msgspec.json.encode(market), line),
        None if time is None else msgspec.json.encode(time),
    )


def _is_in_whole_cents(row: Mapping[str, str]) -> bool:
    """Whether no price of the row is finer; one that is no number is not known to be."""
    told = (row[name] for name in _DOLLARS if row.get(name))
    return all(_WHOLE_CENTS.fullmatch(price) for price in told)


def _json(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
