"""What linking answers: a link with its evidence, or the reason there is none."""

from enum import StrEnum

import msgspec

from karb.domain.market.leagues import Kind, League
from karb.domain.units import Nanos


class Unlinked(StrEnum):
    """Why a market belongs to no odds event. Every unmapped market has one of these."""

    UNSUPPORTED_SERIES = "unsupported_series"
    UNREADABLE_TICKER = "unreadable_ticker"
    UNKNOWN_TEAM = "unknown_team"
    AMBIGUOUS_TEAM = "ambiguous_team"
    UNKNOWN_OPPONENT = "unknown_opponent"
    TEAM_CONFLICT = "team_conflict"
    SAME_TEAM_TWICE = "same_team_twice"
    NO_ODDS_FOR_LEAGUE = "no_odds_for_league"
    NO_SUCH_FIXTURE = "no_such_fixture"
    OTHER_DATE = "other_date"
    OTHER_TIME = "other_time"
    TWO_CANDIDATES = "two_candidates"
    DOUBLEHEADER = "doubleheader"
    NO_OUTRIGHT = "no_outright"
    NOT_IN_FIELD = "not_in_field"
    REJECTED = "rejected"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One market and the odds outcome it pays on.

    `outcome` is the odds source's name of the team YES pays on, `opponent` the other's
    (empty for a championship). `team` is the slug of the alias table, empty where a person
    made the link. `start` is the odds source's; `moved` means that the market fits an earlier
    start of the event only: the game was rescheduled, and nothing should be traded on it
    unseen. `evidence` are short facts in the order they were established, for a person to
    check.
    """

    ticker: str
    event_ticker: str
    league: League
    kind: Kind
    odds_event_id: str
    outcome: str
    opponent: str
    team: str
    start: Nanos
    moved: bool = False
    evidence: tuple[str, ...] = ()


class NoLink(msgspec.Struct, frozen=True, kw_only=True):
    """A market without a link: the reason, and the detail that lets a person mend it.

    `unknown` is the name or code that no table has, where that is the reason.
    `proposals` are the nearest known names, best first, for a person to accept; they
    never link anything by themselves.
    """

    ticker: str
    event_ticker: str
    league: League | None
    reason: Unlinked
    detail: str
    unknown: str = ""
    proposals: tuple[str, ...] = ()
