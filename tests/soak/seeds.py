"""Valid messages of every kind that karb decodes, to be damaged."""

import json
from typing import Any


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


TICKER = "KXNFLGAME-26SEP21NYGLAR-NYG"
_T = {"market_ticker": TICKER}
_MS = {"ts": 1_789_999_999, "ts_ms": 1_789_999_999_123}
_FILL = {
    **_T,
    **_MS,
    "trade_id": "t1",
    "order_id": "o1",
    "is_taker": True,
    "side": "yes",
    "action": "sell",
    "outcome_side": "no",
    "book_side": "ask",
    "yes_price_dollars": "0.7500",
    "count_fp": "278.00",
    "fee_cost": "0.010000",
}
_ORDER = {
    "order_id": "o1",
    "ticker": "T",
    "status": "resting",
    "outcome_side": "yes",
    "yes_price_dollars": "0.3500",
    "initial_count_fp": "10.00",
    "fill_count_fp": "0.00",
    "remaining_count_fp": "10.00",
    "taker_fees_dollars": "0.010000",
    "last_updated_ts_ms": 1_733_047_200_000,
}
FRAMES = tuple(
    _json({"type": kind, "sid": 2, "seq": 3, "msg": body})
    for kind, body in [
        (
            "ticker",
            {
                **_T,
                **_MS,
                "yes_bid_dollars": "0.4500",
                "yes_ask_dollars": "0.5300",
                "volume_fp": "33896.00",
                "yes_bid_size_fp": "300.00",
            },
        ),
        ("ticker", {**_T, "yes_bid": 6, "yes_ask": 7, "volume": 53, "ts": 1_768_235_835_959}),
        (
            "trade",
            {
                **_T,
                **_MS,
                "trade_id": "t1",
                "yes_price_dollars": "0.3600",
                "count_fp": "136.00",
                "taker_outcome_side": "no",
            },
        ),
        ("trade", {**_T, "ts": 1_768_235_835, "yes_price": 36, "count": 136, "taker_side": "no"}),
        (
            "orderbook_snapshot",
            {
                **_T,
                "yes_dollars_fp": [["0.0800", "300.00"], ["0.2200", "333.00"]],
                "no_dollars_fp": [["0.5400", "20.00"]],
            },
        ),
        ("orderbook_snapshot", {**_T, "yes": [[8, 300]], "yes_dollars": [["0.080", 300]]}),
        ("orderbook_snapshot", {**_T, "yes": [[8, 300], [9, 1]], "no": [[54, 20]]}),
        ("orderbook_delta", {**_T, "price_dollars": "0.9600", "delta_fp": "-54.00", "side": "yes"}),
        (
            "orderbook_delta",
            {**_T, "price": 96, "delta": 54, "side": "no", "ts": "2022-11-22T20:44:01Z"},
        ),
        (
            "market_lifecycle_v2",
            {**_T, "event_type": "determined", "result": "scalar", "settlement_value": "0.5000"},
        ),
        ("fill", _FILL),
        ("user_order", _ORDER),
        ("subscribed", {"channel": "ticker", "sid": 1}),
        ("ok", {"market_tickers": ["A", "B"]}),
        ("ok", [{"channel": "ticker", "sid": 1}]),
        ("error", {"code": 7, "msg": "Unknown subscription ID"}),
        ("event_lifecycle", {"event_ticker": "E"}),
    ]
)

BEFORE = _json(
    {
        "type": "orderbook_snapshot",
        "sid": 2,
        "seq": 2,
        "msg": {**_T, "yes_dollars_fp": [["0.9600", "54.00"]]},
    }
)
"""The book that stands before a damaged frame comes."""

_MARKET = {
    "ticker": "KXNHLGAME-26OCT12VGKMIN-VGK",
    "event_ticker": "KXNHLGAME-26OCT12VGKMIN",
    "title": "Vegas wins",
    "yes_sub_title": "Vegas",
    "status": "active",
    "custom_strike": {"hockey_team": "k1"},
    "yes_bid_dollars": "0.6100",
    "yes_ask_dollars": "0.6200",
    "last_price_dollars": "0.6100",
    "volume_fp": "12.50",
    "open_time": "2026-10-06T01:06:00Z",
    "price_ranges": [
        {"start": "0.0000", "end": "0.1000", "step": "0.0010"},
        {"start": "0.1000", "end": "1.0000", "step": "0.0100"},
    ],
    "result": "",
}
_OLD_MARKET = {
    "ticker": "KXNFLGAME-25DEC27BALGB-GB",
    "event_ticker": "KXNFLGAME-25DEC27BALGB",
    "yes_bid": 61,
    "yes_ask": 62,
    "last_price": 62,
    "volume": 16126,
    "price_level_structure": "linear_cent",
    "result": None,
    "settlement_value": None,
}
MARKETS = (_json(_MARKET), _json(_OLD_MARKET))
EVENTS = (
    _json(
        {
            "event_ticker": "KXNHLGAME-26OCT12VGKMIN",
            "title": "Vegas vs Minnesota",
            "fee_type_override": "quadratic",
            "fee_multiplier_override": 0.5,
            "markets": [_MARKET, _OLD_MARKET],
        }
    ),
)
SERIES = (_json({"ticker": "KXMLBGAME", "fee_type": "quadratic", "fee_multiplier": 1.5}),)
BOOKS = (
    _json({"orderbook_fp": {"yes_dollars": [["0.47", "3.00"]], "no_dollars": [["0.4", "3.00"]]}}),
    _json({"orderbook": {"yes": [[47, 3]], "no": None}}),
)
ODDS = (
    _json(
        [
            {
                "id": "e1",
                "sport_key": "americanfootball_nfl",
                "commence_time": "2026-01-11T18:00:00Z",
                "home_team": "Buffalo Bills",
                "away_team": "Miami Dolphins",
                "bookmakers": [
                    {
                        "key": "draftkings",
                        "last_update": "2026-01-11T17:00:00Z",
                        "markets": [
                            {
                                "key": "h2h",
                                "last_update": "2026-01-11T17:00:00Z",
                                "outcomes": [
                                    {"name": "Buffalo Bills", "price": 1.9},
                                    {"name": "Miami Dolphins", "price": 2.05},
                                ],
                            }
                        ],
                    }
                ],
            }
        ]
    ),
)
