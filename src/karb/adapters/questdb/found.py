"""What a question to history finds: light, for whoever answers the same by other means."""

from typing import Any, NamedTuple


class Found(NamedTuple):
    """Rows under columns. Times are aware and UTC; prices and edges are cents, None unknown."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


LATEST = (
    "ticker",
    "yes_bid",
    "yes_ask",
    "no_bid",
    "no_ask",
    "last_price",
    "volume",
    "timestamp",
)
VOLUME = ("sport", "total_contracts", "trade_count")
SIGNALS = (
    "timestamp",
    "ticker",
    "action",
    "price",
    "max_price",
    "contracts",
    "edge_cents",
    "net_edge_cents",
    "consensus_prob",
    "fair_low",
    "confidence_score",
    "confidence_tier",
    "profile",
    "sport",
    "signal_id",
)
