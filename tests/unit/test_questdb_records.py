"""What was recorded, as bytes and back: whole or not at all, and another version's is kept."""

from itertools import chain

import pytest

from karb.adapters.questdb.records import CANNOT_BE, MAGIC, Records, encode, sliced
from karb.adapters.questdb.rows import Entry, Priced, Ticked
from karb.domain.market.messages import Side, Trade
from offers import odds_event, offered
from situations import LISTING, NOW, judge, profile, quote, situation
from spooled import part, record

TICK = Ticked(quote(), 4_800)
TRADE = Trade(LISTING.ticker, "t1", 4_801, 25, Side.YES, NOW - 1, NOW)
SIGNAL = judge(situation(), profile())
ODDS = Priced(odds_event(), offered(), NOW)
ALL: list[Entry] = [ODDS, SIGNAL, TICK, TRADE, TICK]


def test_everything_that_is_recorded_comes_back_as_it_was() -> None:
    (back,) = Records(MAGIC + encode(sliced(7, ALL)), begins=True)
    assert list(back.entries()) == [TICK, TICK, TRADE, SIGNAL, ODDS]
    assert back == sliced(7, ALL)


def test_the_rows_of_a_slice_are_numbered_and_are_the_same_ones_each_time() -> None:
    part = sliced(7, ALL)
    made = list(part.rows())
    assert [row.seq for _, row in made] == list(range(7, 7 + part.row_count()))
    assert [table.name for table, _ in made] == [
        "kalshi_ticks",
        "kalshi_ticks",
        "kalshi_trades",
        "arb_opportunities",
        *["sportsbook_odds"] * 8,
    ]
    (back,) = Records(encode(part), begins=False)
    assert list(back.rows()) == made


def test_a_piece_from_the_middle_of_a_file_has_no_head() -> None:
    records = Records(record(1) + record(2), begins=False)
    assert list(records) == [part(1), part(2)]
    assert (records.torn, records.foreign) == (0, 0)


@pytest.mark.parametrize("kept", range(len(record(size=1))))
def test_a_record_that_was_not_finished_is_cut_off_and_the_others_are_whole(kept: int) -> None:
    records = Records(MAGIC + record(1) + record(2, size=1)[:kept], begins=True)
    assert list(records) == [part(1)]
    assert (records.torn, records.foreign) == (kept, 0)


@pytest.mark.parametrize("place", [0, 4, 9, -1])
def test_reading_ends_at_a_damaged_record(place: int) -> None:
    damaged = bytearray(record(2))
    damaged[place] ^= 0x40
    records = Records(MAGIC + record(1) + bytes(damaged) + record(3), begins=True)
    assert list(records) == [part(1)]
    assert records.torn == len(damaged) + len(record(3))


@pytest.mark.parametrize("data", [b"", b"KARB", b"something else entirely", bytes(64)])
def test_what_is_no_file_of_records_is_torn(data: bytes) -> None:
    records = Records(data, begins=True)
    assert list(records) == []
    assert (records.torn, records.foreign) == (len(data), 0)


def test_a_file_of_another_version_is_foreign_as_a_whole() -> None:
    data = MAGIC.replace(b"2", b"9") + record(1)
    records = Records(data, begins=True)
    assert list(records) == []
    assert (records.torn, records.foreign) == (0, len(data))


def test_a_record_of_another_version_is_passed_over_and_told() -> None:
    strange = _whole(b"\x93\x01\x02\x03")
    records = Records(MAGIC + record(1) + strange + record(3), begins=True)
    assert list(chain(records)) == [part(1), part(3)]
    assert (records.torn, records.foreign) == (0, len(strange))


def _whole(body: bytes) -> bytes:
    import zlib
    from struct import pack

    return pack("<II", len(body), zlib.crc32(body)) + body


@pytest.mark.parametrize(
    "entry", [Ticked(quote(ticker="\ud800"), None), Ticked(quote(), 2**70)], ids=["text", "number"]
)
def test_what_no_file_can_hold_is_refused_by_encoding(entry: Ticked) -> None:
    with pytest.raises(CANNOT_BE):
        encode(sliced(1, [entry]))
