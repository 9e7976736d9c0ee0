"""Reads the dated fee schedule that ships with karb into a domain value."""

import tomllib
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

from karb.domain.edge.fees import Dated, FeeSchedule, multiplier_of
from karb.domain.units import SECOND, Cash, Nanos, parse_cash


def load_fee_schedule() -> FeeSchedule:
    """The schedule of `data/fees/kalshi.toml`."""
    # Decimals stay strings until an exact reader takes them: no float becomes money.
    text = files("karb").joinpath("data/fees/kalshi.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text, parse_float=str)
    return FeeSchedule(
        rates={
            name: (multiplier_of(str(rate["taker"])), multiplier_of(str(rate["maker"])))
            for name, rate in raw["rates"].items()
        },
        precisions=tuple(
            sorted((_start(entry["since"]), _cash(entry["dollars"])) for entry in raw["precision"])
        ),
        series={name: _dated(entries) for name, entries in raw["series"].items()},
    )


def _dated(entries: list[dict[str, Any]]) -> tuple[Dated, ...]:
    dated = [
        Dated(_start(entry["since"]), entry["type"], multiplier_of(str(entry["multiplier"])))
        for entry in entries
    ]
    return tuple(sorted(dated, key=lambda entry: entry.since))


def _start(day: date) -> Nanos:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND


def _cash(dollars: str) -> Cash:
    return parse_cash(dollars)
