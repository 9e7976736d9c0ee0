"""The specification's keys and values in Redis, and the fast way of packing them."""

from itertools import product

import hiredis
import pytest

from karb.adapters.redis.keys import (
    cents,
    cents_of,
    consensus_key,
    contracts,
    market_fields,
    market_key,
    milliseconds,
    odds_key,
    slug,
)
from karb.adapters.redis.market_pack import MarketPack
from karb.domain.market.leagues import League
from situations import NOW, quote


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Buffalo Bills", "buffalo_bills"),
        ("San José State", "san_jose_state"),
        ("Montréal Canadiens", "montreal_canadiens"),
        ("Hawai'i", "hawai_i"),
        ("St. John's (NY)", "st_john_s_ny"),
        ("Texas A&M", "texas_a_m"),
        ("76ers", "76ers"),
        ("  A -- B  ", "a_b"),
    ],
)
def test_a_slug_is_lower_snake_case_without_accents(name: str, wanted: str) -> None:
    assert slug(name) == wanted


def test_keys_are_the_specifications() -> None:
    assert consensus_key("abc123", "Buffalo Bills") == "odds:consensus:abc123:buffalo_bills"
    assert odds_key(League.NFL, "abc123", "Buffalo Bills") == "odds:nfl:abc123:buffalo_bills"
    assert market_key("KXNFL-26JAN11-BUF") == "kalshi:m:KXNFL-26JAN11-BUF"


@pytest.mark.parametrize(
    ("price", "wanted"),
    [(4_800, "48"), (4_850, "48.5"), (4_825, "48.25"), (1, "0.01"), (0, "0"), (10_000, "100")],
)
def test_cents_are_decimal_without_zeros_that_say_nothing(price: int, wanted: str) -> None:
    assert cents(price) == wanted


def test_a_probability_is_rounded_to_a_hundredth_of_a_cent() -> None:
    assert [cents_of(p) for p in (0.55, 0.553_4, 1 / 3, 0.0, 1.0)] == [
        "55",
        "55.34",
        "33.33",
        "0",
        "100",
    ]


def test_counts_and_times() -> None:
    assert [contracts(n) for n in (0, 100, 2_550, 123_456_700, 1)] == [
        "0",
        "1",
        "25.5",
        "1234567",
        "0.01",
    ]
    assert milliseconds(1_768_235_838_794_999_999) == "1768235838794"


def _commands(data: bytes) -> list[list[bytes]]:
    reader = hiredis.Reader()
    reader.feed(data)
    commands = []
    while (command := reader.gets()) is not False:
        commands.append(command)
    return commands


PRICES = (None, 0, 1, 4_850, 10_000)


def test_packed_prices_are_the_fields_of_the_market() -> None:
    """Whatever is there and whatever is missing, both ways of packing say the same."""
    pack = MarketPack("KX-É")
    for bid, ask, last, volume, at in product(
        PRICES, PRICES, (None, 4_825), (None, 0, 123_456_750), (None, NOW)
    ):
        one = quote(bid, ask, ticker="KX-É", volume=volume, ts_event=at, ts_recv=NOW + 1)
        parts: list[bytes] = []
        count = pack.add(parts, one, last)
        commands = _commands(b"".join(parts))
        fields = market_fields(one, last)
        present = {n.encode(): v.encode() for n, v in fields.items() if v is not None}
        absent = {n.encode() for n, v in fields.items() if v is None}
        key = "kalshi:m:KX-É".encode()
        (hset,) = (c for c in commands if c[0] == b"HSET")
        assert hset[1] == key
        assert dict(zip(hset[2::2], hset[3::2], strict=True)) == present
        assert {name for c in commands if c[0] == b"HDEL" for name in c[2:]} == absent
        assert commands[-1] == [b"EXPIRE", key, b"3600"]
        assert len(commands) == count
