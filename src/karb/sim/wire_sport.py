"""The bodies of REST answers about games and teams, in the format of autumn 2026."""

import msgspec


class Milestone(msgspec.Struct, kw_only=True):
    """A game with its start, which no market has."""

    id: str
    category: str = "Sports"
    type: str
    title: str
    start_date: str
    end_date: str | None
    notification_message: str = ""
    primary_event_tickers: list[str]
    related_event_tickers: list[str]
    source_ids: dict[str, str] = {}
    details: dict[str, str]
    last_updated_ts: str


class LiveData(msgspec.Struct):
    """How a game stands."""

    type: str
    details: dict[str, str]
    milestone_id: str


class Target(msgspec.Struct):
    """A team; a market's `custom_strike` names it by its `id`."""

    id: str
    name: str
    type: str
    details: dict[str, str]
    last_updated_ts: str
    source_ids: dict[str, str] = {}


class Scopes(msgspec.Struct):
    """What a competition has events of: single games, the title."""

    scopes: list[str]


class Sport(msgspec.Struct):
    """A sport's competitions, and the scopes of all of them."""

    scopes: list[str]
    competitions: dict[str, Scopes]


class Sports(msgspec.Struct):
    """Every sport, and the order in which they are shown."""

    filters_by_sports: dict[str, Sport]
    sport_ordering: list[str]
