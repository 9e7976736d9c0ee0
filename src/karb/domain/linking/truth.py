"""What a person says is right, to measure linking against."""

import msgspec

MATCH = "match"
"""The kind of row that is scored; rows of another kind take their event out of the count."""


class TruthRow(msgspec.Struct, frozen=True):
    """The right odds event for one exchange event; None means that it must stay unlinked."""

    event_ticker: str
    odds_event_id: str | None
    league: str
    kind: str = MATCH
