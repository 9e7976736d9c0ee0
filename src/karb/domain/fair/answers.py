"""What a consensus is, and what its absence is: the values that the next stages read."""

from enum import StrEnum

import msgspec

from karb.domain.fair.books import Dropped
from karb.domain.fair.rules import Method
from karb.domain.units import Nanos


class NoConsensusReason(StrEnum):
    """Why there is no fair price."""

    UNKNOWN_OUTCOME = "unknown_outcome"
    STARTED = "started"
    STRADDLES_START = "straddles_start"
    TOO_FEW_BOOKS = "too_few_books"


class BookFair(msgspec.Struct, frozen=True, kw_only=True):
    """One book that counts: its de-vigged `probability`, and until when its quote is fresh.

    `feed` is whose numbers it shows, `limit` how old they may become.
    """

    book: str
    feed: str
    probability: float
    weight: float
    updated: Nanos
    limit: Nanos


class Consensus(msgspec.Struct, frozen=True, kw_only=True):
    """The fair probability of one outcome, and how far to trust it.

    `low` and `high` span the de-vig methods and the books' disagreement; what the quotes'
    age takes is added by `interval`. `books` counts distinct feeds, `spread` is the highest
    less the lowest de-vigged book kept, `sd` their sample standard deviation. `oldest` is
    when the stalest of them was read; up to and including `expires` all are fresh. A method
    that has no answer for one of the books is absent from `by_method`.

    Under `Method.NONE` the `probability` is the plain mean of implied probabilities, margin
    included, and may lie above `high`: everything else here is de-vigged.
    """

    event_id: str
    outcome: str
    probability: float
    low: float
    high: float
    books: int
    spread: float
    sd: float
    oldest: Nanos
    expires: Nanos
    at: Nanos
    method: Method
    by_method: dict[Method, float]
    kept: tuple[BookFair, ...]
    dropped: tuple[Dropped, ...]


class NoConsensus(msgspec.Struct, frozen=True, kw_only=True):
    """Why one outcome has no fair price at this moment."""

    event_id: str
    outcome: str
    reason: NoConsensusReason
    detail: str
    dropped: tuple[Dropped, ...] = ()
