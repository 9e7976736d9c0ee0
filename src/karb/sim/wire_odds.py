"""The Odds API's answers, field for field."""

import msgspec


class Sport(msgspec.Struct, kw_only=True):
    """A sport in season."""

    key: str
    group: str
    title: str
    description: str
    active: bool
    has_outrights: bool


class Outcome(msgspec.Struct):
    """A name and its price: decimal, or American and whole."""

    name: str
    price: float | int


class OddsMarket(msgspec.Struct):
    """One book's prices of one kind, outcomes sorted by name."""

    key: str
    last_update: str | int
    outcomes: list[Outcome]


class Bookmaker(msgspec.Struct):
    """One book."""

    key: str
    title: str
    last_update: str | int
    markets: list[OddsMarket]


class Event(msgspec.Struct):
    """A game, or a title without teams."""

    id: str
    sport_key: str
    sport_title: str
    commence_time: str | int
    home_team: str | None
    away_team: str | None
    bookmakers: list[Bookmaker]
