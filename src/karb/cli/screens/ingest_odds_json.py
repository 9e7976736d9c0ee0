"""A pass over the odds, and a plan, as JSON. Ages are seconds, times ISO 8601 in UTC."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from karb.cli.screens.detect_json import iso_time
from karb.domain.units import SECOND, Nanos

if TYPE_CHECKING:
    from karb.services.odds_report import PassReport, Season, SportReport
    from karb.tasks.credit_plan import Plan


def line(body: dict[str, Any]) -> str:
    """A pass on one line, with its schema, for a stream of them."""
    import msgspec

    return msgspec.json.encode({"schema": "karb.ingest-odds/1", **body}).decode()


def pass_body(report: "PassReport") -> dict[str, Any]:
    """The members of one pass, without its schema."""
    told = report.credits
    return {
        "busy": False,
        "at": iso_time(report.at),
        "sports": [_sport(sport) for sport in report.sports],
        "credits": told
        and {"remaining": told.remaining, "used": told.used, "this_pass": told.last},
        "every_s_that_lasts": _seconds(report.lasting),
        "gone": report.gone,
        "stores_down": list(report.stores),
    }


def busy_body() -> dict[str, Any]:
    """The same when another pass was at work, so that this one asked for nothing."""
    return {
        "busy": True,
        "at": None,
        "sports": [],
        "credits": None,
        "every_s_that_lasts": None,
        "gone": None,
        "stores_down": [],
    }


def _sport(sport: "SportReport") -> dict[str, Any]:
    return {
        **_season(sport.season),
        "sport": sport.sport,
        "state": "absent" if sport.absent else "failed" if sport.failed else "got",
        "failed": sport.failed or None,
        "events": sport.events,
        "priced": sport.priced,
        "oldest_s": _seconds(sport.oldest),
        "books": [
            {"book": book.book, "newest_s": _seconds(book.age), "late": book.late}
            for book in sport.books
        ],
    }


def plan_body(plan: "Plan", seasons: "Sequence[Season]") -> dict[str, Any]:
    """The members of a plan, without its schema."""
    return {
        "at": iso_time(plan.at),
        "until": iso_time(plan.until),
        "credits": {"remaining": plan.remaining, "used": plan.used},
        "in_season": [_season(season) for season in seasons],
        "cost_of_a_pass": plan.cost,
        "passes": plan.passes,
        "every_s": _seconds(plan.every),
        "tradable_minutes_a_day": round(plan.tradable / (60 * SECOND), 1),
    }


def _season(season: "Season") -> dict[str, Any]:
    return {"league": season.league, "kind": season.kind, "preseason": season.preseason}


def _seconds(span: Nanos | None) -> float | None:
    return None if span is None else round(span / SECOND, 3)
