"""Every key a profile file may have, and how its value becomes an exact integer.

The unit of a number stands in its key's name, so a reader of the file needs no manual. A
reader function takes what the TOML parser gave and raises `UnfitError` with half a sentence
("is above 100") that the loader completes with file and key.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from karb.config.durations import parse_duration
from karb.config.toml_files import Digits, nearest
from karb.domain.edge.profile import Guard, InPlay
from karb.domain.fair.rules import Method
from karb.domain.market.leagues import Kind
from karb.domain.units import CASH_PER_CENT, CENT, CONTRACT, HOUR, SECOND, parse_cash
from karb.errors import KarbError

Read = Callable[[Any], Any]
_MILLION = 1_000_000
_LEAST_CENTS = 100_000
"""A tenth of a cent, the exchange's finest tick, in millionths of a cent."""


class UnfitError(Exception):
    """A value that a key cannot have; its text completes "min_books = 1 ..."."""


class Key(NamedTuple):
    """How one key is read, and the unit that is shown behind its value."""

    read: Read
    unit: str = ""


def _digits(raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, int | Digits):
        raise UnfitError("is not a number")
    return str(raw).replace("_", "")


def _millionths(raw: object) -> int:
    try:
        return parse_cash(_digits(raw))
    except KarbError:
        raise UnfitError("is not a plain number of at most six decimals") from None


def _within(raw: object, low: int, high: int) -> int:
    value = _millionths(raw)
    if value < low * _MILLION:
        raise UnfitError(f"is below {low}")
    if value > high * _MILLION:
        raise UnfitError(f"is above {high}")
    return value


def scaled(unit: int, low: int, high: int) -> Read:
    """A number from `low` to `high`, as an integer of `unit` to one; never rounded."""

    def read(raw: object) -> int:
        value, lost = divmod(_within(raw, low, high) * unit, _MILLION)
        if lost:
            raise UnfitError(f"is finer than 1/{unit:,}")
        return value

    return read


def real(low: int, high: int, parts: int = 1) -> Read:
    """A number from `low` to `high` that is no money, as a float; divided by `parts`."""

    def read(raw: object) -> float:
        return _within(raw, low, high) / (_MILLION * parts)

    return read


def in_cents(read: Read) -> Read:
    """A reader that takes 0.04 for 4 cents written in dollars, and says so."""

    def checked(raw: object) -> Any:
        if 0 < (value := _millionths(raw)) < _LEAST_CENTS:
            raise UnfitError(
                f"is {value / _MILLION:g} of a cent; the unit is cents: "
                f"write {value / 10_000:g} for {value / 10_000:g} cents"
            )
        return read(raw)

    return checked


def hour_range(raw: object) -> tuple[int, int]:
    """Two hours, the first below the second."""
    if not isinstance(raw, list) or len(raw) != 2:
        raise UnfitError("is not two numbers such as [0, 6000]")
    low, high = (scaled(HOUR, 0, 100_000)(hours) for hours in raw)
    if low >= high:
        raise UnfitError("does not rise from left to right")
    return low, high


def text(raw: object) -> str:
    """A short line of text."""
    if not isinstance(raw, str) or isinstance(raw, Digits):
        raise UnfitError("is not text in quotes")
    if not 0 < len(raw) <= 200 or not raw.isprintable():
        raise UnfitError("is not one line of 1 to 200 characters")
    return raw


def switch(raw: object) -> bool:
    """True or false."""
    if not isinstance(raw, bool):
        raise UnfitError("is not true or false")
    return raw


def duration(raw: object) -> int:
    """A duration such as `2s`, in nanoseconds."""
    try:
        return parse_duration(text(raw))
    except KarbError:
        raise UnfitError("is not a duration such as 500ms, 2s, 15m or 6h") from None


def hold(raw: object) -> int | None:
    """A duration, or `none`."""
    return None if raw == "none" else duration(raw)


def one_of(kind: type[StrEnum]) -> Read:
    """One of an enum's words."""

    def read(raw: object) -> StrEnum:
        if raw in set(kind) and isinstance(raw, str):
            return kind(raw)
        hint = nearest(raw, kind) if isinstance(raw, str) else ""
        raise UnfitError(f"is none of {', '.join(kind)}" + (f"; {hint}" if hint else ""))

    return read


def kinds(raw: object) -> frozenset[Kind]:
    """A list of market kinds, not empty."""
    if not isinstance(raw, list) or not raw:
        raise UnfitError('is not a list such as ["game"]')
    return frozenset(one_of(Kind)(item) for item in raw)


_cents = Key(in_cents(scaled(CASH_PER_CENT, 0, 100)), "c")
_price = Key(in_cents(scaled(CENT, 0, 100)), "c")
_hours = Key(scaled(HOUR, 0, 100_000), "h")
_volume = Key(scaled(CONTRACT, 0, 1_000_000_000), "contracts")
_books = Key(scaled(1, 2, 10), "books")
_score = Key(scaled(1, 0, 100), "points")
_points = Key(scaled(1, -100, 100), "points")

KEYS: dict[str, Key] = {
    "name": Key(text),
    "summary": Key(text),
    "live_allowed": Key(switch),
    "entry.min_edge_cents": _cents,
    "entry.min_edge_agreeing_cents": _cents,
    "entry.agreeing_books": _books,
    "entry.agreeing_range_cents": _cents,
    "entry.min_books": _books,
    "entry.max_book_spread_cents": _cents,
    "entry.max_kalshi_spread_cents": _price,
    "entry.min_volume_contracts": _volume,
    "entry.min_hours": _hours,
    "entry.max_hours": _hours,
    "entry.min_price_cents": _price,
    "entry.max_price_cents": _price,
    "entry.markets": Key(kinds),
    "entry.champion_hours": Key(hour_range, "h"),
    "size.kelly_fraction": Key(real(0, 1), "of Kelly"),
    "confidence.high": _score,
    "confidence.medium": _score,
    "confidence.low": _score,
    "confidence.base": _score,
    "confidence.books_agree": _points,
    "confidence.tight_books": _points,
    "confidence.tight_range_cents": _cents,
    "confidence.high_volume": _points,
    "confidence.volume_contracts": _volume,
    "confidence.near_event": _points,
    "confidence.near_hours": _hours,
    "confidence.extreme_price": _points,
    "confidence.extreme_low_cents": _price,
    "confidence.extreme_high_cents": _price,
    "confidence.two_books": _points,
    "fair.devig": Key(one_of(Method)),
    "fair.interval_k": Key(real(0, 10), "standard errors"),
    "fair.drift_cents_per_root_hour": Key(real(0, 100, 100), "c per root hour"),
    "fair.outlier_cents": Key(in_cents(real(0, 100, 100)), "c"),
    "fair.sharp_weight": Key(real(0, 100), "books"),
    **{f"guards.{guard}": Key(switch) for guard in Guard},
    "guards.max_quote_age": Key(duration),
    "guards.too_good_cents": _cents,
    "orders.rest": Key(duration),
    "exits.max_hold": Key(hold),
    "exits.in_play": Key(one_of(InPlay)),
    "exits.reentry_minutes": Key(scaled(60 * SECOND, 0, 100_000), "minutes"),
}
"""Key, as `section.name`, in the order in which a profile is shown."""

SECTIONS = tuple(dict.fromkeys(key.partition(".")[0] for key in KEYS if "." in key))
