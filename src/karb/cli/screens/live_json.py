"""The status of a running karb as JSON. Times are ISO 8601 in UTC, other units in the names."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from karb.cli.screens.detect_json import iso_time
from karb.domain.units import MILLISECOND

if TYPE_CHECKING:
    from karb.services.latency import Latency
    from karb.services.status import Feed, Odds, Status, Store


def status_body(status: "Status", unread: int) -> dict[str, Any]:
    """The status without the looks at edges, which are for people; `unread` lines were lost."""
    return {
        "at": iso_time(status.at),
        "profile": status.profile,
        "mode": status.mode,
        "feed": None if status.feed is None else feed_body(status.feed),
        "odds": None if status.odds is None else _odds(status.odds),
        "stores": stores_body(status.stores),
        "funnel": dict(status.funnel),
        "refused": dict(status.refused),
        "signals": status.sent,
        "history": None,
        "lost": lost_body(status.lost, unread),
        "problems": list(status.problems),
    }


def feed_body(feed: "Feed") -> dict[str, Any]:
    """The connection to the exchange."""
    return {
        "connected": feed.connected,
        "markets": feed.markets,
        "live": feed.live,
        "messages": feed.messages,
        "messages_per_s": round(feed.rate, 1),
        "latency_us": None if feed.latency is None else _latency(feed.latency),
        "gaps": feed.gaps,
        "reconnects": feed.reconnects,
        "unreadable": feed.unreadable,
        "quiet_ms": None if feed.quiet is None else feed.quiet / MILLISECOND,
    }


def stores_body(stores: "Sequence[Store]") -> list[dict[str, Any]]:
    """The stores; `up` is null while one starts."""
    return [{"name": store.name, "up": store.up, "detail": store.detail} for store in stores]


def lost_body(lost: Mapping[str, int], unread: int) -> dict[str, int]:
    """What nobody will see."""
    return {**lost, "lines not read in time": unread}


def _latency(latency: "Latency") -> dict[str, float]:
    return {
        "count": latency.count,
        "average": latency.average / 1e3,
        "p50": latency.p50 / 1e3,
        "p95": latency.p95 / 1e3,
        "min": latency.least / 1e3,
        "max": latency.most / 1e3,
    }


def _odds(odds: "Odds") -> dict[str, Any]:
    return {
        "at": iso_time(odds.at),
        "events": odds.events,
        "priced": odds.priced,
        "credits_left": odds.credits_left,
    }
