"""Every key of a profile file reaches its own field, and no field is filled by a default."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from karb.config.profile_keys import KEYS
from karb.config.profiles import folder, load_profile
from karb.domain.edge.profile import Guard, InPlay, Profile
from karb.domain.fair.rules import Method
from karb.domain.market.leagues import Kind
from karb.domain.units import HOUR, SECOND
from karb.errors import ConfigError

MINUTE = 60 * SECOND

# Key, a value that STANDARD does not have, and what it changes: field and value.
CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    ("name", '"OTHER"', {"name": "OTHER"}),
    ("summary", '"Other"', {"summary": "Other"}),
    ("live_allowed", "false", {"live_allowed": False}),
    ("entry.min_edge_cents", "5.5", {"min_edge": 55_000}),
    ("entry.min_edge_agreeing_cents", "2.5", {"min_edge_agreeing": 25_000}),
    ("entry.agreeing_books", "5", {"agreeing_books": 5}),
    ("entry.agreeing_range_cents", "1.5", {"agreeing_range": 15_000}),
    ("entry.min_books", "4", {"min_books": 4}),
    ("entry.max_book_spread_cents", "3.5", {"max_book_spread": 35_000}),
    ("entry.max_kalshi_spread_cents", "9.5", {"max_kalshi_spread": 950}),
    ("entry.min_volume_contracts", "501", {"min_volume": 50_100}),
    ("entry.min_hours", "2.5", {"min_time": 5 * HOUR // 2}),
    ("entry.max_hours", "47", {"max_time": 47 * HOUR}),
    ("entry.min_price_cents", "26", {"min_price": 2_600}),
    ("entry.max_price_cents", "84", {"max_price": 8_400}),
    ("entry.markets", '["game", "champion"]', {"markets": frozenset(Kind)}),
    (
        "entry.champion_hours",
        "[12, 900]",
        {"champion_min_time": 12 * HOUR, "champion_max_time": 900 * HOUR},
    ),
    ("size.kelly_fraction", "0.2", {"kelly": 0.2}),
    ("confidence.high", "71", {"confidence.high": 71}),
    ("confidence.medium", "51", {"confidence.medium": 51}),
    ("confidence.low", "31", {"confidence.low": 31}),
    ("confidence.base", "49", {"confidence.base": 49}),
    ("confidence.books_agree", "21", {"confidence.books_agree": 21}),
    ("confidence.tight_books", "16", {"confidence.tight_books": 16}),
    ("confidence.tight_range_cents", "1.5", {"confidence.tight_range": 15_000}),
    ("confidence.high_volume", "11", {"confidence.high_volume": 11}),
    ("confidence.volume_contracts", "5001", {"confidence.volume": 500_100}),
    ("confidence.near_event", "12", {"confidence.near_event": 12}),
    ("confidence.near_hours", "23", {"confidence.near": 23 * HOUR}),
    ("confidence.extreme_price", "-11", {"confidence.extreme_price": -11}),
    ("confidence.extreme_low_cents", "11", {"confidence.extreme_low": 1_100}),
    ("confidence.extreme_high_cents", "89", {"confidence.extreme_high": 8_900}),
    ("confidence.two_books", "-16", {"confidence.two_books": -16}),
    ("fair.devig", '"shin"', {"fair.method": Method.SHIN}),
    ("fair.interval_k", "1.5", {"fair.k": 1.5}),
    ("fair.drift_cents_per_root_hour", "0.9", {"fair.drift": 0.009}),
    ("fair.outlier_cents", "4", {"fair.outlier": 0.04}),
    ("fair.sharp_weight", "3", {"fair.sharp_weight": 3.0}),
    *((f"guards.{guard}", "false", {"guards": frozenset(Guard) - {guard}}) for guard in Guard),
    ("guards.max_quote_age", '"3s"', {"max_quote_age": 3 * SECOND}),
    ("guards.too_good_cents", "14", {"too_good": 140_000}),
    ("orders.rest", '"2m"', {"rest": 2 * MINUTE}),
    ("exits.max_hold", '"6h"', {"max_hold": 6 * HOUR}),
    ("exits.in_play", '"flatten"', {"in_play": InPlay.FLATTEN}),
    ("exits.reentry_minutes", "16", {"reentry": 16 * MINUTE}),
]

NOT_IN_A_FILE = {
    "fair.max_age",
    "fair.books",
    "fair.min_feeds",
    "fair.min_odds",
    "fair.min_overround",
    "fair.max_overround",
    "fair.max_outright_overround",
    "fair.copies",
}
"""What decides whether a quote is one at all; no profile may loosen it."""


def fields(made: Profile) -> dict[str, Any]:
    """Every field and its value, those of the inner structs by `confidence.` and `fair.`."""
    flat = {name: getattr(made, name) for name in made.__struct_fields__}
    for outer in ("confidence", "fair"):
        inner = flat.pop(outer)
        flat |= {f"{outer}.{name}": getattr(inner, name) for name in inner.__struct_fields__}
    return flat


def own(tmp_path: Path, text: str) -> Profile:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_profile(str(path))


def heir(tmp_path: Path, key: str, value: str) -> Profile:
    section, _, name = key.rpartition(".")
    line = f"{name} = {value}\n"
    body = f"[{section}]\n{line}" if section else line
    return own(tmp_path, f'inherits = "STANDARD"\n{body}')


def test_every_key_is_tried_here() -> None:
    assert [key for key, _, _ in CHANGES] == list(KEYS)


@pytest.mark.parametrize(("key", "value", "expected"), CHANGES)
def test_a_key_changes_its_own_field_and_nothing_else(
    tmp_path: Path, key: str, value: str, expected: dict[str, Any]
) -> None:
    before, after = (
        fields(own(tmp_path, 'inherits = "STANDARD"\n')),
        fields(heir(tmp_path, key, value)),
    )
    assert {name: after[name] for name in after if after[name] != before[name]} == expected


def test_every_field_is_reached_by_a_key() -> None:
    """A field that no key reaches would silently keep the default of the code."""
    reached = {name for _, _, expected in CHANGES for name in expected}
    known = set(fields(load_profile("STANDARD")))
    assert known - reached == NOT_IN_A_FILE


@pytest.mark.parametrize("key", [key for key in KEYS if key != "name"])
def test_a_complete_file_without_one_of_its_keys_is_refused(tmp_path: Path, key: str) -> None:
    """`name` alone may be missing: it is then the file's own."""
    whole = (folder() / "standard.toml").read_text(encoding="utf-8")
    text = "\n".join(_without(key, whole.replace('"STANDARD"', '"COMPLETE"')))
    section, _, name = key.rpartition(".")
    with pytest.raises(ConfigError, match="1 keys are missing") as refused:
        own(tmp_path, text)
    assert (f"[{section}] {name}" if section else name) in str(refused.value)


def _without(key: str, text: str) -> Iterator[str]:
    """The lines of a profile but the one of this key."""
    wanted, _, name = key.rpartition(".")
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line[1 : line.index("]")]
        if section != wanted or line.partition("=")[0].strip() != name:
            yield line
